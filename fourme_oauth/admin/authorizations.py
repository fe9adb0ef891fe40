"""Authorizations: read-only and revocable; never edited or deleted, so that their history is kept."""

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
"""Most authorizations per action: the confirmation page lists each of them."""


class AuthorizationList(ChangeList):
    """Queries the effective access of all rows of a page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        prefetch_related_objects(self.result_list, "application")
        self.access = access_of(self.result_list)
        self.list_display = [self.verdicts if name == "verdicts" else name for name in self.list_display]

    @admin.display(description=_("scopes"))
    def verdicts(self, obj: Authorization) -> str:
        return verdicts(obj, self.access.get(obj.pk))


def access_of(authorizations: Iterable[Authorization]) -> dict[int, EffectiveAccess]:
    """Return the effective access by primary key; without those revoked or whose application was deleted."""
    return effective_access.of_authorizations(each for each in authorizations if each.revoked_at is None)


def verdicts(authorization: Authorization, access: EffectiveAccess | None) -> str:
    """Return the granted scopes by verdict; without ``access``, just the scopes."""
    if access is None or not authorization.granted:
        return authorization.scopes
    by_verdict: dict[Verdict, list[str]] = {}
    for name, verdict in access.explain(sorted(authorization.granted)).items():
        by_verdict.setdefault(verdict, []).append(name)
    # In the order of the enum: effective scopes first.
    rows = [(by_verdict[verdict], verdict) for verdict in Verdict if verdict in by_verdict]
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
        """Search applications and users, then filter by foreign key: no index supports a substring search here."""
        if not search_term:
            return queryset, False
        by_name = Q(name__icontains=search_term) | Q(client_id=search_term)
        applications = Application.objects.filter(by_name).order_by("pk").values_list("pk", flat=True)[:SEARCH_LIMIT]
        users = get_user_model()._default_manager
        starts = {f"{get_user_model().USERNAME_FIELD}__startswith": search_term}
        matching = users.filter(**starts).order_by("pk").values_list("pk", flat=True)[:SEARCH_LIMIT]
        found = Q(client_id=search_term) | Q(application__in=list(applications)) | Q(user__in=list(matching))
        return queryset.filter(found), False

    # Display

    @admin.display(description=_("scopes"))
    def verdicts(self, obj: Authorization) -> str:
        return verdicts(obj, access_of([obj]).get(obj.pk))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuthorizationList

    @admin.display(description=_("valid codes and tokens"))
    def alive(self, obj: Authorization) -> str:
        return in_words(self._valid_counts([obj]))

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
        """Show what revoking it would end (GET), and revoke it (POST)."""
        if not self.has_revoke_permission(request):
            raise PermissionDenied
        selected = Authorization.objects.filter(pk=pk)
        if not selected.exists():
            raise Http404
        if request.method == "POST":
            self._revoke(request, selected)
            return redirect(self.url_of("change", pk))
        return self._confirmation(request, selected)

    @admin.action(description=_("Revoke selected authorizations"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Authorization]) -> HttpResponse | None:
        # By primary key: a search joins other tables, whose rows must not be locked too.
        keys = list(queryset.values_list("pk", flat=True)[: MAX_SELECTED + 1])
        if len(keys) > MAX_SELECTED:
            limit = {"count": MAX_SELECTED}
            self.message_user(request, gettext("Select at most %(count)d at a time.") % limit, messages.ERROR)
            return None
        selected = Authorization.objects.filter(pk__in=keys)
        if "post" not in request.POST:
            return self._confirmation(request, selected, is_selection=True)
        self._revoke(request, selected)
        return None

    def _revoke(self, request: HttpRequest, selected: Any) -> None:
        number = selected.standing().count()
        revoke_several(selected, by=Actor.of(request))
        text = ngettext("%(count)d authorization was revoked.", "%(count)d authorizations were revoked.", number)
        self.message_user(request, text % {"count": number}, messages.SUCCESS)

    def _confirmation(self, request: HttpRequest, selected: Any, **extra: bool) -> HttpResponse:
        standing = list(selected.standing().select_related("user").order_by("application_name", "pk"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revoke access"),
            "opts": self.opts,
            "standing": standing,
            "users": len({each.user_id for each in standing}),
            "applications": len({each.application_id for each in standing}),
            "alive": in_words(self._valid_counts(standing)),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            **extra,
        }
        return TemplateResponse(request, "admin/fourme_oauth/authorization/revoke_confirmation.html", context)

    def _valid_counts(self, authorizations: list[Authorization]) -> TokenCounts:
        standing = [each for each in authorizations if each.revoked_at is None]
        return sum(live_counts(standing, timezone.now()).values(), start=TokenCounts())


def in_words(counts: TokenCounts) -> str:
    """Return the numbers of valid tokens and codes as text; there are no pages that list them."""
    counted = [
        ngettext("%(count)d access token", "%(count)d access tokens", counts.access_tokens)
        % {"count": counts.access_tokens},
        ngettext("%(count)d refresh token", "%(count)d refresh tokens", counts.refresh_tokens)
        % {"count": counts.refresh_tokens},
        ngettext("%(count)d pending code", "%(count)d pending codes", counts.codes) % {"count": counts.codes},
    ]
    return ", ".join(counted)
