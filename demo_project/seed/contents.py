"""Definitions of the demo's scopes, users, requests and applications. Scripts rely on these names."""

from dataclasses import dataclass

DASHBOARD, MOBILE, NIGHTLY = "dashboard", "mobile", "nightly"
THIRD_PARTY_CALLBACK = "/third-party/callback"
API_PAGE = "/api/docs/"
API_PAGE_CLIENT_ID = "service-desk-api-page"

ENDPOINTS = {
    "authorize": "/oauth/authorize",
    "token": "/oauth/token",
    "revoke": "/oauth/revoke",
    "introspect": "/oauth/introspect",
    "login": "/accounts/login/",
    "admin": "/admin/",
    "access_and_security": "/access-and-security/",
    "api_requests": "/api/requests/",
    "api_people": "/api/people/",
    "api_me": "/api/me/",
    "third_party": "/third-party/",
}

ROLES = ("account administrator", "specialist", "key contact", "auditor")


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoScope:
    """A catalogue entry."""

    name: str
    wording: str
    roles: tuple[str, ...] = ()
    for_everyone: bool = False


SCOPES = (
    DemoScope(
        name="request:read",
        wording="Read requests",
        roles=("key contact", "specialist", "auditor", "account administrator"),
    ),
    DemoScope(name="request:create", wording="Submit new requests", roles=("key contact", "specialist")),
    DemoScope(name="request:update", wording="Update requests", roles=("specialist",)),
    DemoScope(
        name="person:read", wording="Read who the people are", roles=("specialist", "auditor", "account administrator")
    ),
    DemoScope(name="person:update", wording="Update people's records", roles=("account administrator",)),
    DemoScope(name="account:read", wording="Read your username, roles and scopes", for_everyone=True),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoUser:
    """A user account."""

    username: str
    name: str
    organization: str
    roles: tuple[str, ...] = ()
    is_superuser: bool = False


DESK, CUSTOMER = "Acme Service Desk", "Widget Data Center"

USERS = (
    DemoUser(
        username="admin", name="Ada Admin", organization=DESK, roles=("account administrator",), is_superuser=True
    ),
    DemoUser(username="specialist", name="Sam Specialist", organization=DESK, roles=("specialist",)),
    DemoUser(username="key_contact", name="Kim Contact", organization=CUSTOMER, roles=("key contact",)),
    DemoUser(username="auditor", name="Aud Auditor", organization=DESK, roles=("auditor",)),
    DemoUser(username="end_user", name="Eli Enduser", organization=CUSTOMER),
)

REQUESTS = (
    ("My laptop does not start", "registered", "end_user"),
    ("Please set up an account for a new colleague", "in_progress", "key_contact"),
    ("The storage cluster reports a failed disk", "completed", "key_contact"),
    ("Renew the certificate of the intranet", "registered", "specialist"),
    ("Replace the printer on the second floor", "in_progress", "specialist"),
    ("Export last quarter's change log", "completed", "auditor"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoApplication:
    """A registered application."""

    key: str
    name: str
    client_type: str = "confidential"
    grant: str = "authorization-code"
    redirect_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...]
    linked_user: str | None = None
    description: str
    publisher: str = "Acme"
    homepage: str = "https://acme.example/"
    client_id: str | None = None
    """A fixed one; generated where None."""


def applications(base_url: str) -> tuple[DemoApplication, ...]:
    """Return the applications; the first has a redirect URI below `base_url`."""
    return (
        DemoApplication(
            key=DASHBOARD,
            name="Acme Dashboard",
            redirect_uris=(f"{base_url}{THIRD_PARTY_CALLBACK}", "https://dashboard.example/callback"),
            scopes=("account:read", "request:read", "request:create", "request:update", "person:read"),
            description="Shows the requests of your service desk next to your other work.",
        ),
        DemoApplication(
            key=MOBILE,
            name="Acme Mobile",
            client_type="public",
            redirect_uris=("com.example.acme:/callback", "http://127.0.0.1/callback"),
            scopes=("account:read", "request:read"),
            description="Keeps an eye on your requests while you are on the road.",
        ),
        DemoApplication(
            key=NIGHTLY,
            name="Acme Nightly Export",
            grant="client-credentials",
            scopes=("account:read", "request:read", "person:read"),
            linked_user="auditor",
            description="Copies requests to the data warehouse every night.",
        ),
    )


def api_page(base_url: str) -> DemoApplication:
    """Return the application that Swagger UI signs in with. It is not in the JSON document of `manage.py demo`."""
    return DemoApplication(
        key="api_page",
        name="Service Desk API page",
        client_type="public",
        redirect_uris=(f"{base_url}{API_PAGE}oauth2-redirect.html",),
        scopes=tuple(scope.name for scope in SCOPES),
        description="Lets you try the API in your browser, as yourself.",
        publisher="Service Desk",
        homepage="",
        client_id=API_PAGE_CLIENT_ID,
    )
