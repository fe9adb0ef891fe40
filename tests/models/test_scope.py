import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

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


def test_a_scope_without_roles_is_permitted_to_everybody(user):
    ScopeFactory(name="account:read")
    assert Scope.objects.permitted_to(user).names() == {"account:read"}


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
    ScopeFactory(name="request:create").roles.add(role)
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
