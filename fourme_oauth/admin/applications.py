"""Applications: registering one, and the one page that shows its secret."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from .. import client_secrets, revocation
from ..changes import changes_between, facts_of
from ..models import Application, AuditEvent, Scope
from ..whereabouts import address_in
from .lists import ListAdmin

OFFERED_GRANTS = [
    (Application.GRANT_AUTHORIZATION_CODE, _("On behalf of users, who allow it (authorization code)")),
    (Application.GRANT_CLIENT_CREDENTIALS, _("As one linked user (client credentials)")),
]


class ScopeChoiceField(forms.ModelMultipleChoiceField):
    """A scope by its name and the words that users read."""

    def label_from_instance(self, obj: Scope) -> str:
        return f"{obj.name}: {obj.wording}"


class ApplicationForm(forms.ModelForm):
    homepage = forms.URLField(
        label=_("Homepage"),
        required=False,
        assume_scheme="https",
        help_text=_("Shown to users when it asks for access."),
    )
    redirect_uris = forms.CharField(
        label=_("Redirect URIs"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text=_("Where users are sent afterwards, one per line. Compared character by character."),
    )
    allowed_origins = forms.CharField(
        label=_("Origins"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        help_text=_("Where the scripts of a public application run in browsers, one per line: https://app.example"),
    )
    authorization_grant_type = forms.ChoiceField(
        label=_("Access"), choices=OFFERED_GRANTS, initial=Application.GRANT_AUTHORIZATION_CODE
    )
    client_type = forms.ChoiceField(
        label=_("Client type"),
        choices=Application.CLIENT_TYPES,
        initial=Application.CLIENT_CONFIDENTIAL,
        help_text=_("Confidential: runs on a server and can keep a secret. Public: runs on the user's own device."),
    )
    skip_authorization = forms.BooleanField(
        label=_("Trusted"),
        required=False,
        help_text=_("Users are not asked. What they would have allowed is recorded, shown and revocable."),
    )
    scopes = ScopeChoiceField(
        queryset=Scope.objects.in_catalogue(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The most that it can be granted."),
    )

    class Meta:
        model = Application
        fields = (
            "name",
            "publisher",
            "homepage",
            "description",
            "logo",
            "client_type",
            "authorization_grant_type",
            "client_credentials",
            "redirect_uris",
            "allowed_origins",
            "linked_user",
            "require_pkce",
            "skip_authorization",
            "scopes",
            "access_token_seconds",
            "refresh_token_seconds",
            "resource_server",
            "disabled",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "scopes" in self.fields:
            # Changing who may keep a secret would leave live secrets without a holder.
            self.fields["client_type"].disabled = True
            # A retired scope stays ticked, for when it comes back.
            offered = Q(retired=False) | Q(pk__in=self.instance.scopes.all())
            self.fields["scopes"].queryset = Scope.objects.filter(offered)  # type: ignore[attr-defined]

    def clean_redirect_uris(self) -> str:
        return "\n".join(self.cleaned_data["redirect_uris"].split())

    def clean_allowed_origins(self) -> str:
        return "\n".join(self.cleaned_data["allowed_origins"].split())

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not name.strip():
            raise forms.ValidationError(_("Users must know who asks. Enter a name."))
        return name


class ApplicationAdmin(ListAdmin):
    lookups = ("disabled__exact", "client_type__exact")
    form = ApplicationForm
    list_display = ("name", "publisher", "client_type", "is_enabled", "created")
    list_filter = ("disabled", "client_type")
    search_fields = ("name", "publisher", "client_id")
    raw_id_fields = ("linked_user",)
    view_on_site = False

    @admin.display(description=_("enabled"), boolean=True, ordering="disabled")
    def is_enabled(self, obj: Application) -> bool:
        return not obj.disabled

    def get_fields(self, request: HttpRequest, obj: Application | None = None) -> Any:
        fields = list(ApplicationForm.Meta.fields)
        return ["client_id", *fields] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Application | None = None) -> Any:
        return ("client_id",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        by: AbstractUser = request.user  # type: ignore[assignment] # the admin requires a user
        form.before = facts_of(obj) if change else {}
        if not change:
            obj.user = by
        newly_disabled = change and obj.disabled and "disabled" in form.changed_data
        super().save_model(request, obj, form, change)
        if newly_disabled:
            revocation.disable(obj, by=by, address=address_in(request.META))
        if obj.linked_user is not None and "linked_user" in form.changed_data:
            AuditEvent.objects.record(AuditEvent.Kind.USER_LINKED, application=obj, user=obj.linked_user, by=by)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changes = changes_between(form.before, facts_of(form.instance))
        kind = AuditEvent.Kind.APPLICATION_CHANGED if change else AuditEvent.Kind.APPLICATION_REGISTERED
        told: dict[str, Any] = {"application": form.instance, "by": request.user, "address": address_in(request.META)}
        AuditEvent.objects.record(kind, **told, changes=changes)
        if form.before.get("disabled") and not form.instance.disabled:
            AuditEvent.objects.record(AuditEvent.Kind.APPLICATION_ENABLED, **told)

    @method_decorator(never_cache)
    @sensitive_variables()
    @transaction.atomic
    def response_add(
        self, request: HttpRequest, obj: Application, post_url_continue: str | None = None
    ) -> HttpResponse:
        """
        Answer the registering POST with the client ID and the secret: nowhere else, and never again.

        No redirect and no message: both would have to store the secret somewhere on the way.
        """
        issued = None
        if not obj.is_public:
            issued = client_secrets.issue(application=obj, by=request.user)  # type: ignore[arg-type]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Application registered"),
            "opts": self.opts,
            "application": obj,
            "issued": issued,  # not its text: the template engine logs the values of a context
        }
        response = TemplateResponse(request, "admin/fourme_oauth/application/credentials.html", context)
        return response.render()
