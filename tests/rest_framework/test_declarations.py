import pytest
from rest_framework.decorators import api_view
from rest_framework.views import APIView

from fourme_oauth.rest_framework import any_of, declared, required_scopes
from fourme_oauth.rest_framework.declarations import Declaration
from tests.rest_framework import compositions, views


def declaring(found):
    return type("View", (APIView,), {"required_scopes": found})


@pytest.mark.parametrize(
    ("found", "alternatives"),
    [
        (["a", "b"], [{"a", "b"}]),
        (("a",), [{"a"}]),
        ("a", [{"a"}]),
        ([], [set()]),
        (any_of("a", ["b", "c"]), [{"a"}, {"b", "c"}]),
        ({"GET": any_of("a", "b")}, [{"a"}, {"b"}]),
    ],
)
def test_declaration_is_read(found, alternatives):
    assert declared(declaring(found), "GET").alternatives == tuple(map(frozenset, alternatives))


def test_declaration_mentions_every_scope():
    assert any_of("a", ["b", "c"]).scopes == {"a", "b", "c"}


def test_empty_declaration_is_satisfied_by_nothing():
    assert Declaration((frozenset(),)).satisfied_by(frozenset())


@pytest.mark.parametrize("effective", [{"a"}, {"b", "c"}, {"a", "d"}])
def test_one_alternative_satisfies(effective):
    assert any_of("a", ["b", "c"]).satisfied_by(effective)


@pytest.mark.parametrize("effective", [set(), {"b"}, {"A"}])
def test_part_of_an_alternative_does_not_satisfy(effective):
    assert not any_of("a", ["b", "c"]).satisfied_by(effective)


@pytest.mark.parametrize("found", [None, {}, {"POST": ["a"]}, {"GET": None}])
def test_nothing_is_declared(found):
    assert declared(declaring(found), "GET") is None


def test_nothing_is_declared_by_a_view_without_the_attribute():
    assert declared(APIView, "GET") is None


def test_head_is_get():
    assert declared(declaring({"GET": ["a"]}), "head").scopes == {"a"}


@pytest.mark.parametrize(
    ("action", "scopes"), [("close", {"request:close"}), ("list", {"request:read"}), (None, {"request:read"})]
)
def test_action_comes_before_its_method_on_a_class(action, scopes):
    assert declared(views.ByAction, "GET", action).scopes == scopes


@pytest.mark.parametrize("action", ["overdue", "forget_overdue"])
def test_extra_action_declares_on_a_class_what_it_declares_on_an_instance(action):
    assert declared(compositions.ExtraAction, "GET", action).scopes == {"request:read"}


def test_extra_action_that_declares_nothing_has_what_its_class_declares():
    assert declared(views.ByAction, "GET", "export").scopes == {"request:export"}


def test_function_view_declares_for_its_class():
    assert declared(compositions.function_view.cls, "POST").scopes == {"request:create"}


def test_function_views_do_not_share_a_declaration():
    @api_view()
    def other(request): ...

    assert declared(other.cls, "GET") is None


# Mistakes


def test_decorator_below_api_view_says_where_it_goes():
    with pytest.raises(TypeError, match="above @api_view"):
        required_scopes(["a"])(lambda request: None)


def test_decorator_on_a_class_says_what_to_do():
    with pytest.raises(TypeError, match="a class has required_scopes"):
        required_scopes(["a"])(views.ByList)


@pytest.mark.parametrize("mistake", [None, {"GET": None}, 1, [1], [any_of("a")], {"GET": [None]}])
def test_decorator_takes_no_mistakes(mistake):
    with pytest.raises(TypeError, match="any_of"):
        required_scopes(mistake)


@pytest.mark.parametrize("alternatives", [(), ([],), ("a", []), (1,)])
def test_alternatives_name_a_scope_each(alternatives):
    with pytest.raises(TypeError):
        any_of(*alternatives)
