"""The site under test: acts of users, administrators and applications, and its results."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fourme_oauth import effective_access, revocation
from fourme_oauth.models import Authorization
from tests import toolkit_alone
from tests.factories import ApplicationFactory, PublicApplicationFactory, RoleFactory, ScopeFactory, UserFactory
from tests.factories import issue_secret as issue
from tests.promises.the_law_in_sets import ROLES, SCOPES, USERS
from tests.third_party import CHALLENGE, VERIFIER, ThirdParty, answer_parameters


class Site:
    def __init__(self):
        self.users = {name: UserFactory(username=name) for name in USERS}
        self.roles = {name: RoleFactory(name=name) for name in ROLES}
        self.scopes = {name: ScopeFactory(name=name) for name in SCOPES}
        self.resource_server = self._third_party(ApplicationFactory(resource_server=True))
        self.third_parties = {}

    # Administrators

    def register(self, application):
        factory = PublicApplicationFactory if application.public else ApplicationFactory
        row = factory(
            scopes=application.ticked,
            skip_authorization=application.trusted,
            client_credentials=application.linked_user is not None,
            linked_user=self.users.get(application.linked_user),
        )
        self.third_parties[application] = self._third_party(row)

    def _third_party(self, row):
        return ThirdParty(None, row, None if row.is_public else issue(row))

    def row(self, application):
        """As it is in the database: an administrator opens a page before changing what is on it."""
        row = self.third_parties[application].application
        row.refresh_from_db()
        return row

    def change_application(self, application):
        row = self.row(application)
        row.linked_user = self.users.get(application.linked_user)
        row.save()
        row.scopes.set([self.scopes[name] for name in application.ticked])

    def disable(self, application):
        revocation.disable(self.row(application))

    def tick_disabled(self, application, *, disabled=True):
        row = self.row(application)
        row.disabled = disabled
        row.save()

    def enable(self, application):
        self.tick_disabled(application, disabled=False)

    def delete_role(self, role):
        """Another one of that name takes its place; nobody has it."""
        self.roles[role].delete()
        self.roles[role] = RoleFactory(name=role)

    def change_user(self, user, roles, *, active):
        self.users[user].is_active = active
        self.users[user].save()
        self.users[user].groups.set([self.roles[name] for name in roles])

    def change_scope(self, scope, roles, *, for_everyone, retired):
        self.scopes[scope].for_everyone = for_everyone
        self.scopes[scope].retired = retired
        self.scopes[scope].save()
        self.scopes[scope].roles.set([self.roles[name] for name in roles])

    def narrow(self, user, application, granted):
        self.authorizations(user, application).update(scopes=" ".join(sorted(granted)))

    def authorizations(self, user, application):
        return Authorization.objects.between(self.users[user], self.third_parties[application].application)

    # Users

    def browser(self, user):
        browser = Client()
        # A session that began before the user was deactivated, if they are.
        browser.force_login(self.users[user], backend=settings.AUTHENTICATION_BACKENDS[0])
        return browser

    def revoke(self, user, application):
        """On Access & Security; for a user who can't sign in, as an operator."""
        authorization = self.authorizations(user, application).get()
        if self.users[user].is_active:
            self.browser(user).post(reverse("fourme_oauth:revoke_authorization", args=[authorization.pk]))
        else:
            revocation.revoke(authorization)

    def access_and_security(self, user):
        """Return what the page shows: what is in effect by application; ``None`` if it asks to sign in."""
        response = self.browser(user).get(reverse("fourme_oauth:access_and_security"))
        if response.status_code != 200:
            return None
        names = {third_party.application.pk: name for name, third_party in self.third_parties.items()}
        return {
            names[row["authorization"].application_id]: frozenset(
                scope["name"] for scope in row["scopes"] if scope["verdict"] == "in_effect"
            )
            for row in response.context["rows"]
        }

    # Applications

    def authorize(self, user, application, requested, button):
        """Return the code, or an error."""
        third_party, parameters = self.third_parties[application], _scope(requested)
        third_party.browser = self.browser(user)
        if application.public:
            parameters |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        response = third_party.authorize(**parameters)
        if response.status_code == 200:
            response = third_party.answer(button, page=response, **parameters)
        if response.status_code == 400:
            return {"error": "no redirect"}
        if urlsplit(response["Location"]).path == resolve_url(settings.LOGIN_URL):
            return {"error": "sign in"}
        return answer_parameters(response)

    def exchange(self, code):
        verifier = {"code_verifier": VERIFIER} if code.application.public else {}
        return self.third_parties[code.application].exchange(code.text, **verifier).json()

    def refresh(self, token, requested):
        return self.third_parties[token.application].refresh(token.text, **_scope(requested)).json()

    def use_own_credentials(self, application, requested):
        third_party = self.third_parties[application]
        return third_party.post("/oauth/token", grant_type="client_credentials", **_scope(requested)).json()

    def write_with_the_toolkit_alone(self, text, user, application, scopes):
        """A worker does it that does not run this package yet, or no longer."""
        held = {"token": text, "user": self.users[user], "application": self.third_parties[application].application}
        expires = timezone.now() + timedelta(hours=1)
        pair = toolkit_alone.rows("AccessToken").create(expires=expires, scope=" ".join(sorted(scopes)), **held)
        toolkit_alone.rows("RefreshToken").create(access_token_id=pair.pk, **held | {"token": f"{text}-again"})

    def give_up(self, token):
        self.third_parties[token.application].revoke(token.text)

    # What is in effect

    def of_access_token(self, token):
        access = effective_access.of_access_token(token.text, now=timezone.now())
        return None if access is None else access.effective_scopes

    def introspect(self, token):
        answer = self.resource_server.introspect(token.text)
        return frozenset(answer["scope"].split()) if answer["active"] else None

    def call_the_api(self, token):
        return self.resource_server.call(token.text).status_code


def _scope(requested):
    return {} if requested is None else {"scope": " ".join(sorted(requested))}
