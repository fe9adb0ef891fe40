"""Views of Access & Security: a user's authorizations, their activity, and revoking them."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, ListView

from . import effective_access
from .actor import Actor
from .authenticated_request import AuthenticatedHttpRequest
from .converters import is_key
from .effective_access import EffectiveAccess
from .models import Application, AuditEvent, Authorization, Scope
from .models.avatars import initials_of
from .revocation import TokenCounts, reduce, revoke, revoke_all, revoke_several

ACTIVITY_DAYS = 90
EVENTS_SHOWN = 500
ENDED_SHOWN = 50


@method_decorator(never_cache, name="dispatch")
class AccessAndSecurityView(LoginRequiredMixin, ListView):
    """List the user's authorizations with the scopes of each and why some have no effect. ``?q=`` searches by name."""

    request: AuthenticatedHttpRequest
    template_name = "fourme_oauth/access_and_security.html"
    context_object_name = "authorizations"
    paginate_by = 20

    def get_queryset(self) -> QuerySet[Authorization]:
        return (
            self._search(Authorization.objects.of(self.request.user).standing())
            .select_related("application", "user")
            # A new authorization that was never used sorts by when it was granted.
            .order_by(Greatest(Coalesce("last_used_at", "granted_at"), "granted_at").desc(), "application_name", "pk")
        )

    def _search(self, authorizations: QuerySet[Authorization]) -> QuerySet[Authorization]:
        # PostgreSQL accepts no NUL in a parameter.
        sought = self.request.GET.get("q", "").replace("\0", "").strip()
        by_publisher = Q(application__publisher__icontains=sought)
        return authorizations.filter(Q(application_name__icontains=sought) | by_publisher) if sought else authorizations

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, authorizations = self.request.user, context["authorizations"]
        access = effective_access.of_authorizations(authorizations)
        wording = Scope.objects.wording()
        context["rows"] = [
            {
                "authorization": each,
                "scopes": _scopes(access[each.pk], each.wording | wording),
                "initials": initials_of(each.application_name),
            }
            for each in authorizations
        ]
        context["sought"] = self.request.GET.get("q", "")
        ended = Authorization.objects.of(user).exclude(revoked_at=None).select_related("revoked_by")
        context["ended"] = ended.order_by("-revoked_at", "-pk")[:ENDED_SHOWN]
        context["acting_as_you"] = Application.objects.acting_as(user)
        return context


@method_decorator(never_cache, name="dispatch")
class ActivityView(LoginRequiredMixin, DetailView):
    """List the audit events of one of the user's own authorizations from the last 90 days."""

    request: AuthenticatedHttpRequest
    template_name = "fourme_oauth/activity.html"
    context_object_name = "authorization"

    def get_queryset(self) -> QuerySet[Authorization]:
        return Authorization.objects.of(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # By client ID: events of a deleted application have no foreign key to it any more.
        audit_events = AuditEvent.objects.filter(user_id=self.request.user.pk, client_id=self.object.client_id)
        events = audit_events.filter(at__gte=timezone.now() - timedelta(days=ACTIVITY_DAYS))
        return super().get_context_data(events=events[:EVENTS_SHOWN], days=ACTIVITY_DAYS, **kwargs)


def _scopes(access: EffectiveAccess, wording: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "wording": wording.get(name, name), "verdict": verdict}
        for name, verdict in access.explain(sorted(access.granted)).items()
    ]


class RevokeAuthorizationView(LoginRequiredMixin, View):
    """Revoke one of the user's own authorizations. Idempotent: a second POST revokes nothing more."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
        authorization = get_object_or_404(Authorization.objects.of(request.user), pk=pk)
        revoked = revoke(authorization, by=Actor.of(request))
        sentence = _("%(name)s no longer has access.") % {"name": authorization.application_name}
        messages.success(request, f"{sentence} {_counts_in_words(revoked)}".strip())
        return redirect("fourme_oauth:access_and_security")


class ReduceAuthorizationView(LoginRequiredMixin, View):
    """Withdraw the scopes that are not ticked. Nothing ticked is most likely a mistake and changes nothing."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
        authorization = get_object_or_404(Authorization.objects.of(request.user).standing(), pk=pk)
        name = {"name": authorization.application_name}
        try:
            withdrawn = reduce(authorization, keep=request.POST.getlist("scopes"), by=Actor.of(request))
        except ValueError:
            messages.error(
                request,
                _("Nothing was ticked, so nothing was changed. To take back all access, revoke %(name)s.") % name,
            )
        else:
            message = _("%(name)s may do less from now on.") if withdrawn else _("Nothing was changed for %(name)s.")
            messages.success(request, message % name)
        return redirect("fourme_oauth:access_and_security")


class RevokeAllAuthorizationsView(LoginRequiredMixin, View):
    """Revoke all of the user's authorizations."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        revoked = revoke_all(request.user, by=Actor.of(request))
        sentence = _("No application has access to your account any more.")
        messages.success(request, f"{sentence} {_counts_in_words(revoked)}".strip())
        return redirect("fourme_oauth:access_and_security")


class RevokeSeveralAuthorizationsView(LoginRequiredMixin, View):
    """Revoke the ticked authorizations. 404 where one of them is not the user's own."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        ticked = {key for key in request.POST.getlist("authorizations") if is_key(key)}
        chosen = Authorization.objects.of(request.user).filter(pk__in=ticked)
        if not ticked:
            messages.error(request, _("Nothing was ticked, so nothing was changed."))
        elif chosen.count() != len(ticked):
            raise Http404
        else:
            number = chosen.standing().count()
            revoked = revoke_several(chosen, by=Actor.of(request))
            sentence = ngettext(
                "%(number)d application no longer has access.", "%(number)d applications no longer have access.", number
            )
            messages.success(request, f"{sentence % {'number': number}} {_counts_in_words(revoked)}".strip())
        return redirect("fourme_oauth:access_and_security")


def _counts_in_words(counts: TokenCounts) -> str:
    """Return a sentence that says how many tokens and codes were revoked; empty where there were none."""
    counted = [
        (counts.access_tokens, ngettext("%(number)d access token", "%(number)d access tokens", counts.access_tokens)),
        (
            counts.refresh_tokens,
            ngettext("%(number)d refresh token", "%(number)d refresh tokens", counts.refresh_tokens),
        ),
        (counts.codes, ngettext("%(number)d pending code", "%(number)d pending codes", counts.codes)),
    ]
    parts = [words % {"number": number} for number, words in counted if number]
    if not parts:
        return ""
    listed = parts[0]
    if len(parts) > 1:
        listed = _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}
    total = sum(number for number, _words in counted)
    return ngettext("%(what)s was revoked.", "%(what)s were revoked.", total) % {"what": listed}
