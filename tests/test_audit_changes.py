import json

from fourme_oauth.audit_changes import application_snapshot, changes_between
from tests import toolkit_alone
from tests.factories import LinkedApplicationFactory


def test_the_facts_are_what_is_stored(application):
    facts = application_snapshot(application)
    assert (facts["name"], facts["disabled"], facts["access_token_seconds"]) == (application.name, False, None)


def test_the_facts_name_the_scopes(application):
    assert application_snapshot(application)["scopes"] == ["request:create", "request:read"]


def test_the_facts_name_the_linked_user(db):
    nightly = LinkedApplicationFactory()
    assert application_snapshot(nightly)["linked_user"] == nightly.linked_user.username


def test_the_facts_are_json(application):
    assert json.loads(json.dumps(application_snapshot(application))) == application_snapshot(application)


def test_the_facts_have_no_secret_and_no_hash_of_one(application, secret):
    toolkit_alone.rows("Application").update(client_secret="pbkdf2_sha256$1$salt$hash")
    told = json.dumps(application_snapshot(application))
    assert secret not in told
    assert "pbkdf2" not in told
    assert application.client_secrets.get().digest not in told


def test_a_change_has_the_old_value_and_the_new_one():
    assert changes_between({"name": "Acme"}, {"name": "Acme Board"}) == {"name": ["Acme", "Acme Board"]}


def test_what_stays_is_no_change():
    assert changes_between({"name": "Acme", "logo": ""}, {"name": "Acme", "logo": ""}) == {}


def test_what_is_switched_off_is_a_change():
    assert changes_between({"disabled": True}, {"disabled": False}) == {"disabled": [True, False]}


def test_of_a_new_row_only_what_says_something_is_told():
    assert changes_between({}, {"name": "Acme", "logo": "", "disabled": False}) == {"name": [None, "Acme"]}
