"""Run in the site's process: print violated invariants and the number of active token pairs, as JSON."""

import json
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, F

from fourme_oauth.models import AccessToken, Authorization, Grant, RefreshToken


def broken_invariants() -> Iterator[str]:
    """Yield a sentence for each row that violates an invariant."""
    yield from _families_with_duplicates()
    yield from _used_codes_without_tokens()
    yield from _incomplete_pairs()
    yield from _tokens_after_revocation()


def active_pairs() -> dict[str, int]:
    """Return the number of refresh tokens that were neither rotated nor revoked, by username."""
    return dict(Counter(RefreshToken.objects.unused().values_list("user__username", flat=True)))


def _families_with_duplicates() -> Iterator[str]:
    for name, tokens in (("access", AccessToken.objects.all()), ("refresh", RefreshToken.objects.unused())):
        for family in tokens.values("token_family").annotate(number=Count("pk")).filter(number__gt=1):
            yield f"Family {family['token_family']} has {family['number']} active {name} tokens."
    for family in Grant.objects.exclude(used_at=None).values("token_family").annotate(n=Count("pk")).filter(n__gt=1):
        yield f"Family {family['token_family']} descends from {family['n']} codes."


def _used_codes_without_tokens() -> Iterator[str]:
    families = set(RefreshToken.objects.values_list("token_family", flat=True))
    for pk, family in Grant.objects.exclude(used_at=None).values_list("pk", "token_family"):
        if family not in families:
            yield f"Code {pk} is used, and there are no tokens of its family {family}."
    for pk in Grant.objects.filter(used_at=None).exclude(token_family=None).values_list("pk", flat=True):
        yield f"Code {pk} has a family and is not used."


def _incomplete_pairs() -> Iterator[str]:
    for pk in RefreshToken.objects.unused().filter(access_token=None).values_list("pk", flat=True):
        yield f"Refresh token {pk} is active without an access token."
    for pk in RefreshToken.objects.exclude(revoked=None).exclude(access_token=None).values_list("pk", flat=True):
        yield f"Refresh token {pk} is rotated or revoked and still has an access token."
    for pk in AccessToken.objects.exclude(token_family=None).filter(refresh_token=None).values_list("pk", flat=True):
        yield f"Access token {pk} is active without a refresh token."
    pairs = RefreshToken.objects.exclude(access_token=None)
    mixed = pairs.exclude(access_token__token_family=F("token_family"))
    yield from (
        f"Refresh token {pk} has an access token of another family." for pk in mixed.values_list("pk", flat=True)
    )


def _tokens_after_revocation() -> Iterator[str]:
    for authorization in Authorization.objects.exclude(revoked_at=None):
        holder = {"user_id": authorization.user_id, "application_id": authorization.application_id}
        for tokens in (AccessToken.objects.of_users().filter(**holder), RefreshToken.objects.unused().filter(**holder)):
            if left := tokens.count():
                yield f"{left} of {tokens.model.__name__} are left of the revoked authorization {authorization.pk}."


if __name__ == "__main__":
    print(json.dumps({"broken": list(broken_invariants()), "active_pairs": active_pairs()}))
