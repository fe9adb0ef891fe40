"""Decorator for plain Django views."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from .bearer import authentication
from .bearer.challenge import INVALID_TOKEN, challenge
from .bearer.declaration import for_method, refuse_what_declares_nothing
from .bearer.forbidden import forbidden
from .service_unavailable import RETRY_AFTER_SECONDS

View = TypeVar("View", bound=Callable[..., Any])


def effective_scope_required(declared: Any) -> Callable[[View], View]:
    """
    Require a bearer token with effective scopes for a view, sync or async.

    ``declared`` is what ``required_scopes`` is on a DRF view: a scope, a list (all of them), ``any_of(…)``, or a dict
    of these by HTTP method; ``[]`` for any valid token. Sets ``request.user`` and ``request.auth``, an
    ``EffectiveAccess``. Sessions are not accepted, so the view is exempt from CSRF checks.
    """
    refuse_what_declares_nothing(declared)

    def protect(view: View) -> View:
        @wraps(view)
        def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return _refused(request, declared) or view(request, *args, **kwargs)

        @wraps(view)
        async def protected_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            # Queries run in a thread, so that the event loop is not blocked.
            return await sync_to_async(_refused)(request, declared) or await view(request, *args, **kwargs)

        made: Any = protected_async if iscoroutinefunction(view) else protected
        made.required_scopes, made.csrf_exempt, made.login_required = declared, True, False
        return cast("View", made)

    return protect


def _refused(request: Any, declared: Any) -> HttpResponse | None:
    """Return the response that refuses; otherwise ``None``, after setting the request's user and auth."""
    try:
        access = authentication.access_of(request)
    except authentication.DatabaseUnavailable:
        return _answer(503, _("The service can't answer now. Try again."), Retry_After=RETRY_AFTER_SECONDS)
    except authentication.InvalidToken:
        return _answer(401, _("The access token is not valid."), WWW_Authenticate=challenge(request, **INVALID_TOKEN))
    if access is None:
        return _answer(401, _("This needs an access token."), WWW_Authenticate=challenge(request))
    refused = forbidden(request, access, for_method(declared, request.method))
    if refused is not None:
        headers = {} if refused.challenge is None else {"WWW-Authenticate": refused.challenge}
        return JsonResponse(refused.body, status=403, headers=headers)

    async def user() -> AbstractUser:
        return access.user

    request.user, request.auser, request.auth = access.user, user, access
    return None


def _answer(status: int, detail: str, **headers: Any) -> HttpResponse:
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return JsonResponse({"detail": detail}, status=status, headers=written)
