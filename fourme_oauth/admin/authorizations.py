"""Who allowed what to whom: to look at and to revoke, not to edit."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..models import Authorization
from ..revocation import revoke_several
from ..whereabouts import address_in


@admin.register(Authorization)
class AuthorizationAdmin(admin.ModelAdmin):
    list_display = ("application_name", "user", "granted_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("application_name", "client_id")
    fields = ("user", "application", "client_id", "scopes", "granted_at", "confirmed_at", "last_used_at", "revoked_at")
    actions = ("revoke_selected",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Deleting a row would lose that it ever was; revoking ends the access. It only goes with its user, whose admin
        # asks here on its own pages.
        page = str(request.resolver_match.url_name) if request.resolver_match else ""
        own = page.startswith(f"{self.opts.app_label}_{self.opts.model_name}_")
        return page.endswith(("_delete", "_changelist")) and not own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.action(description=_("Revoke selected authorizations"), permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Authorization]) -> None:
        # By their keys: what is searched for joins other tables, and rows are locked in theirs alone.
        chosen = Authorization.objects.filter(pk__in=list(queryset.values_list("pk", flat=True)))
        number = chosen.standing().count()
        revoke_several(chosen, by=request.user, address=address_in(request.META))  # type: ignore[arg-type] # signed in
        text = ngettext("%(count)d authorization was revoked.", "%(count)d authorizations were revoked.", number)
        self.message_user(request, text % {"count": number}, messages.SUCCESS)
