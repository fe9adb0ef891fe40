import struct

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import translation
from django.utils.translation import trans_real

from fourme_oauth import effective_access
from fourme_oauth.models import Scope
from fourme_oauth.models.scope import ScopeFacts, facts
from tests.factories import ApplicationFactory, RoleFactory, ScopeFactory, UserFactory


@pytest.mark.parametrize("name", ["request:read", "r", "!", "https://api.example/read", "a#b", "~", "[", "]", "'"])
def test_a_name_that_rfc_6749_allows_is_accepted(name, db):
    Scope(name=name, wording="Read").full_clean()


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "a\tb", "a\n", "é", "\x7f", "read\x00"])
def test_a_name_that_rfc_6749_forbids_is_refused(name, db):
    with pytest.raises(ValidationError) as refused:
        Scope(name=name, wording="Read").full_clean()
    assert set(refused.value.error_dict) == {"name"}


def test_a_scope_needs_words_for_the_user(db):
    with pytest.raises(ValidationError) as refused:
        Scope(name="request:read").full_clean()
    assert set(refused.value.error_dict) == {"wording"}


def test_two_scopes_can_not_have_the_same_name(db):
    Scope.objects.create(name="request:read", wording="Read")
    with pytest.raises(IntegrityError):
        Scope.objects.create(name="request:read", wording="Read again")


def test_names_that_differ_in_case_are_two_scopes(db):
    Scope.objects.create(name="request:read", wording="Read")
    Scope.objects.create(name="Request:Read", wording="Read something else")
    assert Scope.objects.get(name="Request:Read").wording == "Read something else"


def test_a_scope_reads_as_its_name():
    assert str(Scope(name="request:read")) == "request:read"


def test_a_retired_scope_is_not_in_the_catalogue(db):
    ScopeFactory(name="request:read", retired=True)
    assert Scope.objects.in_catalogue().names() == frozenset()


def test_a_scope_that_is_not_retired_is_in_the_catalogue(db):
    ScopeFactory(name="request:read")
    assert Scope.objects.in_catalogue().names() == {"request:read"}


def test_a_ticked_scope_is_allowed_to_the_application(application):
    assert Scope.objects.allowed_to(application).names() == {"request:read", "request:create"}


def test_a_scope_ticked_for_another_application_is_not_allowed_to_this_one(application):
    ApplicationFactory(scopes=["person:read"])
    assert "person:read" not in Scope.objects.allowed_to(application).names()


def test_a_retired_scope_is_not_allowed_though_ticked(application):
    Scope.objects.filter(name="request:read").update(retired=True)
    assert Scope.objects.allowed_to(application).names() == {"request:create"}


def test_a_scope_for_everyone_is_permitted_to_everybody(user):
    ScopeFactory(name="account:read")
    assert Scope.objects.permitted_to(user).names() == {"account:read"}


def test_a_scope_without_roles_and_tick_is_permitted_to_nobody(user, role):
    ScopeFactory(name="account:read", for_everyone=False)
    user.groups.add(role)
    assert Scope.objects.permitted_to(user).names() == frozenset()


def test_a_scope_for_everyone_with_a_role_is_permitted_to_who_lacks_the_role(user, role):
    ScopeFactory(name="account:read", roles=[role], for_everyone=True)
    assert Scope.objects.permitted_to(user).names() == {"account:read"}


def test_a_new_scope_is_for_nobody():
    assert not Scope(name="request:read", wording="Read").for_everyone


def test_scopes_that_are_permitted_to_nobody_have_neither_a_role_nor_the_tick(role):
    ScopeFactory(name="for:everyone")
    ScopeFactory(name="for:role", roles=[role])
    ScopeFactory(name="for:nobody", for_everyone=False)
    assert Scope.objects.permitted_to_nobody().names() == {"for:nobody"}


def test_a_scope_with_a_role_is_permitted_to_who_has_the_role(user, role):
    ScopeFactory(name="request:read", roles=[role])
    user.groups.add(role)
    assert Scope.objects.permitted_to(user).names() == {"request:read"}


def test_a_scope_with_a_role_is_not_permitted_to_who_lacks_the_role(user, role):
    ScopeFactory(name="request:read", roles=[role])
    assert Scope.objects.permitted_to(user).names() == frozenset()


def test_a_scope_is_not_permitted_by_another_role(user, role):
    ScopeFactory(name="request:read", roles=[role])
    user.groups.add(RoleFactory())
    assert Scope.objects.permitted_to(user).names() == frozenset()


