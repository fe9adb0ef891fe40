"""Is whoever presents a code the one it was given to? The client was authenticated before; this is the rest."""

import re

from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256

from ..models import Grant

# RFC 7636 section 4.1: 43 to 128 unreserved characters.
CODE_VERIFIER = re.compile(r"\A[A-Za-z0-9._~-]{43,128}\Z")


def proves_possession(code: Grant, *, redirect_uri: str | None, code_verifier: str | None) -> bool:
    """
    Compare what a token request says with the authorization request that ``code`` comes from.

    The redirect URI must be the same (RFC 6749 section 4.1.3), and a verifier is there if and only if a challenge was
    (RFC 9700 section 4.8.2).
    """
    redirect_uri_is_right = redirect_uri == code.redirect_uri or (redirect_uri is None and not code.redirect_uri_given)
    return redirect_uri_is_right and _verifier_is_right(code, code_verifier)


def _verifier_is_right(code: Grant, code_verifier: str | None) -> bool:
    if not code.code_challenge:
        return code_verifier is None and not code.application.pkce_required
    if code_verifier is None or not CODE_VERIFIER.match(code_verifier):
        return False
    return bool(code_challenge_method_s256(code_verifier, code.code_challenge))
