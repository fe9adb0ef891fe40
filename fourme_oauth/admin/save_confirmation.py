"""What saving an application takes from its users, or will ask of them: said before it is saved."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from .. import revocation
from ..models import Application, Scope
from .linked_user_permissions import acts_as
from .pages import show

CONFIRMED = "confirmed"
CARRIED = "carried_"
"""What the hidden fields begin with that carry a file, its name and its content."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What saving would change for users."""

    application: Application
    added: list[Scope]
    removed: list[Scope]
    disables: bool

    @property
    def mark(self) -> str:
        """What was confirmed; another change needs another confirmation."""
        disabling = ["disable"] if self.disables else []
        names = [f"+{scope.name}" for scope in self.added] + [f"-{scope.name}" for scope in self.removed]
        return " ".join(disabling + sorted(names))


class Unconfirmed(Exception):
    """Users would notice, and nobody said yes to that yet."""

    def __init__(self, change: Change, impact: revocation.Impact) -> None:
        super().__init__()
        self.change = change
        self.impact = impact


def require(request: HttpRequest, form: Any) -> None:
    """Raise ``Unconfirmed`` where saving a valid ``form`` changes anything for users and nobody confirmed that."""
    change = _change_of(form)
    if not change.mark or request.POST.get(CONFIRMED) == change.mark:
        return
    impact = revocation.impact_of([change.application])
    if impact.users or (change.disables and impact.tokens):
        raise Unconfirmed(change, impact)


def _change_of(form: Any) -> Change:
    # A retired scope is in effect for nobody, ticked or not.
    chosen = {scope for scope in form.cleaned_data["scopes"] if not scope.retired}
    before = set(Scope.objects.allowed_to(form.instance))
    return Change(
        application=form.instance,
        added=sorted(chosen - before, key=str),
        removed=sorted(before - chosen, key=str),
        disables="disabled" in form.changed_data and form.cleaned_data["disabled"],
    )


def ask(model_admin: ModelAdmin, request: HttpRequest, unconfirmed: Unconfirmed) -> HttpResponse:
    """Say what follows, and offer to send the same form again."""
    change = unconfirmed.change
    granted = revocation.granted_counts(change.application, [scope.name for scope in change.removed])
    return show(
        model_admin,
        request,
        "confirm",
        title=_("Before this is saved"),
        application=change.application,
        change=change,
        impact=unconfirmed.impact,
        losses=[(scope, granted[scope.name]) for scope in change.removed],
        acts_as=acts_as(change.application),
        asked=revocation.count_to_be_asked(change.application, [scope.name for scope in change.added]),
        sent=[*_sent(request), *_carried(request), (CONFIRMED, change.mark)],
    )


def take_up_again(request: HttpRequest) -> None:
    """Put the files that a confirmed form carries back where a browser sends them."""
    for name in ["logo"] if CONFIRMED in request.POST else []:
        carried = request.POST.get(f"{CARRIED}{name}", "")
        try:
            content = base64.b64decode(carried, validate=True)
        except (binascii.Error, ValueError):
            continue
        if content:
            filename = request.POST.get(f"{CARRIED}{name}_name", name)
            request.FILES[name] = SimpleUploadedFile(filename, content)


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    own = {CONFIRMED, "csrfmiddlewaretoken"}
    names = [name for name in request.POST if name not in own and not name.startswith(CARRIED)]
    return [(name, str(value)) for name in names for value in request.POST.getlist(name)]


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    fields = []
    for name, file in request.FILES.items():
        file.seek(0)  # type: ignore[union-attr] # one file for each field
        content = base64.b64encode(file.read()).decode()  # type: ignore[union-attr]
        fields += [(f"{CARRIED}{name}", content), (f"{CARRIED}{name}_name", str(file.name))]  # type: ignore[union-attr]
    return fields
