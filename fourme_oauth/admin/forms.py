"""Fields and forms of the pages of an application: when a secret is to end."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LAST_YEAR = 9998
"""The last days that there are have no midnight after them in every time zone."""


class LastDayField(forms.DateField):
    """A day that has not passed, or none: then the secret works until it is retired."""

    def __init__(self, **kwargs: Any) -> None:
        asked: dict[str, Any] = {
            "label": _("Works until"),
            "required": False,
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "help_text": _("The last day on which it works, in the site's time zone. Empty: until it is retired."),
        }
        super().__init__(**(asked | kwargs))

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and value < timezone.localdate():
            raise ValidationError(_("That day has passed."))
        if value is not None and value.year > LAST_YEAR:
            raise ValidationError(_("That day is too far ahead."))


class IssueForm(forms.Form):
    """What is asked before another secret is issued."""

    request_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    last_day = LastDayField()


def end_of(day: date | None) -> datetime | None:
    """Return the moment at which ``day`` is over, in the time zone of whoever chose it."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
