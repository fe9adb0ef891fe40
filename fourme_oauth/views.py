"""Access & Security: the user's page."""

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
    """The user's applications: what each may do for them, and the button that ends it. ``?q=`` searches by name."""

    request: AuthenticatedHttpRequest
    template_name = "fourme_oauth/access_and_security.html"
    context_object_name = "authorizations"
    paginate_by = 20

    def get_queryset(self) -> QuerySet[Authorization]:
        return (
            self._found(Authorization.objects.of(self.request.user).standing())
            .select_related("application", "user")
            # What was allowed a moment ago comes first, though it was never used.
            .order_by(Greatest(Coalesce("last_used_at", "granted_at"), "granted_at").desc(), "application_name", "pk")
        )

    def _found(self, authorizations: QuerySet[Authorization]) -> QuerySet[Authorization]:
        # PostgreSQL stores no such character, and asks for none.
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
    """What happened under one of the user's own authorizations in the last 90 days."""

    request: AuthenticatedHttpRequest
    template_name = "fourme_oauth/activity.html"
    context_object_name = "authorization"

    def get_queryset(self) -> QuerySet[Authorization]:
        return Authorization.objects.of(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # By client ID: the trail of an application that was deleted names it by value only.
        trail = AuditEvent.objects.filter(user_id=self.request.user.pk, client_id=self.object.client_id)
        events = trail.filter(at__gte=timezone.now() - timedelta(days=ACTIVITY_DAYS))
        return super().get_context_data(events=events[:EVENTS_SHOWN], days=ACTIVITY_DAYS, **kwargs)


def _scopes(access: EffectiveAccess, wording: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "wording": wording.get(name, name), "verdict": verdict}
        for name, verdict in access.explain(sorted(access.granted)).items()
    ]


class RevokeAuthorizationView(LoginRequiredMixin, View):
    """End one application's access; only one's own is ever found. A double click ends it once and says so twice."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
        authorization = get_object_or_404(Authorization.objects.of(request.user), pk=pk)
        ended = revoke(authorization, by=Actor.of(request))
        said = _("%(name)s no longer has access.") % {"name": authorization.application_name}
        messages.success(request, f"{said} {_sentence(ended)}".strip())
        return redirect("fourme_oauth:access_and_security")


class ReduceAuthorizationView(LoginRequiredMixin, View):
    """Take some scopes back and keep the others. Nothing ticked is most likely a mistake: it changes nothing."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
        authorization = get_object_or_404(Authorization.objects.of(request.user).standing(), pk=pk)
        name = {"name": authorization.application_name}
        try:
            taken = reduce(authorization, keep=request.POST.getlist("scopes"), by=Actor.of(request))
        except ValueError:
            messages.error(
                request, _("Nothing was ticked, so nothing was changed. To take back all access, revoke %(name)s.") % name
            )
        else:
            message = _("%(name)s may do less from now on.") if taken else _("Nothing was changed for %(name)s.")
            messages.success(request, message % name)
        return redirect("fourme_oauth:access_and_security")


class RevokeAllAuthorizationsView(LoginRequiredMixin, View):
    """End what every application may do for the user."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        ended = revoke_all(request.user, by=Actor.of(request))
        said = _("No application has access to your account any more.")
        messages.success(request, f"{said} {_sentence(ended)}".strip())
        return redirect("fourme_oauth:access_and_security")


class RevokeSeveralAuthorizationsView(LoginRequiredMixin, View):
    """End what the ticked applications may do for the user; only their own are ever found."""

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
            ended = revoke_several(chosen, by=Actor.of(request))
            said = ngettext(
                "%(number)d application no longer has access.", "%(number)d applications no longer have access.", number
            )
            messages.success(request, f"{said % {'number': number}} {_sentence(ended)}".strip())
        return redirect("fourme_oauth:access_and_security")


def _sentence(ended: TokenCounts) -> str:
    """Say what was stopped; nothing where nothing was alive."""
    counted = [
        (ended.access_tokens, ngettext("%(number)d access token", "%(number)d access tokens", ended.access_tokens)),
        (ended.refresh_tokens, ngettext("%(number)d refresh token", "%(number)d refresh tokens", ended.refresh_tokens)),
        (ended.codes, ngettext("%(number)d pending code", "%(number)d pending codes", ended.codes)),
    ]
    parts = [words % {"number": number} for number, words in counted if number]
    if not parts:
        return ""
    listed = parts[0]
    if len(parts) > 1:
        listed = _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}
    total = sum(number for number, _words in counted)
    return ngettext("%(what)s was revoked.", "%(what)s were revoked.", total) % {"what": listed}
