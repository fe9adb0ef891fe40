"""Applications: registering one, changing it, and what else its pages lead to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from .. import client_secrets, revocation
from ..audit_changes import application_snapshot, changes_between
from ..models import Application, AuditEvent
from ..whereabouts import address_in
from . import application_disable, save_confirmation, secrets
from .application_form import ApplicationForm
from .forms import end_of
from .linked_user_permissions import may_issue, may_issue_for
from .lists import ListAdmin
from .pages import Page

PAGES: tuple[Page, ...] = (*secrets.PAGES, *application_disable.PAGES)
"""What an application has beside its form."""


@dataclass(frozen=True)
class Panel:
    """Something to read among the fields, made for whoever looks. The admin calls it with the application."""

    request: HttpRequest
    show: Any
    name: str
    short_description: str | Promise

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, application: Application) -> SafeString:
        shown: SafeString = self.show(self.request, application)
        return shown


class ApplicationAdmin(ListAdmin):
    lookups = ("disabled__exact", "client_type__exact")
    form = ApplicationForm
    list_display = ("name", "publisher", "client_type", "is_enabled", "created")
    list_filter = ("disabled", "client_type")
    search_fields = ("name", "publisher", "client_id")
    raw_id_fields = ("linked_user",)
    view_on_site = False
    actions = (application_disable.disable_selected, application_disable.end_access_of_selected)
    pages: ClassVar[tuple[Page, ...]] = PAGES

    class Media:
        css: ClassVar = {"all": ["fourme_oauth/admin.css"]}
        js: ClassVar = ["fourme_oauth/admin.js", "fourme_oauth/autocomplete.js"]

    @admin.display(description=_("enabled"), boolean=True, ordering="disabled")
    def is_enabled(self, obj: Application) -> bool:
        return not obj.disabled

    def get_urls(self) -> list[URLPattern]:
        # In front: the admin takes whatever follows a list's address for a primary key.
        return [*(page.mounted(self) for page in self.pages), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Application | None = None) -> Any:
        identity = ["name", "publisher", "homepage", "description", "logo"]
        kind = ["client_type", "authorization_grant_type", "client_credentials", "linked_user"]
        way = ["redirect_uris", "allowed_origins", "require_pkce", "skip_authorization"]
        lifetimes = ["access_token_seconds", "refresh_token_seconds", "resource_server"]
        panels = self._panels(request)
        return [
            (None, {"fields": ["client_id", *identity] if obj else [*identity, "form_key"]}),
            (_("How it gets access"), {"fields": [*kind, *way]}),
            (_("What it can be granted"), {"fields": ["scopes"]}),
            (_("Tokens"), {"fields": lifetimes}),
            *([(_("Secrets"), {"fields": [panels[0]]})] if obj and not obj.is_public else []),
            *([(_("Secret"), {"fields": ["secret_last_day"]})] if not obj and may_issue(request.user) else []),
            (_("State"), {"fields": ["disabled", panels[1]] if obj else ["disabled"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Application | None = None) -> Any:
        return ("client_id", *self._panels(request)) if obj else ()

    def _panels(self, request: HttpRequest) -> tuple[Panel, Panel]:
        return (
            Panel(request, self._secrets, "secrets_panel", _("secrets")),
            Panel(request, self._access, "access_panel", _("in use")),
        )

    def _secrets(self, request: HttpRequest, application: Application) -> SafeString:
        return secrets.panel(self, request, application)

    def _access(self, request: HttpRequest, application: Application) -> SafeString:
        return application_disable.panel(self, request, application)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Search the users, where the site's administration can, and who looks may see them."""
        model, site = get_user_model(), self.admin_site
        users = site.get_model_admin(model) if site.is_registered(model) else None
        can_search = users is not None and users.get_search_fields(request) and users.has_view_permission(request)
        return ("linked_user",) if can_search else ()

    def has_end_access_permission(self, request: HttpRequest) -> bool:
        """Whether ``request`` may revoke what users allowed; asked for by an action."""
        return application_disable.may_end_access(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if registered := self._registered_by(request):
            return secrets.already(self, request, registered)
        try:
            return super().add_view(request, form_url, extra_context)
        except IntegrityError:
            # The same form at the same time: the unique key let one of them through, and took all of the other back.
            if registered := self._registered_by(request):
                return secrets.already(self, request, registered)
            raise

    def _registered_by(self, request: HttpRequest) -> Application | None:
        """Return what the same copy of the form registered before."""
        try:
            key = UUID(request.POST.get("form_key", ""))
        except ValueError:
            return None
        registered: Iterable[Application] = Application.objects.filter(registration_key=key)
        return next(iter(registered if self.has_add_permission(request) else ()), None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        save_confirmation.take_up_again(request)
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except save_confirmation.Unconfirmed as unconfirmed:
            return save_confirmation.ask(self, request, unconfirmed)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        if change:
            save_confirmation.require(request, form)
        return super().save_form(request, form, change)

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        by: AbstractUser = request.user  # type: ignore[assignment] # the admin requires a user
        form.before = application_snapshot(obj) if change else {}
        if not change:
            obj.user = by
            obj.registration_key = form.cleaned_data.get("form_key")
            obj.first_secret_ends_at = end_of(form.cleaned_data.get("secret_last_day"))
        if change and obj.disabled and "disabled" in form.changed_data:
            # First: saving moves the generation on, and then nothing is alive that could be counted.
            revocation.disable(obj, by=by, address=address_in(request.META))
        try:
            super().save_model(request, obj, form, change)
        except IntegrityError:
            _take_back_logo(obj, form)
            raise
        if obj.linked_user is not None and "linked_user" in form.changed_data:
            AuditEvent.objects.record(
                AuditEvent.Kind.USER_LINKED,
                application=obj,
                user=obj.linked_user,
                by=by,
                address=address_in(request.META),
            )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changes = changes_between(form.before, application_snapshot(form.instance))
        kind = AuditEvent.Kind.APPLICATION_CHANGED if change else AuditEvent.Kind.APPLICATION_REGISTERED
        told: dict[str, Any] = {"application": form.instance, "by": request.user, "address": address_in(request.META)}
        AuditEvent.objects.record(kind, **told, changes=changes)
        if form.before.get("disabled") and not form.instance.disabled:
            AuditEvent.objects.record(AuditEvent.Kind.APPLICATION_ENABLED, **told)

    @method_decorator(never_cache)
    @sensitive_variables()
    def response_add(
        self, request: HttpRequest, obj: Application, post_url_continue: str | None = None
    ) -> HttpResponse:
        """
        Answer the registering POST with the client ID and the secret: nowhere else, and never again.

        No redirect and no message: both would have to store the secret somewhere on the way.
        """
        issued = None
        if may_issue_for(request.user, obj):
            issued = client_secrets.issue(
                application=obj,
                by=request.user,  # type: ignore[arg-type] # the admin requires a user
                expires_at=obj.first_secret_ends_at,
                address=address_in(request.META),
            )
        return secrets.credentials(self, request, obj, issued=issued, title=_("Application registered")).render()


def _take_back_logo(application: Application, form: Any) -> None:
    """Remove the file that came with a ``form`` whose row the database refused: Django stores the file first."""
    # One that is not stored yet has the name that the browser gave it, which may be another file's. Private, and
    # nothing public tells one from the other.
    if "logo" in form.changed_data and application.logo and application.logo._committed:  # type: ignore[attr-defined] # the stubs don't know it
        application.logo.delete(save=False)
