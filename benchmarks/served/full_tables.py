"""Fill the tables as on a large site, with SQL only, and open pages on them."""

import os
from collections.abc import Callable
from dataclasses import dataclass

SCOPES = 20
AUTHORIZATIONS_PER_USER = 5
"""At most; fewer where there are fewer applications."""
CODES_FOR_ONE_PENDING = 50
"""One code in so many is unused. Used ones are kept for as long as a replay must be detected."""
ROWS_ON_A_PAGE = 100
"""Django's default for `list_per_page`."""

STATEMENTS = """
INSERT INTO auth_group (name) VALUES ('role 1'), ('role 2');
INSERT INTO fourme_oauth_scope (name, wording, for_everyone, retired)
    SELECT 'record' || n || ':read', 'Read records ' || n, n % 2 > 0, false FROM generate_series(1, {scopes}) AS n;
INSERT INTO fourme_oauth_scope_roles (scope_id, group_id)
    SELECT s.id, g.id FROM fourme_oauth_scope s CROSS JOIN auth_group g WHERE s.id % 2 = 0;
INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
    SELECT 'user' || n, '!', false, '', '', '', false, true, now() FROM generate_series(1, {users}) AS n;
INSERT INTO oauth2_provider_application (client_id, redirect_uris, post_logout_redirect_uris, client_type,
        authorization_grant_type, client_secret, hash_client_secret, name, skip_authorization, created, updated,
        algorithm, allowed_origins, registration_source, publisher, homepage, description, logo, disabled, require_pkce,
        generation, client_credentials, resource_server)
    SELECT 'client' || n, 'https://a' || n || '.example/callback', '', 'confidential', 'authorization-code',
        '{no_secret}', true, 'Application ' || n, false, now(), now(), '', '', 'manual', '', '', '', '', false, false,
        0, false, false
    FROM generate_series(1, {applications}) AS n;
INSERT INTO oauth2_provider_application_scopes (application_id, scope_id)
    SELECT a.id, s.id FROM oauth2_provider_application a JOIN fourme_oauth_scope s ON s.id % 5 = a.id % 5;
INSERT INTO fourme_oauth_authorization (user_id, application_id, client_id, application_name, scopes, wording,
        granted_at, confirmed_at, last_used_at, revoked_at, withdrawn_scopes, generation)
    SELECT u.id, a.id, a.client_id, a.name, 'record1:read record2:read', '{{}}', now() - n * interval '1 second', now(),
        now(), CASE WHEN n % 10 = 9 THEN now() END, '', 0
    FROM generate_series(0, {authorizations} - 1) AS n
    JOIN auth_user u ON u.username = 'user' || (n / {each} + 1)
    JOIN oauth2_provider_application a
        ON a.client_id = 'client' || ((n / {each} * 7 + n % {each} * ({applications} / {each})) % {applications} + 1);
INSERT INTO oauth2_provider_accesstoken (token, token_checksum, expires, scope, resource, created, updated, user_id,
        application_id, application_generation, authorization_generation)
    SELECT '', md5(a.id || '/' || n) || md5(n || '.' || a.id), now() + interval '1 hour', a.scopes, '[]', now(), now(),
        a.user_id, a.application_id, 0, 0
    FROM fourme_oauth_authorization a CROSS JOIN generate_series(1, {each_half}) AS n LIMIT {half};
INSERT INTO oauth2_provider_refreshtoken (token, token_checksum, expires, scope, resource, created, updated, user_id,
        application_id, application_generation, authorization_generation)
    SELECT '', md5(a.id || '/' || n) || md5(n || '.' || a.id), now() + interval '14 days', a.scopes, '[]', now(), now(),
        a.user_id, a.application_id, 0, 0
    FROM fourme_oauth_authorization a CROSS JOIN generate_series(1, {each_half}) AS n LIMIT {half};
INSERT INTO oauth2_provider_grant (code, expires, redirect_uri, scope, created, updated, code_challenge,
        code_challenge_method, nonce, claims, resource, user_id, application_id, application_generation,
        authorization_generation, redirect_uri_given, used_at, failed_attempts)
    SELECT md5(a.id || '/' || n) || md5(n || '.' || a.id), now() + interval '1 hour', 'https://a.example/callback',
        a.scopes, now(), now(), '', '', '', '', '[]', a.user_id, a.application_id, 0, 0, true,
        CASE WHEN a.id % {codes_for_one_pending} > 0 THEN now() END, 0
    FROM fourme_oauth_authorization a CROSS JOIN generate_series(1, {each_codes}) AS n LIMIT {codes};
INSERT INTO fourme_oauth_auditevent (kind, at, application_id, client_id, user_id, username, by_username, details)
    SELECT (ARRAY['authorized', 'used', 'renewed', 'revoked'])[1 + n % 4], now() - n * interval '1 second', a.id,
        a.client_id, u.id, u.username, '', '{{}}'
    FROM generate_series(0, {events} - 1) AS n
    JOIN oauth2_provider_application a ON a.client_id = 'client' || (n % {applications} + 1)
    JOIN auth_user u ON u.username = 'user' || (n % {users} + 1);
INSERT INTO fourme_oauth_failedrequest (application_id, kind, details, fingerprint, first_at, last_at, times)
    SELECT a.id, 'other', '{{}}', n::text, now(), now() - n * interval '1 minute', 1
    FROM oauth2_provider_application a CROSS JOIN generate_series(1, 10) AS n
"""


