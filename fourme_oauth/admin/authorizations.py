"""Who allowed what to whom: to look at and to revoke; neither edited nor deleted, which would lose that it ever was."""

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
from django.urls import URLPattern
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
from .lists import SEARCH_LIMIT, ByAutocomplete, CascadeOnlyAdmin

MAX_SELECTED = 500
"""How many can be revoked together: as many as a page can name the consequences of."""


class AuthorizationList(ChangeList):
    """Reads the effective access of all rows of a page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        prefetch_related_objects(self.result_list, "application")
        self.access = access_of(self.result_list)
        self.list_display = [self.verdicts if name == "verdicts" else name for name in self.list_display]

    @admin.display(description=_("scopes"))
    def verdicts(self, obj: Authorization) -> str:
        return verdicts(obj, self.access.get(obj.pk))


def access_of(authorizations: Iterable[Authorization]) -> dict[int, EffectiveAccess]:
    """Return what each gives now, by primary key; without those that are revoked or whose application is gone."""
    return effective_access.of_authorizations(each for each in authorizations if each.revoked_at is None)


def verdicts(authorization: Authorization, access: EffectiveAccess | None) -> str:
    """Return the granted scopes by verdict; without ``access``, just the scopes."""
    if access is None or not authorization.granted:
        return authorization.scopes
    named: dict[Verdict, list[str]] = {}
    for name, verdict in access.explain(sorted(authorization.granted)).items():
        named.setdefault(verdict, []).append(name)
    # In the order of the verdicts: first what is in effect.
    rows = [(named[verdict], verdict) for verdict in Verdict if verdict in named]
    return render_to_string("admin/fourme_oauth/authorization/verdicts.html", {"rows": rows})


@admin.register(Authorization)
class AuthorizationAdmin(CascadeOnlyAdmin):
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

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.revoke_authorization")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def get_urls(self) -> list[URLPattern]:
        return [
            self.url_pattern("explain/", self.explain_view, "explain"),
            self.url_pattern(f"<{CONVERTER}:pk>/revoke/", self.revoke_view, "revoke"),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Authorization], search_term: str
    ) -> tuple[QuerySet[Authorization], bool]:
        """Find them by way of the applications and users meant: no index leads from a part of a name to these rows."""
        if not search_term:
            return queryset, False
        named = Q(name__icontains=search_term) | Q(client_id=search_term)
        applications = Application.objects.filter(named).order_by("pk").values_list("pk", flat=True)[:SEARCH_LIMIT]
        users = get_user_model()._default_manager
        begins = {f"{get_user_model().USERNAME_FIELD}__startswith": search_term}
        known = users.filter(**begins).order_by("pk").values_list("pk", flat=True)[:SEARCH_LIMIT]
        found = Q(client_id=search_term) | Q(application__in=list(applications)) | Q(user__in=list(known))
        return queryset.filter(found), False

    # What a page says

    @admin.display(description=_("scopes"))
    def verdicts(self, obj: Authorization) -> str:
        return verdicts(obj, access_of([obj]).get(obj.pk))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuthorizationList

    @admin.display(description=_("valid codes and tokens"))
    def alive(self, obj: Authorization) -> str:
        return in_words(self._alive([obj]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["can_revoke"] = self.has_revoke_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

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
            return redirect(self.url_of("change", pk))
        return self._confirmation(request, chosen)

    @admin.action(description=_("Revoke selected authorizations"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Authorization]) -> HttpResponse | None:
        # By their keys: what is searched for joins other tables, and rows are locked in theirs alone.
        keys = list(queryset.values_list("pk", flat=True)[: MAX_SELECTED + 1])
        if len(keys) > MAX_SELECTED:
            most = {"count": MAX_SELECTED}
            self.message_user(request, gettext("Select at most %(count)d at a time.") % most, messages.ERROR)
            return None
        chosen = Authorization.objects.filter(pk__in=keys)
        if "post" not in request.POST:
            return self._confirmation(request, chosen, is_selection=True)
        self._revoke(request, chosen)
        return None

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
