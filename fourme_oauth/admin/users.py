"""The admin of users, with an inline that counts the access of applications."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as djangos
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .. import revocation
from ..models import Authorization
from .authorizations import in_words
from .sites import replace_base


class AccessFormSet(forms.BaseInlineFormSet):
    """A formset without forms, whatever is submitted; it counts when it is rendered."""

    list_url: str
    """The URL of the user's authorizations; empty if the site has no such list or the current user may not view it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            # It renders no fields, so a missing management form is no error, and submitted ones are ignored.
            self.data = {self.add_prefix(name): 0 for name in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT)}

    def counted(self) -> dict[str, Any]:
        """Return the context of the template, in four queries."""
        impact = revocation.impact_of_user(self.instance)
        return {"impact": impact, "alive": in_words(impact.alive)}


class AccessOfUserInline(admin.StackedInline):
    """The read-only inline for the page of a user; a site can add it to a ``UserAdmin`` of its own."""

    model = Authorization
    fk_name = "user"
    formset = AccessFormSet
    template = "admin/fourme_oauth/user/access.html"
    fields = ()
    extra = 0
    max_num = 0
    can_delete = False
    verbose_name_plural = _("access of applications")

    @property
    def media(self) -> forms.Media:
        # Without Django's script for inlines, which needs rows.
        return forms.Media(css={"all": ["fourme_oauth/admin.css"]})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Not on the page that adds a user, who has no authorizations yet.
        return obj is not None and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Authorization.objects.none()

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        return type(formset.__name__, (formset,), {"list_url": self._list_url(request, obj)})

    def _list_url(self, request: HttpRequest, user: Any) -> str:
        site = self.admin_site
        model_admin = site.is_registered(Authorization) and site.get_model_admin(Authorization)
        if not model_admin or not model_admin.has_view_permission(request):
            return ""
        field: Any = Authorization._meta.get_field(self.fk_name)
        url = reverse("admin:fourme_oauth_authorization_changelist", current_app=site.name)
        return f"{url}?{urlencode({f'{self.fk_name}__{field.target_field.name}__exact': user.pk})}"


class UserAdmin(djangos.UserAdmin):
    """Django's ``UserAdmin`` with the access of applications."""

    inlines = (AccessOfUserInline,)


replace_base(admin.site, User, UserAdmin)
