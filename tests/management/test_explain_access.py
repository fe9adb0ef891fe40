import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from fourme_oauth.models import Authorization
from tests.factories import LinkedApplicationFactory, ScopeFactory


def explain_access(application, user, *options):
    output = StringIO()
    named = ["--application", application.client_id, "--user", user.username]
    call_command("explain_access", *named, *options, stdout=output)
    return output.getvalue()


def test_each_scope_has_a_line(application, user, authorization):
    lines = explain_access(application, user).splitlines()
    assert lines[-2:] == [
        "  request:create  in_effect             In effect.",
        "  request:read    in_effect             In effect.",
    ]


def test_it_says_who_and_since_when(application, user, authorization):
    assert explain_access(application, user).splitlines()[:4] == [
        f"{application.name} for {user.username}",
        "  roles: none",
        f"  authorized since: {authorization.granted_at.isoformat()}",
        "  last used: never",
    ]


def test_it_says_when_it_was_used(application, user, authorization):
    now = timezone.now()
    Authorization.objects.update(last_used_at=now)
    assert f"  last used: {now.isoformat()}" in explain_access(application, user).splitlines()


def test_it_says_that_nothing_was_authorized(application, user):
    assert "  authorized since: not authorized" in explain_access(application, user).splitlines()


def test_it_names_the_roles_of_the_user(application, user, role):
    user.groups.add(role)
    assert f"  roles: {role.name}" in explain_access(application, user).splitlines()


def test_explanation_includes_client_credentials(db):
    nightly = LinkedApplicationFactory(scopes=["request:read"])
    assert explain_access(nightly, nightly.linked_user).splitlines()[-2:] == [
        "by its own credentials, acting as this user:",
        "  request:read  in_effect             In effect.",
    ]


def test_a_program_gets_a_document(application, user, authorization, role):
    ScopeFactory(name="request:create", roles=[role])
    document = json.loads(explain_access(application, user, "--json"))
    assert document["application"] == application.client_id
    assert document["by_own_credentials"] == []
    assert document["scopes"][0] == {
        "scope": "request:create",
        "wording": "Use request:create",
        "granted": True,
        "allowed": True,
        "permitted": False,
        "verdict": "not_permitted",
        "reason": f"None of the user's roles permits it. These would: {role.name}.",
    }


def test_it_says_that_no_role_would_permit_it(application, user, authorization):
    ScopeFactory(name="for:nobody", for_everyone=False).applications.add(application)
    reason = "No role permits it yet, and it is not for everyone."
    assert explain_access(application, user).splitlines()[4] == f"  for:nobody      not_permitted         {reason}"


def test_a_document_says_that_nothing_was_authorized(application, user):
    document = json.loads(explain_access(application, user, "--json"))
    assert (document["authorized_since"], document["last_used"]) == (None, None)


def test_a_document_says_when_it_was_used(application, user, authorization):
    now = timezone.now()
    Authorization.objects.update(last_used_at=now)
    assert json.loads(explain_access(application, user, "--json"))["last_used"] == now.isoformat()


def test_an_unknown_user_is_named(application):
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        call_command("explain_access", "--application", application.client_id, "--user", "nobody")


def test_an_unknown_application_is_named(user):
    with pytest.raises(CommandError, match="There is no application with the client ID 'unknown'"):
        call_command("explain_access", "--application", "unknown", "--user", user.username)


def test_both_must_be_given(application):
    with pytest.raises(CommandError, match="--user"):
        call_command("explain_access", "--application", application.client_id)
