"""Forms of the consent page and of the account choice, valid only for what was displayed."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.http import QueryDict

from . import consent_signature
from .consent_page import ConsentPage


class ButtonWidget(forms.Widget):
    """Read whether a button was pressed; templates render it themselves."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name in data


class Button(forms.BooleanField):
    """A submit button: true where it was pressed, whatever its value."""

    widget = ButtonWidget


class SignedForm(forms.Form):
    """
    A form that is valid only with a signature of ``displayed``, what the page would display now.

    The buttons ``deny`` and ``another_account`` of both pages are not among its fields: they allow nothing, so they
    work on an outdated page too.
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
    """Choose the account that is signed in."""

    this_account = Button()


class ConsentForm(SignedForm):
    """Give consent, by one of the buttons that the page offers."""

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
