"""The answers to the consent page and to the choice of an account: what was displayed is what is answered."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.http import QueryDict

from . import consent_signature
from .consent_page import ConsentPage


class ButtonWidget(forms.Widget):
    """Templates write the button themselves."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name in data


class Button(forms.BooleanField):
    """A submit button: true where it was pressed, whatever its value."""

    widget = ButtonWidget


class SignedForm(forms.Form):
    """
    Valid only where it answers ``displayed``, as it would be displayed now.

    Not for the buttons ``deny`` and ``another_account``, which both pages have: they allow nothing, so they work on a
    page that is out of date as well.
    """

    signature = forms.CharField(widget=forms.HiddenInput, strip=False)

    def __init__(self, data: QueryDict | None = None, *, displayed: Mapping[str, Any]) -> None:
        super().__init__(data, initial={"signature": partial(consent_signature.sign, displayed)})
        self.displayed = displayed

    def clean_signature(self) -> str:
        signature: str = self.cleaned_data["signature"]
        if not consent_signature.verify(signature, self.displayed):
            raise forms.ValidationError("The page is out of date.", code="out_of_date")
        return signature


class AccountForm(SignedForm):
    """The choice of the account that is signed in."""

    this_account = Button()


class ConsentForm(SignedForm):
    """The answer to the consent page, with the buttons that it offers."""

    continue_without = Button(required=False)
    allow = Button(required=False)

    def __init__(self, data: QueryDict | None = None, *, page: ConsentPage) -> None:
        super().__init__(data, displayed=page.displayed())
        if not (page.question.shows_only_what_is_new and page.question.stands):
            del self.fields["continue_without"]
        if page.has_no_effect:
            del self.fields["allow"]

    def clean(self) -> dict[str, Any]:
        if not (self.cleaned_data.get("continue_without") or self.cleaned_data.get("allow")):
            raise forms.ValidationError("None of its buttons was pressed.", code="no_button")
        return self.cleaned_data
