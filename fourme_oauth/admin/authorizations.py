"""Who allowed what to whom: to look at and to revoke, not to edit."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .. import effective_access
from ..actor import Actor
from ..converters import CONVERTER
from ..effective_access import EffectiveAccess, Verdict
from ..models import Application, Authorization
from ..models.token_sets import TokenCounts, live_counts
from ..revocation import revoke_several
from .explanations import explanation_page
from .lists import ByAutocomplete, ListAdmin

AT_ONCE = 500
"""How many can be revoked together: as many as a page can name the consequences of."""
FOUND = 100
"""How many applications or users a search takes into account."""


class AuthorizationList(ChangeList):
    """Asks the law once for the rows of a page, not once for each."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        prefetch_related_objects(self.result_list, "application")
        read_access(self.result_list)


def read_access(authorizations: Iterable[Authorization]) -> None:
    """Set at each its ``access``: what it gives now; ``None`` where nothing stands or the application is gone."""
    known = effective_access.of_authorizations(each for each in authorizations if each.revoked_at is None)
    for each in authorizations:
        each.access = known.get(each.pk)  # type: ignore[attr-defined] # for the page alone


@admin.register(Authorization)
class AuthorizationAdmin(ListAdmin):
    list_display = ("application_name", "user", "verdicts", "granted_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = (("application", ByAutocomplete), ("user", ByAutocomplete))
    ordering = ("-granted_at",)
    sortable_by = ("granted_at",)
    search_fields = ("client_id",)
    found_by = _("An application's name or client ID, or the beginning of a user name.")
    fields = (
        "user",
        "application",
        "client_id",
        "granted_at",
        "confirmed_at",
        "last_used_at",
        "verdicts",
        "alive",
        "revoked_at",
        "revoked_by",
    )
    actions = ("revoke_selected",)

    def __init__(self, model: type[Authorization], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.lookups = ("application__id__exact", f"user__{get_user_model()._meta.pk.name}__exact")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.revoke_authorization")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Deleting a row would lose that it ever was; revoking ends the access. It only goes with its user, whose admin
        # asks here on its own pages.
        page = str(request.resolver_match.url_name) if request.resolver_match else ""
        own = page.startswith(f"{self.opts.app_label}_{self.opts.model_name}_")
        return page.endswith(("_delete", "_changelist")) and not own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("explain/", view(self.explain_view), name=f"{name}_explain"),
            path(f"<{CONVERTER}:pk>/revoke/", view(self.revoke_view), name=f"{name}_revoke"),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Authorization], search_term: str
    ) -> tuple[QuerySet[Authorization], bool]:
        """Find them by way of the applications and users meant: no index leads from a part of a name to these rows."""
        if not search_term:
            return queryset, False
        named = Q(name__icontains=search_term) | Q(client_id=search_term)
        applications = Application.objects.filter(named).order_by("pk").values_list("pk", flat=True)[:FOUND]
        users = get_user_model()._default_manager
        begins = {f"{get_user_model().USERNAME_FIELD}__startswith": search_term}
        known = users.filter(**begins).order_by("pk").values_list("pk", flat=True)[:FOUND]
        found = Q(client_id=search_term) | Q(application__in=list(applications)) | Q(user__in=list(known))
        return queryset.filter(found), False

    # What a page says

    @admin.display(description=_("scopes"))
    def verdicts(self, obj: Authorization) -> str:
        access = self._access_at_hand(obj)
        if access is None or not obj.granted:
            return obj.scopes
        named: dict[Verdict, list[str]] = {}
        for name, verdict in access.explain(sorted(obj.granted)).items():
            named.setdefault(verdict, []).append(name)
        # In the order of the verdicts: first what is in effect.
        rows = [(named[verdict], verdict) for verdict in Verdict if verdict in named]
        return render_to_string("admin/fourme_oauth/authorization/verdicts.html", {"rows": rows})

    def _access_at_hand(self, obj: Authorization) -> EffectiveAccess | None:
        if not hasattr(obj, "access"):
            read_access([obj])
        access: EffectiveAccess | None = obj.access  # type: ignore[attr-defined] # read_access sets it
        return access

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuthorizationList

    @admin.display(description=_("alive"))
    def alive(self, obj: Authorization) -> str:
        return in_words(self._alive([obj]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        can_revoke = {"can_revoke": self.has_revoke_permission(request)}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | can_revoke)

    def explain_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return explanation_page(request, self)

    # Revoking

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what revoking this one would end, and revoke it when asked to."""
        if not self.has_revoke_permission(request):
            raise PermissionDenied
        chosen = Authorization.objects.filter(pk=pk)
        if not chosen.exists():
            raise Http404
        if request.method == "POST":
            self._revoke(request, chosen)
            return redirect(reverse("admin:fourme_oauth_authorization_change", args=[pk], current_app=self._site))
        return self._confirmation(request, chosen)

    @admin.action(description=_("Revoke selected authorizations"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Authorization]) -> HttpResponse | None:
        # By their keys: what is searched for joins other tables, and rows are locked in theirs alone.
        keys = list(queryset.values_list("pk", flat=True)[: AT_ONCE + 1])
        if len(keys) > AT_ONCE:
            most = {"count": AT_ONCE}
            self.message_user(request, gettext("Choose at most %(count)d together.") % most, messages.ERROR)
            return None
        chosen = Authorization.objects.filter(pk__in=keys)
        if "post" not in request.POST:
            return self._confirmation(request, chosen, is_selection=True)
        self._revoke(request, chosen)
        return None

    @property
    def _site(self) -> str:
        return self.admin_site.name

    def _revoke(self, request: HttpRequest, chosen: Any) -> None:
        number = chosen.standing().count()
        revoke_several(chosen, by=Actor.of(request))
        text = ngettext("%(count)d authorization was revoked.", "%(count)d authorizations were revoked.", number)
        self.message_user(request, text % {"count": number}, messages.SUCCESS)

    def _confirmation(self, request: HttpRequest, chosen: Any, **more: bool) -> HttpResponse:
        standing = list(chosen.standing().select_related("user").order_by("application_name", "pk"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revoke access"),
            "opts": self.opts,
            "standing": standing,
            "users": len({each.user_id for each in standing}),
            "applications": len({each.application_id for each in standing}),
            "alive": in_words(self._alive(standing)),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            **more,
        }
        return TemplateResponse(request, "admin/fourme_oauth/authorization/revoke_confirmation.html", context)

    def _alive(self, authorizations: list[Authorization]) -> TokenCounts:
        standing = [each for each in authorizations if each.revoked_at is None]
        return sum(live_counts(standing, timezone.now()).values(), start=TokenCounts())


def in_words(alive: TokenCounts) -> str:
    """Say how many tokens and codes live; they are no rows to browse."""
    counted = [
        ngettext("%(count)d access token", "%(count)d access tokens", alive.access_tokens)
        % {"count": alive.access_tokens},
        ngettext("%(count)d refresh token", "%(count)d refresh tokens", alive.refresh_tokens)
        % {"count": alive.refresh_tokens},
        ngettext("%(count)d pending code", "%(count)d pending codes", alive.codes) % {"count": alive.codes},
    ]
    return ", ".join(counted)
