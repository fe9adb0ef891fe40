"""Disabling an application and ending all its access, one or several: first what it will hit, then at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .. import revocation
from ..actor import Actor
from ..models import Application
from ..revocation import TokenCounts
from .pages import Page, address, application_at, show

NAMED = 20
"""How many of the applications that are hit are named; the rest is counted."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A way to end access, and what is said of it."""

    act: Callable[..., TokenCounts]
    title: str | Promise
    consequences: list[str | Promise]
    button: str | Promise
    logged: str
    """The msgid of what the administration's own log says."""


DISABLING = Ending(
    act=revocation.disable,
    title=_("Disable"),
    consequences=[
        _("It is refused everywhere from now on, and its codes and tokens end for good."),
        _("What users allowed stands: once it is enabled again they need not be asked again, but no token comes back."),
    ],
    button=_("Yes, disable"),
    logged="Disabled.",
)
ENDING = Ending(
    act=revocation.end_application,
    title=_("End all access"),
    consequences=[
        _("Each user's authorization is revoked, and all codes and tokens end for good. The users get a mail."),
        _("It is not disabled: users may allow it again, and its own credentials still work."),
    ],
    button=_("Yes, end all access"),
    logged="Ended all access.",
)


def may_end_access(request: HttpRequest) -> bool:
    """Whether who asks may revoke what users allowed."""
    return bool(request.user.has_perm("fourme_oauth.revoke_authorization"))


def panel(model_admin: Any, request: HttpRequest, application: Application) -> SafeString:
    """Count what the application holds, and link what else there is to do."""
    links = [
        (page.label, address(model_admin, page.name, application.pk))
        for page in model_admin.pages
        if page.is_offered(request, application)
    ]
    context = {"impact": revocation.impact_of([application]), "links": links}
    return mark_safe(render_to_string("admin/fourme_oauth/application/access.html", context))  # noqa: S308 - a template's


def disable(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    application = application_at(model_admin, request, object_id)
    if not model_admin.has_change_permission(request, application):
        raise PermissionDenied
    return _one(model_admin, request, application, DISABLING)


def end_access(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    application = application_at(model_admin, request, object_id)
    if not may_end_access(request):
        raise PermissionDenied
    return _one(model_admin, request, application, ENDING)


@admin.action(description=_("Disable selected applications"), permissions=["change"])
def disable_selected(model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Application]) -> Any:
    return _several(model_admin, request, queryset, DISABLING)


@admin.action(description=_("End all access of selected applications"), permissions=["end_access"])
def end_access_of_selected(model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Application]) -> Any:
    return _several(model_admin, request, queryset, ENDING)


def _one(model_admin: ModelAdmin, request: HttpRequest, application: Application, ending: Ending) -> HttpResponse:
    if request.method == "POST":
        _end(model_admin, request, [application], ending)
        return HttpResponseRedirect(address(model_admin, "change", application.pk))
    return _ask(model_admin, request, [application], ending, application=application)


def _several(
    model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Application], ending: Ending
) -> HttpResponse | None:
    chosen = list(queryset.order_by("pk"))
    if "confirmed" in request.POST:
        _end(model_admin, request, chosen, ending)
        return None
    # Everything that matches the search may be more than a form can carry: it is searched for again.
    sent = ((name, value) for name in (ACTION_CHECKBOX_NAME, "select_across") for value in request.POST.getlist(name))
    action = disable_selected if ending is DISABLING else end_access_of_selected
    return _ask(model_admin, request, chosen, ending, sent=[("action", action.__name__), *sent])


def _ask(
    model_admin: ModelAdmin, request: HttpRequest, chosen: list[Application], ending: Ending, **context: Any
) -> HttpResponse:
    return show(
        model_admin,
        request,
        "ending",
        title=ending.title,
        ending=ending,
        named=chosen[:NAMED],
        unnamed=len(chosen[NAMED:]),
        impact=revocation.impact_of(chosen),
        **context,
    )


def _end(model_admin: ModelAdmin, request: HttpRequest, chosen: Iterable[Application], ending: Ending) -> None:
    ended = TokenCounts()
    with transaction.atomic():
        for application in chosen:
            ended += ending.act(application, by=Actor.of(request))
            model_admin.log_change(request, application, gettext(ending.logged))
    number = ended.codes + ended.refresh_tokens + ended.access_tokens
    text = ngettext("Done: %(count)d code or token ended.", "Done: %(count)d codes and tokens ended.", number)
    model_admin.message_user(request, text % {"count": number}, messages.SUCCESS)


def _may_disable(request: HttpRequest, application: Application) -> bool:
    may_change: bool = request.user.has_perm("fourme_oauth.change_application")
    return may_change and not application.disabled


PAGES = (
    Page(
        name="disable",
        path="<path:object_id>/disable/",
        view=disable,
        label=_("Disable"),
        is_offered=_may_disable,
    ),
    Page(
        name="end_access",
        path="<path:object_id>/end-access/",
        view=end_access,
        label=_("End all access"),
        is_offered=lambda request, application: may_end_access(request),
    ),
)
