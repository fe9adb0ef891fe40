"""The admin of applications: form, list actions and extra pages."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from .. import client_secrets, revocation
from ..actor import Actor
from ..models import Application
from .application_disable import AccessPanel, DisablePage, EndAccessPage
from .application_form import ApplicationForm
from .forms import LastDayField, end_of
from .linked_user_permissions import may_issue, may_issue_for
from .lists import ListAdmin, can_be_searched
from .pages import ApplicationPage, Panel
from .save_confirmation import SaveConfirmationPage, Unconfirmed, restore_logo
from .secrets import AlreadySubmittedPage, CredentialsPage, IssuePage, RetireLegacySecretPage, RetirePage, SecretsPanel


class ApplicationAdmin(ListAdmin):
    lookups = ("disabled__exact", "client_type__exact")
    form = ApplicationForm
    list_display = ("name", "publisher", "client_type", "is_enabled", "created")
    list_filter = ("disabled", "client_type")
    search_fields = ("name", "publisher", "client_id")
    raw_id_fields = ("linked_user",)
    view_on_site = False
    actions = ("disable_selected", "end_access_of_selected")
    pages: Sequence[type[ApplicationPage]] = (IssuePage, RetirePage, RetireLegacySecretPage, DisablePage, EndAccessPage)
    """The extra pages of an application, beside its form."""

    class Media:
        js: ClassVar = ["fourme_oauth/admin.js", "fourme_oauth/autocomplete.js"]

    @admin.display(description=_("enabled"), boolean=True, ordering="disabled")
    def is_enabled(self, obj: Application) -> bool:
        return not obj.disabled

    def get_urls(self) -> list[URLPattern]:
        # First: the admin's own patterns match any path below the changelist as a primary key.
        pages = [self.url_pattern(page.route, page.as_view(model_admin=self), page.url_name) for page in self.pages]
        return [*pages, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Application | None = None) -> Any:
        identity = ["name", "publisher", "homepage", "description", "logo"]
        kind = ["client_type", "authorization_grant_type", "client_credentials", "linked_user"]
        protocol = ["redirect_uris", "allowed_origins", "require_pkce", "skip_authorization"]
        panels = self._panels(request)
        return [
            (None, {"fields": ["client_id", *identity] if obj else [*identity, "form_key"]}),
            (_("How it gets access"), {"fields": [*kind, *protocol]}),
            (_("Allowed scopes"), {"fields": ["scopes"]}),
            (_("Tokens"), {"fields": ["access_token_seconds", "refresh_token_seconds", "resource_server"]}),
            *([(_("Secrets"), {"fields": [panels[0]]})] if obj and not obj.is_public else []),
            *([(_("Secret"), {"fields": ["secret_last_day"]})] if not obj and may_issue(request.user) else []),
            (_("State"), {"fields": ["disabled", panels[1]] if obj else ["disabled"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Application | None = None) -> Any:
        return ("client_id", *self._panels(request)) if obj else ()

    def _panels(self, request: HttpRequest) -> tuple[Panel, Panel]:
        return SecretsPanel(self, request), AccessPanel(self, request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": Actor.of(request)})

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Autocomplete the linked user where the site's admin can search users and the current user may view them."""
        field = self.opts.get_field("linked_user")
        return (field.name,) if can_be_searched(field, self.admin_site, request) else ()

    def has_end_access_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may revoke authorizations. Named by an action's ``permissions``."""
        return request.user.has_perm("fourme_oauth.revoke_authorization")

    @admin.action(description=_("Disable selected applications"), permissions=["change"])
    def disable_selected(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse | None:
        return DisablePage(model_admin=self, request=request).answer_action("disable_selected", queryset)

    @admin.action(description=_("End all access of selected applications"), permissions=["end_access"])
    def end_access_of_selected(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse | None:
        return EndAccessPage(model_admin=self, request=request).answer_action("end_access_of_selected", queryset)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self._already_submitted(request) or super().add_view(request, *args, **kwargs)
        except IntegrityError:
            # Race condition: the same form was submitted concurrently; the unique key rolled this transaction back.
            if response := self._already_submitted(request):
                return response
            raise

    def _already_submitted(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response to a form whose ``form_key`` has already registered an application, or ``None``."""
        try:
            registered = Application.objects.filter(registration_key=request.POST.get("form_key", "")).first()
        except ValidationError:
            return None
        if registered is None or not self.has_add_permission(request):
            return None
        return AlreadySubmittedPage(model_admin=self, request=request, application=registered).render()

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        restore_logo(request)
        try:
            return super().change_view(request, *args, **kwargs)
        except Unconfirmed as unconfirmed:
            return unconfirmed.page.render()

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        if change:
            confirmation = SaveConfirmationPage(form, model_admin=self, request=request)
            if confirmation.is_needed():
                raise Unconfirmed(confirmation)
        return super().save_form(request, form, change)

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        if change and obj.disabled and "disabled" in form.changed_data:
            # First: saving increments the generation, after which no token is valid that could be counted.
            revocation.disable(obj, by=form.by)
        try:
            super().save_model(request, obj, form, change)
        except IntegrityError:
            _delete_uploaded_logo(obj, form)
            raise

    @method_decorator(never_cache)
    @sensitive_variables()
    def response_add(self, request: HttpRequest, obj: Application, *args: Any, **kwargs: Any) -> HttpResponse:
        """
        Respond to the registering POST with the client ID and the secret, which no other response contains.

        No redirect and no message: both would have to store the secret.
        """
        issued = None
        if may_issue_for(request.user, obj):
            # The form has validated it, but Django doesn't pass the form to this method.
            last_day = LastDayField().to_python(request.POST.get("secret_last_day"))
            issued = client_secrets.issue(obj, by=Actor.of(request), expires_at=end_of(last_day))
        return CredentialsPage(model_admin=self, request=request, application=obj, issued=issued).render().render()


def _delete_uploaded_logo(application: Application, form: Any) -> None:
    """Delete the file uploaded with ``form`` after the INSERT or UPDATE failed: Django stores the file first."""
    # A file that is not stored yet has the name that the browser sent, which may be another stored file's. The
    # attribute is private, but nothing public tells the two apart.
    if "logo" in form.changed_data and application.logo and application.logo._committed:  # type: ignore[attr-defined] # the stubs don't know it
        application.logo.delete(save=False)
