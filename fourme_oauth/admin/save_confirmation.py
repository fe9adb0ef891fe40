"""Confirmation before saving changes to an application that affect its users."""

import base64
from functools import cached_property
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .. import revocation
from ..models import Scope
from .application_form import ApplicationForm
from .linked_user_permissions import acts_as
from .pages import ApplicationPage

CONFIRMED = "confirmed"
CARRIED, CARRIED_NAME = "carried_logo", "carried_logo_name"
"""The hidden fields that carry the content and the name of an uploaded logo."""


class SaveConfirmationPage(ApplicationPage):
    """Shows how saving a valid ``form`` affects users, and repeats the form in hidden fields."""

    title = _("Confirm the changes")
    template_name = "admin/fourme_oauth/application/confirm.html"

    def __init__(self, form: ApplicationForm, **attributes: Any) -> None:
        super().__init__(application=form.instance, **attributes)
        # A retired scope is effective for nobody, ticked or not.
        selected = {scope for scope in form.cleaned_data["scopes"] if not scope.retired}
        before = set(Scope.objects.allowed_to(form.instance))
        self.added = sorted(selected - before, key=str)
        self.removed = sorted(before - selected, key=str)
        self.disables = "disabled" in form.changed_data and form.cleaned_data["disabled"]

    @property
    def mark(self) -> str:
        """The changes to confirm; other changes need another confirmation."""
        disabling = ["disable"] if self.disables else []
        names = [f"+{scope.name}" for scope in self.added] + [f"-{scope.name}" for scope in self.removed]
        return " ".join(disabling + sorted(names))

    @cached_property
    def impact(self) -> revocation.Impact:
        return revocation.impact_of([self.application])

    def is_needed(self) -> bool:
        """Return whether the changes affect users and have not been confirmed."""
        if not self.mark or self.request.POST.get(CONFIRMED) == self.mark:
            return False
        return bool(self.impact.users or (self.disables and self.impact.tokens))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        granted = revocation.granted_counts(self.application, [scope.name for scope in self.removed])
        return super().get_context_data(
            impact=self.impact,
            losses=[(scope, granted[scope.name]) for scope in self.removed],
            acts_as=acts_as(self.application),
            asked=revocation.count_to_be_asked(self.application, [scope.name for scope in self.added]),
            sent=[*_posted(self.request), *_carried(self.request), (CONFIRMED, self.mark)],
            **kwargs,
        )


class Unconfirmed(Exception):
    """Changes that affect users are not confirmed yet; ``page`` is the confirmation page."""

    def __init__(self, page: SaveConfirmationPage) -> None:
        self.page = page


def restore_logo(request: HttpRequest) -> None:
    """Move the logo from the hidden fields of a confirmed form to ``request.FILES``."""
    carried = request.POST.get(CARRIED, "") if CONFIRMED in request.POST else ""
    try:
        content = base64.b64decode(carried, validate=True)
    except ValueError:
        return
    if content:
        request.FILES["logo"] = SimpleUploadedFile(request.POST.get(CARRIED_NAME, "logo"), content)


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    own = {CONFIRMED, CARRIED, CARRIED_NAME, "csrfmiddlewaretoken"}
    return [(name, str(value)) for name, values in request.POST.lists() if name not in own for value in values]


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    logo: Any = request.FILES.get("logo")
    if logo is None:
        return []
    logo.seek(0)
    content = base64.b64encode(logo.read()).decode()
    return [(CARRIED, content), (CARRIED_NAME, str(logo.name))]
