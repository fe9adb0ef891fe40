"""The page that explains the effective access of one application for one user, scope by scope."""

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
    """An application and a user, each chosen from a list or given by client ID or user name."""

    application = forms.ModelChoiceField(Application.objects.all(), label=_("Application"), required=False)
    client_id = forms.CharField(label=_("or its client ID"), required=False, max_length=255)
    user = forms.ModelChoiceField(get_user_model()._default_manager.none(), label=_("User"), required=False)
    username = forms.CharField(label=_("or the user name"), required=False, max_length=255)

    def __init__(self, request: HttpRequest, site: admin.AdminSite) -> None:
        super().__init__(_without_invalid_keys(request.GET) if request.GET else None)
        self.fields["user"].queryset = get_user_model()._default_manager.all()  # type: ignore[attr-defined]
        for name in ("application", "user"):
            related: Any = Authorization._meta.get_field(name)
            choice: Any = self.fields[name]
            # Without autocomplete, a primary key is entered: a <select> would load the whole table.
            choice.widget = forms.TextInput()
            if can_be_searched(related, site, request):
                choice.widget = AutocompleteSelect(related, site)
                choice.widget.choices = choice.choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "application" in cleaned and cleaned["application"] is None:
            cleaned["application"] = self._find("client_id", _("Choose an application, or enter its client ID."))
        if "user" in cleaned and cleaned["user"] is None:
            cleaned["user"] = self._find("username", _("Choose a user, or enter the user name."))
        return cleaned

    def _find(self, name: str, missing: Any) -> Any:
        text = self.cleaned_data.get(name, "")
        found = text and (_application(text) if name == "client_id" else _user(text))
        if not found:
            self.add_error(name, _("Not found.") if text else missing)
        return found or None


def _without_invalid_keys(query: QueryDict) -> QueryDict:
    """Blank invalid primary keys in the query string: the autocomplete widget queries with them unvalidated."""
    cleaned = query.copy()
    for name in ("application", "user"):
        if not is_valid_key(Authorization._meta.get_field(name), cleaned.get(name) or ""):
            cleaned[name] = ""
    return cleaned


def explanation_page(request: HttpRequest, model_admin: admin.ModelAdmin) -> TemplateResponse:
    """Render the form and, once it is valid, the explanation."""
    form = PairForm(request, model_admin.admin_site)
    explanation: Explanation | None = None
    if form.is_bound and form.is_valid():
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
    # MariaDB compares case-insensitively.
    return found if found is not None and found.client_id == client_id else None


def _user(name: str) -> AbstractUser | None:
    users = get_user_model()
    try:
        found: AbstractUser = users._default_manager.get_by_natural_key(name)
    except users.DoesNotExist:
        return None
    return found
