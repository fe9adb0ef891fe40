"""The secrets of an application: what is known of them, issuing one (the answer shows it, once), retiring one."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from .. import client_secrets
from ..actor import Actor
from ..conf import app_settings
from ..converters import CONVERTER
from ..models import Application, ClientSecret
from .forms import LastDayField, end_of
from .linked_user_permissions import may_issue, may_issue_for
from .pages import Page, address, application_at, show

SHOWN = 12
"""How many secrets the panel lists; those that are not retired come first."""


class IssueForm(forms.Form):
    """What is asked before another secret is issued."""

    request_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    last_day = LastDayField()


def panel(model_admin: ModelAdmin, request: HttpRequest, application: Application) -> SafeString:
    """Say what is known of the secrets: never more than the last four characters of one."""
    now = timezone.now()
    kept_first = F("retired_at").desc(nulls_first=True)
    rows = list(application.client_secrets.select_related("issued_by").order_by(kept_first, "-issued_at")[:SHOWN])
    safe = client_secrets.safe_to_retire(rows, now=now)
    legacy = client_secrets.legacy_secret(application)
    rows = [legacy, *rows] if legacy else rows
    live = [secret for secret in rows if secret.is_live(now)]
    can_issue = may_issue_for(request.user, application)
    context = {
        "rows": [
            {
                "secret": secret,
                "is_live": secret in live,
                "is_safe_to_retire": secret in safe,
                "retire_url": may_issue(request.user) and _address_of_retiring(model_admin, application, secret),
            }
            for secret in rows
        ],
        "is_legacy": any(secret.is_legacy for secret in live),
        "issue_url": can_issue and address(model_admin, "issue", application.pk),
        "is_full": len(live) >= app_settings.max_live_secrets,
    }
    return mark_safe(render_to_string("admin/fourme_oauth/application/secrets.html", context))  # noqa: S308 - a template's


def _address_of_retiring(model_admin: ModelAdmin, application: Application, secret: ClientSecret) -> str:
    if secret.is_legacy:
        return address(model_admin, "retire_legacy", application.pk)
    return address(model_admin, "retire", application.pk, secret.pk)


@sensitive_variables()
def credentials(
    model_admin: ModelAdmin,
    request: HttpRequest,
    application: Application,
    *,
    issued: client_secrets.IssuedSecret | None,
    title: str | Promise,
    **context: Any,
) -> TemplateResponse:
    """
    Return the one page that shows a secret, and what is said where there is none to show.

    No browser or proxy keeps it: like each page of the administration it comes with ``no-store``.
    """
    return show(
        model_admin,
        request,
        "credentials",
        title=title,
        application=application,
        issued=issued,  # not its text: the template engine logs the values of a context
        is_theirs=model_admin.has_view_or_change_permission(request, application),
        **context,
    )


def already(model_admin: ModelAdmin, request: HttpRequest, application: Application) -> HttpResponse:
    """Say that the same form came before, and did then what it asks for."""
    may_look = model_admin.has_view_or_change_permission(request, application)
    can_issue = may_look and may_issue_for(request.user, application)
    return show(
        model_admin,
        request,
        "already",
        title=_("This form was sent before"),
        application=application,
        is_theirs=may_look,
        issue_url=can_issue and address(model_admin, "issue", application.pk),
    )


@sensitive_variables()
def issue(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask how long another secret is to work, and answer the POST with it."""
    application = application_at(model_admin, request, object_id)
    if not may_issue_for(request.user, application):
        raise PermissionDenied
    form = IssueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = _issue(model_admin, request, application, form)
        except client_secrets.AlreadyIssued:
            return already(model_admin, request, application)
        except client_secrets.TooManyLiveSecrets as too_many:
            form.add_error(None, str(too_many))
        else:
            title = _("Secret issued")
            return credentials(model_admin, request, application, issued=issued, title=title, is_another=True)
    return show(model_admin, request, "issue", title=_("Issue another secret"), application=application, form=form)


@sensitive_variables()
@transaction.atomic
def _issue(
    model_admin: ModelAdmin, request: HttpRequest, application: Application, form: IssueForm
) -> client_secrets.IssuedSecret:
    issued = client_secrets.issue(
        application,
        by=Actor.of(request),
        expires_at=end_of(form.cleaned_data["last_day"]),
        request_key=form.cleaned_data["request_key"],
    )
    model_admin.log_change(request, application, gettext("Issued a client secret."))
    return issued


def retire(model_admin: ModelAdmin, request: HttpRequest, object_id: str, secret_id: int) -> HttpResponse:
    """Ask whether a secret is to be retired, and do it."""
    application = _application_to_retire_at(model_admin, request, object_id)
    secret = get_object_or_404(ClientSecret, pk=secret_id, application=application)
    if request.method == "POST":
        with transaction.atomic():
            client_secrets.retire(secret, by=Actor.of(request))
            model_admin.log_change(request, application, gettext("Retired a client secret."))
        return _retired(model_admin, request, application)
    return _ask(model_admin, request, application, secret)


def retire_legacy(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask whether the secret that the toolkit kept is to be retired, and do it."""
    application = _application_to_retire_at(model_admin, request, object_id)
    secret = client_secrets.legacy_secret(application)
    if secret is None:
        return _gone(model_admin, request, application)
    if request.method == "POST":
        with transaction.atomic():
            was_there = client_secrets.retire_legacy_secret(application, by=Actor.of(request))
            if was_there:
                model_admin.log_change(request, application, gettext("Retired a client secret."))
        return (_retired if was_there else _gone)(model_admin, request, application)
    return _ask(model_admin, request, application, secret)


def _application_to_retire_at(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> Application:
    application = application_at(model_admin, request, object_id)
    if not may_issue(request.user):  # retiring gives nobody anything
        raise PermissionDenied
    return application


def _ask(model_admin: ModelAdmin, request: HttpRequest, application: Application, secret: ClientSecret) -> HttpResponse:
    others = application.client_secrets.live(timezone.now()).exclude(pk=secret.pk)
    legacy = client_secrets.legacy_secret(application)
    is_last = not others.exists() and (legacy is None or secret.is_legacy)
    title = _("Retire a secret")
    return show(model_admin, request, "retire", title=title, application=application, secret=secret, is_last=is_last)


def _retired(model_admin: ModelAdmin, request: HttpRequest, application: Application) -> HttpResponse:
    model_admin.message_user(request, gettext("The secret is refused from now on."), messages.SUCCESS)
    return HttpResponseRedirect(address(model_admin, "change", application.pk))


def _gone(model_admin: ModelAdmin, request: HttpRequest, application: Application) -> HttpResponse:
    text = gettext("Nothing was retired: no secret from before is kept. Once used, it has its last four characters.")
    model_admin.message_user(request, text, messages.WARNING)
    return HttpResponseRedirect(address(model_admin, "change", application.pk))


PAGES = (
    Page(name="issue", path="<path:object_id>/secrets/issue/", view=issue),
    Page(name="retire", path=f"<path:object_id>/secrets/<{CONVERTER}:secret_id>/retire/", view=retire),
    Page(name="retire_legacy", path="<path:object_id>/secrets/legacy/retire/", view=retire_legacy),
)
