"""A POST is accepted if its signature covers what was displayed and its button was on the page."""

import pytest
from django.http import QueryDict

from fourme_oauth.authorization_server import consent_signature
from fourme_oauth.authorization_server.consent_form import AccountForm, ConsentForm

DISPLAYED = {"page": "account", "user": "1"}


class Page:
    """The part of a consent page that its form uses."""

    def __init__(self, *, stands=frozenset(), has_no_effect=False):
        self.question = self
        self.stands, self.shows_only_what_is_new, self.has_no_effect = stands, bool(stands), has_no_effect

    def displayed(self):
        return DISPLAYED


def answer(*buttons, displayed=DISPLAYED):
    data = QueryDict(mutable=True)
    data.update({"signature": consent_signature.sign(displayed)} | dict.fromkeys(buttons, "1"))
    return data


def faults(form):
    return [fault.code for faults in form.errors.as_data().values() for fault in faults]


def test_an_answer_to_what_was_displayed_counts():
    assert AccountForm(answer("this_account"), displayed=DISPLAYED).is_valid()


def test_an_answer_to_something_else_is_out_of_date():
    form = AccountForm(answer("this_account", displayed={"page": "account", "user": "2"}), displayed=DISPLAYED)
    assert faults(form) == ["out_of_date"]


def test_an_answer_without_a_signature_does_not_count():
    form = AccountForm(QueryDict("this_account=1"), displayed=DISPLAYED)
    assert faults(form) == ["required"]


def test_a_choice_without_its_button_does_not_count():
    assert not AccountForm(answer(), displayed=DISPLAYED).is_valid()


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_a_button_is_pressed_whatever_its_value(value):
    data = answer()
    data["this_account"] = value
    assert AccountForm(data, displayed=DISPLAYED).is_valid()


def test_the_form_of_a_page_signs_what_it_displays():
    form = AccountForm(displayed=DISPLAYED)
    assert consent_signature.verify(form["signature"].value(), DISPLAYED)


def test_allowing_counts():
    assert ConsentForm(answer("allow"), page=Page()).is_valid()


def test_allowing_what_has_no_effect_does_not_count():
    assert faults(ConsentForm(answer("allow"), page=Page(has_no_effect=True))) == ["no_button"]


def test_continuing_without_counts_where_something_stands():
    assert ConsentForm(answer("continue_without"), page=Page(stands={"request:read"})).is_valid()


def test_continuing_without_does_not_count_where_nothing_stands():
    assert faults(ConsentForm(answer("continue_without"), page=Page())) == ["no_button"]


def test_an_answer_without_a_button_does_not_count():
    assert faults(ConsentForm(answer(), page=Page(stands={"request:read"}))) == ["no_button"]
