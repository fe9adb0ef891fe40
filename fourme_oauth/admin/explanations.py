"""What one application may do for one user now, scope by scope, and why not more."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from ..explanation import Explanation, explain
from ..models import Application, Authorization
from .lists import can_be_searched, is_valid_key


class PairForm(forms.Form):
    """An application and a user; each chosen, or named as it is known elsewhere."""

    application = forms.ModelChoiceField(Application.objects.all(), label=_("Application"), required=False)
    client_id = forms.CharField(label=_("or its client ID"), required=False, max_length=255)
    user = forms.ModelChoiceField(get_user_model()._default_manager.none(), label=_("User"), required=False)
    username = forms.CharField(label=_("or the user name"), required=False, max_length=255)

    def __init__(self, request: HttpRequest, site: admin.AdminSite) -> None:
        super().__init__(_without_junk(request.GET) if request.GET else None)
        self.fields["user"].queryset = get_user_model()._default_manager.all()  # type: ignore[attr-defined]
        for name in ("application", "user"):
            related: Any = Authorization._meta.get_field(name)
            choice: Any = self.fields[name]
            # Where nobody can search, the primary key is what is left: a list of all would be a table to load.
            choice.widget = forms.TextInput()
            if can_be_searched(related, site, request):
                choice.widget = AutocompleteSelect(related, site)
                choice.widget.choices = choice.choices

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "application" in given and given["application"] is None:
            given["application"] = self._named("client_id", _("Choose an application, or enter its client ID."))
        if "user" in given and given["user"] is None:
            given["user"] = self._named("username", _("Choose a user, or enter the user name."))
        return given

    def _named(self, name: str, missing: Any) -> Any:
        text = self.cleaned_data.get(name, "")
        found = text and (_application(text) if name == "client_id" else _user(text))
        if not found:
            self.add_error(name, _("Not found.") if text else missing)
        return found or None


def _without_junk(given: QueryDict) -> QueryDict:
    """Return what was ``given`` without keys that can be none: Django's widget would look them up as they are."""
    kept = given.copy()
    for name in ("application", "user"):
        if not is_valid_key(Authorization._meta.get_field(name), kept.get(name) or ""):
            kept[name] = ""
    return kept


def explanation_page(request: HttpRequest, model_admin: admin.ModelAdmin) -> TemplateResponse:
    """Show the form, and below it the explanation once both are chosen."""
    form = PairForm(request, model_admin.admin_site)
    chosen = form.is_bound and form.is_valid()
    explanation: Explanation | None = None
    if chosen:
        explanation = explain(form.cleaned_data["user"], form.cleaned_data["application"])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Effective access"),
        "opts": model_admin.opts,
        "form": form,
        "media": model_admin.media + form.media,
        "explanation": explanation,
    }
    return TemplateResponse(request, "admin/fourme_oauth/authorization/explanation.html", context)


def _application(client_id: str) -> Application | None:
    found: Application | None = Application.objects.filter(client_id=client_id).first()
    # MariaDB finds other cases of the letters too.
    return found if found is not None and found.client_id == client_id else None


def _user(name: str) -> AbstractUser | None:
    users = get_user_model()
    try:
        found: AbstractUser = users._default_manager.get_by_natural_key(name)
    except users.DoesNotExist:
        return None
    return found
