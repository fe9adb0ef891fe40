"""
oauthlib's request validator, on top of this package's models and rules.

No query is repeated: what one method loads, the next ones read from oauthlib's request.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors

from .. import effective_access, revocation
from ..actor import SYSTEM, Actor, client_ip
from ..bearer.authentication import used_now
from ..effective_access import EffectiveAccess
from ..models import AccessToken, Application, Grant, RefreshToken, token_endpoint_queries
from ..models.credentials import digest
from . import client_authentication, issuance, reuse

GRANTS = {
    "authorization_code": Application.GRANT_AUTHORIZATION_CODE,
    "refresh_token": Application.GRANT_AUTHORIZATION_CODE,
    "client_credentials": Application.GRANT_CLIENT_CREDENTIALS,
}
"""``grant_type`` on the wire to the toolkit's grant type of an application."""


class RequestValidator(OAuth2Validator):
    """The toolkit's validator with storage and consent replaced; one instance per request."""

    def __init__(self, by: Actor = SYSTEM, received_at: datetime | None = None) -> None:
        super().__init__()
        self.by, self.received_at = by, received_at or timezone.now()

    # Client authentication

    def _load_application(self, client_id: str | None, request: Request) -> Application | None:
        if not isinstance(request.client, Application):
            request.client = client_authentication.find_enabled_application(client_id or "")
        application: Application | None = request.client
        return application

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        application = self._load_application(request.client_id, request)
        # A presented secret must be right, and an unknown application takes the same time as a wrong secret.
        return bool(request.client_secret) or application is None or not application.is_public

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        application = self._load_application(request.client_id, request)
        return client_authentication.authenticate(application, request.client_secret, now=timezone.now())

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        application = self._load_application(client_id, request)
        return application is not None and application.is_public

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        if not client.allows_grant_type(GRANTS[grant_type]):
            return False
        if grant_type == "client_credentials":
            request.user = client.linked_user
            return request.user is not None and request.user.is_active
        return True

    # The authorization request

    def validate_response_type(
        self, client_id: str, response_type: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        if response_type != "code":
            raise errors.UnsupportedResponseTypeError(request=request)
        return bool(client.allows_grant_type(Application.GRANT_AUTHORIZATION_CODE))

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return bool(request.client.pkce_required)

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return sorted(self._allowed_scopes(request))

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        # An application that is allowed no scopes can request none; an empty list does not mean everything.
        return bool(scopes) and self._allowed_scopes(request).issuperset(scopes)

    def _allowed_scopes(self, request: Request) -> frozenset[str]:
        if getattr(request, "access", None) is None:
            # The same query returns what the user's roles permit, for the consent page.
            request.access = effective_access.if_granted(request.user, request.client, ())
        allowed: frozenset[str] = request.access.allowed
        return allowed

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Store the hash of ``code``, stamped with the generations of ``request.standing_authorization``."""
        lifetime = timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS)
        Grant.objects.create(
            code=digest(code["code"]),
            user=request.user,
            application=request.client,
            application_generation=request.client.generation,
            authorization_generation=request.standing_authorization.generation,
            expires=timezone.now() + lifetime,
            redirect_uri=request.redirect_uri,
            redirect_uri_given=not request.using_default_redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge or "",
            code_challenge_method=request.code_challenge_method or "",
        )

    # Exchanging a code

    def validate_code(
        self, client_id: str, code: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """
        Return whether ``code`` is valid, and presented by the application that it was issued to.

        Every failure is the same ``invalid_grant``, which does not reveal the reason.
        """
        found = token_endpoint_queries.find_code(code, client)
        if found is None:
            return False
        if not (found.accepts_redirect_uri(request.redirect_uri) and found.accepts_verifier(request.code_verifier)):
            Grant.objects.filter(pk=found.pk).count_failed_attempt()
            return False
        if found.used_at is not None:
            reuse.refuse_code(found, by=self.by, received_at=self.received_at)
            return False
        request.minted_code, request.user, request.scopes = found, found.user, found.scope.split()
        return _is_active(found.user, code) and found.is_pending(timezone.now())

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return str(request.minted_code.code_challenge) or None

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        return str(request.minted_code.code_challenge_method) or None

    def confirm_redirect_uri(self, *args: Any, **kwargs: Any) -> bool:
        """Compared in ``validate_code`` already, where the response does not reveal what was wrong."""
        return True

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> str:
        minted_code: Grant | None = getattr(request, "minted_code", None)
        return minted_code.redirect_uri if minted_code else str(request.client.default_redirect_uri)

    def invalidate_authorization_code(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: it was invalidated before its tokens were stored, in the same transaction."""

    # Refreshing

    def validate_refresh_token(
        self, refresh_token: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Return whether it is this application's and valid, and its user active."""
        now = timezone.now()
        found = token_endpoint_queries.find_refresh_token(refresh_token, client)
        if found is None:
            return False
        if found.revoked is not None:
            reuse.refuse_refresh_token(found, by=self.by, now=now)
            return False
        request.minted_refresh_token, request.user = found, found.user
        if not _is_active(found.user, refresh_token):
            return False
        return found.can_be_renewed(now)

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return list(request.minted_refresh_token.scope.split())

    # Storing tokens

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """
        Store ``token`` and invalidate what it replaces; its ``scope`` in the response is what is in effect now.

        The row keeps what was granted: scopes are in effect again once a role is given back.
        """
        tokens = issuance.NewTokens(
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token", ""),
            scope=" ".join(sorted(set(request.scopes))),
            now=timezone.now(),
            ip=self.by.ip,
        )
        try:
            # Effective scopes are read before the commit: once tokens are stored, nothing may fail before the response.
            with transaction.atomic():
                access = self._mint(request, tokens)
        except issuance.NoLongerValid:
            if request.grant_type == "authorization_code":
                reuse.note_lost_race(request.minted_code)
            raise errors.InvalidGrantError(request=request) from None
        token["scope"] = " ".join(sorted(access.effective_scopes))

    def _mint(self, request: Request, tokens: issuance.NewTokens) -> EffectiveAccess:
        if request.grant_type == "authorization_code":
            code: Grant = request.minted_code
            access_token = issuance.exchange_code(code, tokens)
            return effective_access.of_minted(access_token, authorized_scopes=code.authorized_scopes)
        if request.grant_type == "refresh_token":
            refresh_token: RefreshToken = request.minted_refresh_token
            access_token = issuance.rotate(refresh_token, tokens)
            return effective_access.of_minted(access_token, authorized_scopes=refresh_token.authorized_scopes)
        issuance.mint_for_linked_user(request.client, request.user, tokens)
        access: EffectiveAccess = request.access
        return access.with_granted(request.scopes)

    # Revocation

    def revoke_token(
        self, token: str, token_type_hint: str | None, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Revoke the family of the application's own ``token``, valid or rotated (RFC 7009 section 2.1)."""
        for model in (RefreshToken, AccessToken):
            own = model.objects.by_text(token).filter(application=request.client)
            found = own.select_related("user", "application").first()
            if found is not None:
                revocation.end_token(found)

    # The toolkit's own decorators and DRF classes

    def validate_bearer_token(self, token: str | None, scopes: list[str] | None, request: Request) -> bool:
        """Apply the same rules to the toolkit's own protections as to ours, and record the use."""
        access = used_now(token or "", partial(client_ip, request.headers))  # here Django's ``META``
        if access is None:
            request.oauth2_error = {"error": "invalid_token", "error_description": "The access token is not valid."}
            return False
        if not access.effective_scopes.issuperset(scopes or ()):
            request.oauth2_error = {"error": "insufficient_scope", "scope": " ".join(scopes or ())}
            return False
        request.client, request.user, request.access_token = access.application, access.user, access.token
        request.scopes = sorted(access.effective_scopes)
        return True


def _is_active(user: AbstractUser, text: str) -> bool:
    if not user.is_active:
        revocation.revoke_all_of_deactivated_holder(text)
    return user.is_active