def test_one_of_several_roles_is_enough(user, role):
    ScopeFactory(name="request:read", roles=[RoleFactory(), role])
    user.groups.add(role)
    assert Scope.objects.permitted_to(user).names() == {"request:read"}


def test_two_of_its_roles_count_a_scope_once(user, role):
    other = RoleFactory()
    ScopeFactory(name="request:read", roles=[other, role])
    user.groups.add(role, other)
    assert Scope.objects.permitted_to(user).count() == 1


def test_a_superuser_without_the_role_is_not_permitted(db, role):
    ScopeFactory(name="request:read", roles=[role])
    assert Scope.objects.permitted_to(UserFactory(is_superuser=True)).names() == frozenset()


def test_the_facts_say_of_each_scope_who_agrees_sorted_by_name(application, user, role):
    ScopeFactory(name="request:create", roles=[role])
    ScopeFactory(name="person:read")
    assert facts(application, user) == [
        ScopeFacts(name="person:read", wording="Use person:read", allowed=False, permitted=True),
        ScopeFacts(name="request:create", wording="Use request:create", allowed=True, permitted=False),
        ScopeFacts(name="request:read", wording="Use request:read", allowed=True, permitted=True),
    ]


def test_the_facts_take_one_query(application, user, django_assert_num_queries):
    with django_assert_num_queries(1):
        facts(application, user)


def test_a_scope_that_an_application_is_allowed_is_in_use(application):
    assert Scope.objects.get(name="request:read").is_in_use()


def test_a_scope_that_no_application_is_allowed_is_not_in_use(db):
    assert not ScopeFactory(name="person:read").is_in_use()


# Translated wording


@pytest.fixture
def site_in_german(settings, tmp_path):
    """A site with a catalogue of its own that translates one wording."""
    folder = tmp_path / "locale" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    entries = {"": "Content-Type: text/plain; charset=UTF-8\n", "Use request:read": "Anfragen lesen"}
    (folder / "django.mo").write_bytes(compiled(entries))
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    trans_real._translations = {}
    with translation.override("de"):
        yield
    trans_real._translations = {}


def compiled(entries):
    """A catalogue as gettext reads it: see the GNU gettext manual, "The Format of GNU MO Files"."""
    ids, texts = b"", b""
    places = []
    for source, text in sorted(entries.items()):
        places.append((len(ids), len(source.encode()), len(texts), len(text.encode())))
        ids += source.encode() + b"\0"
        texts += text.encode() + b"\0"
    start = 28 + 16 * len(places)
    of_ids = [number for at, length, _, _ in places for number in (length, start + at)]
    of_texts = [number for _, _, at, length in places for number in (length, start + len(ids) + at)]
    header = [0x950412DE, 0, len(places), 28, 28 + 8 * len(places), 0, 0]
    return struct.pack(f"<{len(header) + len(of_ids) + len(of_texts)}I", *header, *of_ids, *of_texts) + ids + texts


@pytest.mark.usefixtures("site_in_german")
def test_wording_is_translated_to_the_active_language(application):
    assert Scope.objects.wording()["request:read"] == "Anfragen lesen"


@pytest.mark.usefixtures("site_in_german")
def test_a_wording_that_nobody_translated_stays(application):
    assert Scope.objects.wording()["request:create"] == "Use request:create"


@pytest.mark.usefixtures("site_in_german")
def test_effective_access_uses_the_translated_wording(application, user):
    assert effective_access.of_user(user, application).wording["request:read"] == "Anfragen lesen"


@pytest.mark.usefixtures("site_in_german")
def test_what_was_shown_is_kept_as_it_was_shown(authorization):
    assert authorization.wording["request:read"] == "Anfragen lesen"


def test_no_wording_is_none_in_any_language(db):
    ScopeFactory(name="request:close", wording="")
    assert Scope.objects.wording() == {"request:close": ""}


def test_a_scope_keeps_its_name(db):
    scope = ScopeFactory(name="request:close")
    scope.name = "request:end"
    with pytest.raises(ValidationError, match="request:close can't be renamed"):
        scope.full_clean()


def test_a_scope_with_its_name_is_fine(db):
    ScopeFactory(name="request:close").full_clean()


def test_a_new_scope_has_no_name_to_keep(db):
    Scope(name="request:close", wording="Close requests").full_clean()
