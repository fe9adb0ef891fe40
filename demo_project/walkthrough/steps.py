"""The eleven steps of the flow, and then a role that is removed and restored."""

from typing import IO, Any

from django.core.management.base import OutputWrapper

from demo_project.seed.document import Document
from demo_project.walkthrough.browser import Browser, Visit
from demo_project.walkthrough.client import REDIRECT_URI, Client
from demo_project.walkthrough.expectations import change_link, described, expect, expect_consent_page, shortened

NAME = "Walkthrough"
USER = "specialist"
SCOPES = ("account:read", "request:read", "request:create", "person:read", "person:update")
MINUTE = 60
HOUR = 60 * MINUTE
TWO_WEEKS = 14 * 24 * HOUR

Tokens = dict[str, Any]


class Walkthrough:
    """Runs the steps with an administrator's browser, a user's browser and a third-party application."""

    def __init__(self, document: Document, output: IO[str] | OutputWrapper) -> None:
        self.step = "1"
        self._exchanges: list[str] = []
        self._document = document
        self._output = output
        self._admin = Browser(document["base_url"])
        self._user = Browser(document["base_url"])
        self._client: Client

    def walk(self) -> None:
        """Run every step, and print one line for each."""
        added = self.register()
        self.copy_the_credentials(added)
        login = self.click_the_link()
        prompt = self.ask_a_user_who_logs_in(login)
        allowed = self.deny_then_allow(prompt)
        code = self.come_back_with_a_code(allowed)
        tokens = self.exchange(code)
        self.refresh(tokens)
        self.call_the_api()
        self.look_at_access_and_security()
        self.revoke()
        self.lose_a_role()
        self.get_the_role_back()
        self._begin("")

    def register(self) -> Visit:
        """Step 1: the administrator registers an application and the scopes of its access."""
        add = f"{self._endpoint('admin')}fourme_oauth/application/add/"
        visit = self._admin.log_in(self._admin.get(add), **self._login("admin"))
        form = visit.page.form_with_field("authorization_grant_type")
        form.fill("name", NAME)
        form.fill("redirect_uris", REDIRECT_URI)
        form.fill("client_type", "confidential")
        form.fill("authorization_grant_type", "authorization-code")
        form.choose("scopes", *SCOPES)
        added = self._admin.submit(visit, form)
        expect(added.status == 200, f"The registration returned {added.status}.")
        self._note(
            f"POST {add} name={NAME}, redirect_uris={REDIRECT_URI}, scopes={' '.join(SCOPES)}", "200, registered"
        )
        return added

    def copy_the_credentials(self, added: Visit) -> None:
        """Step 2: the client secret is shown on this page only."""
        self._begin("2")
        client_id, client_secret = added.page.text("client-id"), added.page.text("client-secret")
        self._client = Client(self._document["base_url"], client_id=client_id, client_secret=client_secret)
        listed = self._admin.get(f"{self._endpoint('admin')}fourme_oauth/application/?q={NAME}")
        record = self._admin.get(change_link(listed))
        expect(record.status == 200, f"The application's page returned {record.status}.")
        expect(client_secret not in record.html, "The client secret is shown a second time.")
        received = f"client ID {client_id}, client secret {shortened(client_secret)}; it is not shown again"
        self._note("the page after registration, then the application's page", received)

    def click_the_link(self) -> Visit:
        """Step 3: the authorization URL redirects an anonymous user to the login page."""
        self._begin("3")
        login = self._user.get(self._client.link())
        expect(
            self._endpoint("login") in login.url, f"The authorization URL led to {login.url} instead of the login page."
        )
        self._note(f"GET {self._endpoint('authorize')} with the client ID and the redirect URI", "the login page")
        return login

    def ask_a_user_who_logs_in(self, login: Visit) -> Visit:
        """Step 4: after the login, without an authorization, the service shows the consent page."""
        self._begin("4")
        prompt = self._user.log_in(login, **self._login(USER))
        expect_consent_page(prompt)
        self._note(f"POST {self._endpoint('login')} username={USER}", "no authorization yet: the consent page")
        return prompt

    def deny_then_allow(self, prompt: Visit) -> Visit:
        """Step 5: Deny redirects with `access_denied` and stores nothing; Allow stores an authorization."""
        self._begin("5")
        denied = self._user.submit(prompt, prompt.page.form_with_button("Deny"), button="Deny")
        answer = self._client.authorization_response(denied.elsewhere)
        expect(answer.get("error") == "access_denied" and "code" not in answer, f"Deny returned {answer}.")
        self._note("Deny", f"{denied.status} to the application, error={answer['error']}")
        allowed = self._allow()
        expect(allowed.status in {302, 303}, f"Allow returned {allowed.status}.")
        self._note("the same URL again: the consent page again, Allow", f"{allowed.status} to the application")
        return allowed

    def come_back_with_a_code(self, allowed: Visit) -> str:
        """Step 6: the redirect has a code; the next time there is no consent page."""
        self._begin("6")
        code = self._client.authorization_response(allowed.elsewhere)["code"]
        self._note("that redirect", f"{REDIRECT_URI} with code={shortened(code)} and the application's state")
        remembered = self._user.get(self._client.link())
        code = self._client.authorization_response(remembered.elsewhere)["code"]
        self._note("the same URL again, authorized before", f"no consent page, at once code={shortened(code)}")
        return code

    def exchange(self, code: str) -> Tokens:
        """Step 7: exchange the code for tokens."""
        self._begin("7")
        tokens = self._client.exchange(code)
        expect(tokens["expires_in"] == HOUR, f"The access token is valid for {tokens['expires_in']} seconds.")
        sent = f"POST {self._endpoint('token')} client ID, client secret, code={shortened(code)}, redirect URI"
        received = f"200, {described(tokens)}"
        self._note(sent, received)
        return tokens

    def refresh(self, tokens: Tokens) -> None:
        """Step 8: exchange the refresh token for a new access token and a new refresh token."""
        self._begin("8")
        fresh = self._client.refresh()
        for name in ("access_token", "refresh_token"):
            expect(fresh[name] != tokens[name], f"Refreshing gave the same {name}.")
        valid = self._client.seconds_left(fresh["refresh_token"])
        expect(abs(valid - TWO_WEEKS) < MINUTE, f"The refresh token is valid for {valid} seconds.")
        sent = f"POST {self._endpoint('token')} refresh_token={shortened(tokens['refresh_token'])}"
        self._note(sent, f"200, both new: {described(fresh)} for two weeks")

    def call_the_api(self) -> None:
        """Step 9: calls are limited to the scopes that the user's roles permit and the administrator allows."""
        self._begin("9")
        self._call("GET", self._endpoint("api_requests"), expected=200, because="request:read is in effect")
        created = self._call(
            "POST", self._endpoint("api_requests"), expected=201, because="request:create is in effect", subject="Hello"
        )
        request_url = f"{self._endpoint('api_requests')}{created['id']}/"
        because = "the role permits request:update, but no administrator allows it to the application"
        self._call("PATCH", request_url, expected=403, because=because, status="completed")
        because = "an administrator allows person:update to the application, but the role does not permit it"
        people = self._endpoint("api_people")
        person_id = self._client.call("GET", people).json()["results"][0]["id"]
        self._call("PATCH", f"{people}{person_id}/", expected=403, because=because, name="Nobody")
        self._expect_verdicts(
            {"request:read": "in_effect", "request:update": "not_allowed", "person:update": "not_permitted"}
        )

    def look_at_access_and_security(self) -> None:
        """Step 10: My Profile links to Access & Security, which lists the application."""
        self._begin("10")
        section = self._endpoint("access_and_security")
        expect(section in self._user.get("/profile/").page.links, "My Profile does not link to Access & Security.")
        visit = self._user.get(section)
        visit.page.form_with_button(f"Revoke {NAME}")
        self._note(f"GET /profile/, then its link {section}", f"{visit.status}, the page lists {NAME}")

    def revoke(self) -> None:
        """Step 11: after the user revokes the access, the tokens stop working at once."""
        self._begin("11")
        self._call("GET", self._endpoint("api_me"), expected=200, because="before the revocation")
        visit = self._user.get(self._endpoint("access_and_security"))
        form = visit.page.form_with_button(f"Revoke {NAME}")
        revoked = self._user.submit(visit, form, button=f"Revoke {NAME}")
        expect(revoked.status == 200, f"Revoke returned {revoked.status}.")
        self._note(f"POST {form.action} (Revoke {NAME})", "revoked")
        self._call("GET", self._endpoint("api_me"), expected=401, because="after the revocation")
        expect(self._client.refresh_is_refused(), "The refresh token still works after the revocation.")
        self._note(f"POST {self._endpoint('token')} with the refresh token", "refused: invalid_grant")

    def lose_a_role(self) -> None:
        """After the eleven: roles are checked at each request, without a new token."""
        self._begin("role taken away")
        self._client.exchange(self._client.authorization_response(self._allow().elsewhere)["code"])
        self._call("GET", self._endpoint("api_requests"), expected=200, because=f"the role {USER} permits request:read")
        self._set_roles()
        self._call("GET", self._endpoint("api_requests"), expected=403, because="the same token, without the role")
        self._expect_verdicts({"request:read": "not_permitted", "account:read": "in_effect"})

    def get_the_role_back(self) -> None:
        """With the role restored, the same token works again."""
        self._begin("role given back")
        self._set_roles(USER)
        self._call("GET", self._endpoint("api_requests"), expected=200, because="the same token, with the role again")

    def _call(self, method: str, path: str, *, expected: int, because: str, **body: str) -> dict[str, Any]:
        response = self._client.call(method, path, **body)
        expect(response.status_code == expected, f"{method} {path} returned {response.status_code}: {because}.")
        self._note(f"{method} {path} with the access token", f"{expected}: {because}")
        answer: dict[str, Any] = response.json()
        return answer

    def _expect_verdicts(self, expected: dict[str, str]) -> None:
        me = self._endpoint("api_me")
        verdicts = self._client.call("GET", me).json()["scopes"]
        for scope, verdict in expected.items():
            expect(verdicts.get(scope) == verdict, f"{me} says {scope} is {verdicts.get(scope)}, not {verdict}.")
        self._note(f"GET {me} with the access token", ", ".join(f"{s}: {v}" for s, v in expected.items()))

    def _allow(self) -> Visit:
        prompt = self._user.get(self._client.link())
        expect_consent_page(prompt)
        return self._user.submit(prompt, prompt.page.form_with_button("Allow"), button="Allow")

    def _set_roles(self, *roles: str) -> None:
        users = f"{self._endpoint('admin')}auth/user/"
        visit = self._admin.get(change_link(self._admin.get(f"{users}?q={USER}")))
        form = visit.page.form_with_field("groups")
        form.choose("groups", *roles)
        changed = self._admin.submit(visit, form, button="Save")
        expect(
            changed.status == 200 and changed.url != visit.url,
            f"Changing the roles returned {changed.status}.",
        )
        self._note(f"POST {users} roles of {USER}: {', '.join(roles) or 'none'}", "changed")

    def _login(self, username: str) -> dict[str, str]:
        return {"username": username, "password": self._document["users"][username]["password"] or ""}

    def _endpoint(self, key: str) -> str:
        return self._document["endpoints"][key]

    def _begin(self, step: str) -> None:
        """Print the line of the current step, and start the next one."""
        name = f"step {self.step}" if self.step.isdecimal() else self.step
        self._output.write(f"{name:<15} {'; '.join(self._exchanges)}\n")
        self.step, self._exchanges = step, []

    def _note(self, sent: str, received: str) -> None:
        self._exchanges.append(f"{sent} → {received}")
