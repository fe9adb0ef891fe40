"""The form of an application."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..actor import Actor
from ..audit_changes import application_snapshot, record_application
from ..models import Application, Scope
from .forms import LastDayField
from .linked_user_permissions import may_issue, may_link, may_link_users
from .scope_matrix import ScopeChoiceField, ScopeMatrix

OFFERED_GRANTS = [
    (Application.GRANT_AUTHORIZATION_CODE, _("On behalf of users who authorize it (authorization code)")),
    (Application.GRANT_CLIENT_CREDENTIALS, _("As one linked user (client credentials)")),
]
LARGEST_LOGO = 512 * 1024
"""In bytes; the confirmation page carries the file in a hidden field."""
LINE_FIELDS = ("redirect_uris", "allowed_origins")


class ApplicationForm(forms.ModelForm):
    """Saves an application and records the changes in the audit trail."""

    by: Actor
    """The user who submits it; the admin sets it in a subclass for each request."""

    form_key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)
    homepage = forms.URLField(
        label=_("Homepage"),
        required=False,
        assume_scheme="https",
        help_text=_("Shown to users when it asks for access."),
    )
    redirect_uris = forms.CharField(
        label=_("Redirect URIs"),
        required=False,
        # Otherwise a browser that goes back restores the values of the application that was just registered.
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80, "autocomplete": "off"}),
        help_text=_("Where users are redirected after consent, one per line. Compared character by character."),
    )
    allowed_origins = forms.CharField(
        label=_("Origins"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        help_text=_("Origins of a public application that runs in browsers (CORS), one per line: https://app.example"),
    )
    authorization_grant_type = forms.ChoiceField(
        label=_("Grant type"),
        choices=OFFERED_GRANTS,
        initial=Application.GRANT_AUTHORIZATION_CODE,
        help_text=_("Whose data it can access: that of every user who authorizes it, or what one linked user can see."),
    )
    client_type = forms.ChoiceField(
        label=_("Client type"),
        choices=Application.CLIENT_TYPES,
        initial=Application.CLIENT_CONFIDENTIAL,
        help_text=_(
            "Confidential: runs on a server and can keep a secret. Public: runs on the user's own device. "
            "It can't be changed later."
        ),
    )
    skip_authorization = forms.BooleanField(
        label=_("Trusted"),
        required=False,
        help_text=_("Skips the consent page. The authorization is still recorded, and users can see and revoke it."),
    )
    scopes = ScopeChoiceField(
        label=_("Scopes"),
        queryset=Scope.objects.in_catalogue().prefetch_related("roles"),
        required=False,
        widget=ScopeMatrix,
        help_text=_("The most that users can grant it. Effective is only what a user granted and is permitted."),
    )
    secret_last_day = LastDayField(label=_("The secret works until"))

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
        if "name" in self.fields:
            self.fields["name"].widget.attrs["autocomplete"] = "off"
        if "logo" in self.fields:
            # The admin wraps a file field in a fieldset whose legend is no label for the input.
            self.fields["logo"].widget.attrs["aria-label"] = self.fields["logo"].label
        if "linked_user" in self.fields and not may_link_users(self.by.user):
            self.fields["linked_user"].disabled = True
            self.fields["linked_user"].help_text = _(
                "Changing it requires the permission “Can choose the user whom an application acts as”."
            )
        if self.instance.pk or not may_issue(self.by.user):
            del self.fields["secret_last_day"]  # this form issues no secret then
        if self.instance.pk and "scopes" in self.fields:
            # A public application has no secrets: changing the type would orphan the active ones.
            self.fields["client_type"].disabled = True
            # A retired scope that is allowed stays ticked, for when it is no longer retired.
            offered = Q(retired=False) | Q(pk__in=self.instance.scopes.all())
            scopes: Any = self.fields["scopes"]
            scopes.queryset = Scope.objects.filter(offered).prefetch_related("roles")

    def save(self, commit: bool = True) -> Any:
        before = application_snapshot(self.instance) if self.instance.pk else {}
        application = super().save(commit=False)
        if not before:
            application.user, application.registration_key = self.by.user, self.cleaned_data.get("form_key")
        save_m2m = self.save_m2m

        def save_m2m_and_record() -> None:
            save_m2m()
            record_application(application, before, by=self.by)

        # Django calls it last, after the row is saved.
        self.save_m2m = save_m2m_and_record  # type: ignore[method-assign] # as Django does
        if commit:
            application.save()
            self.save_m2m()
        return application

    def clean_redirect_uris(self) -> str:
        return "\n".join(self.cleaned_data["redirect_uris"].split())

    def clean_allowed_origins(self) -> str:
        return "\n".join(self.cleaned_data["allowed_origins"].split())

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not name.strip():
            raise ValidationError(_("Enter a name: users see it when the application asks for access."))
        return name

    def clean_logo(self) -> Any:
        logo = self.cleaned_data["logo"]
        if isinstance(logo, UploadedFile) and (logo.size or 0) > LARGEST_LOGO:
            raise ValidationError(_("Choose a file of at most 512 kB."))
        return logo

    # Private, but the only hook after model validation: clean() is called before it.
    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc] # not in Django's stubs; validates the model instance
        self._check_linked_user()
        if self.instance.is_public and self.cleaned_data.get("secret_last_day"):
            self.add_error("secret_last_day", _("A public application has no secret. Leave this empty."))
        for name in LINE_FIELDS:
            self._number_errors(name)

    def _check_linked_user(self) -> None:
        user = self.cleaned_data.get("linked_user")
        related = {"linked_user", "client_credentials", "authorization_grant_type"}
        if user is not None and not related.isdisjoint(self.changed_data) and not may_link(self.by.user, user):
            self.add_error("linked_user", _("You may not let an application act as this user."))

    def _number_errors(self, name: str) -> None:
        """Prefix the model's errors about URIs with the line number of the URI."""
        lines = str(self.data.get(self.add_prefix(name), "")).splitlines()
        for error in self.errors[name].as_data() if name in self.errors else ():
            uri = (error.params or {}).get("uri")
            numbers = [number for number, line in enumerate(lines, start=1) if uri in line.split()]
            if numbers:
                error.message = _("Line %(line)d: %(uri)s %(fault)s.")
                error.params = {**(error.params or {}), "line": numbers[0]}
