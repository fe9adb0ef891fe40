"""Access & Security: the user's page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import ListView

from . import effective_access
from .effective_access import EffectiveAccess
from .models import Application, Authorization, Scope
from .revocation import reduce, revoke, revoke_all


class AuthenticatedHttpRequest(HttpRequest):
    user: AbstractUser  # type: ignore[assignment]


@method_decorator(never_cache, name="dispatch")
class AccessAndSecurityView(LoginRequiredMixin, ListView):
    """The user's applications: what each may do for them, and the button that ends it."""

    request: AuthenticatedHttpRequest
    template_name = "fourme_oauth/access_and_security.html"
    context_object_name = "authorizations"

    def get_queryset(self) -> QuerySet[Authorization]:
        return (
            Authorization.objects.of(self.request.user)
            .standing()
            .select_related("application")
            .order_by("application_name")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        authorizations = context["authorizations"]
        access = effective_access.of_authorizations(self.request.user, authorizations)
        wording = dict(Scope.objects.values_list("name", "wording"))
        context["rows"] = [
            {"authorization": each, "scopes": _scopes(access[each.pk], each.wording | wording)}
            for each in authorizations
        ]
        context["acting_as_you"] = Application.objects.acting_as(self.request.user)
        return context


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
        revoke(authorization, by=request.user)
        messages.success(request, _("%(name)s no longer has access.") % {"name": authorization.application_name})
        return redirect("fourme_oauth:access_and_security")


class ReduceAuthorizationView(LoginRequiredMixin, View):
    """Take some scopes back and keep the others. Nothing ticked is most likely a mistake: it changes nothing."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
        authorization = get_object_or_404(Authorization.objects.of(request.user).standing(), pk=pk)
        name = {"name": authorization.application_name}
        try:
            taken = reduce(authorization, keep=request.POST.getlist("scopes"), by=request.user)
        except ValueError:
            messages.error(
                request, _("Nothing was ticked, so nothing was changed. To end it all, revoke %(name)s.") % name
            )
        else:
            message = _("%(name)s may do less from now on.") if taken else _("%(name)s may do what it could do before.")
            messages.success(request, message % name)
        return redirect("fourme_oauth:access_and_security")


class RevokeAllAuthorizationsView(LoginRequiredMixin, View):
    """End what every application may do for the user."""

    http_method_names = ["post"]

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        revoke_all(request.user, by=request.user)
        messages.success(request, _("No application has access to your account any more."))
        return redirect("fourme_oauth:access_and_security")
