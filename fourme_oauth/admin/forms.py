"""The field and form for the expiry of a secret."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LAST_YEAR = 9998
"""In the year 9999, the midnight after the last day overflows ``datetime`` in some time zones."""


class LastDayField(forms.DateField):
    """The last day on which a secret is valid: today or later; empty, it does not expire."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "label": _("Works until"),
            "required": False,
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "help_text": _("The last day on which it works, in the site's time zone. Empty: until it is retired."),
        }
        super().__init__(**(defaults | kwargs))

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and value < timezone.localdate():
            raise ValidationError(_("That day has passed."))
        if value is not None and value.year > LAST_YEAR:
            raise ValidationError(_("That day is too far ahead."))


class IssueForm(forms.Form):
    """The form that issues another secret; ``request_key`` makes its submission idempotent."""

    request_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    last_day = LastDayField()


def end_of(day: date | None) -> datetime | None:
    """Return the midnight after ``day`` in the current time zone."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