@dataclass(frozen=True, kw_only=True)
class Size:
    """Number of rows in each table, at least 1."""

    applications: int
    authorizations: int
    tokens: int
    codes: int
    events: int


def fill(size: Size) -> dict[str, Callable[[], object]]:
    """Migrate and fill the database of DATABASE_URL, and return a function that opens each page, by page name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from fourme_oauth.models.credentials import unusable_hash

    call_command("migrate", verbosity=0)
    each = min(AUTHORIZATIONS_PER_USER, size.applications)
    numbers = {
        "applications": size.applications,
        "authorizations": size.authorizations,
        "each": each,
        "users": -(-size.authorizations // each),
        "half": size.tokens // 2,
        "each_half": -(-size.tokens // 2 // size.authorizations),
        "codes": size.codes,
        "each_codes": -(-size.codes // size.authorizations),
        "codes_for_one_pending": CODES_FOR_ONE_PENDING,
        "events": size.events,
        "scopes": SCOPES,
        "no_secret": unusable_hash(),
    }
    with connection.cursor() as cursor:
        for statement in STATEMENTS.format(**numbers).split(";"):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
    return _pages()


def _pages() -> dict[str, Callable[[], object]]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from fourme_oauth.admin.lists import MOST_ROWS
    from fourme_oauth.models import Application, AuditEvent, Authorization, Scope

    users = get_user_model()._default_manager
    administrator, visitor = Client(), Client()
    administrator.force_login(users.create_superuser("administrator", "", ""))
    authorization = Authorization.objects.standing().order_by("pk").first()
    application, person = Application.objects.order_by("pk").last(), users.get(username="user1")
    visitor.force_login(person)
    admin = "/admin/fourme_oauth"
    last_page = -(-Authorization.objects.all()[:MOST_ROWS].count() // ROWS_ON_A_PAGE)
    pair = f"application={authorization.application_id}&user={authorization.user_id}"
    of_application = f"application__id__exact={application.pk}"
    addresses = {
        "applications": f"{admin}/application/",
        "applications found": f"{admin}/application/?q=Application 77",
        "application": f"{admin}/application/{application.pk}/change/",
        "authorizations": f"{admin}/authorization/",
        "authorizations, last page": f"{admin}/authorization/?p={last_page}",
        "authorizations of an application": f"{admin}/authorization/?{of_application}",
        "authorizations of a user": f"{admin}/authorization/?user__id__exact={person.pk}",
        "authorizations found by application": f"{admin}/authorization/?q=Application 777",
        "authorizations found by user": f"{admin}/authorization/?q=user777",
        "authorization": f"{admin}/authorization/{authorization.pk}/change/",
        "revoking one": f"{admin}/authorization/{authorization.pk}/revoke/",
        "effective access": f"{admin}/authorization/explain/?{pair}",
        "user": f"/admin/auth/user/{person.pk}/change/",
        "audit events": f"{admin}/auditevent/",
        "audit events of an application": f"{admin}/auditevent/?{of_application}",
        "audit events of a user": f"{admin}/auditevent/?user__id__exact={person.pk}",
        "audit events of a kind": f"{admin}/auditevent/?kind__exact=revoked",
        "audit events of a kind that never was": f"{admin}/auditevent/?kind__exact=code_reused",
        "audit events of a period": f"{admin}/auditevent/?from=2026-01-01&until=2036-01-01",
        "audit events found": f"{admin}/auditevent/?q=user777",
        "audit event": f"{admin}/auditevent/{AuditEvent.objects.order_by('pk').first().pk}/change/",
        "failed requests": f"{admin}/failedrequest/",
        "failed requests of an application": f"{admin}/failedrequest/?{of_application}",
        "scopes": f"{admin}/scope/",
        "scope": f"{admin}/scope/{Scope.objects.order_by('pk').first().pk}/change/",
    }
    pages = {name: _visit(administrator, address) for name, address in addresses.items()}
    return pages | {"Access & Security": _visit(visitor, "/access-and-security/")}


def _visit(browser: object, address: str) -> Callable[[], object]:
    def visit() -> object:
        response = browser.get(address)  # type: ignore[attr-defined]
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status_code}")
        return response.content

    return visit
