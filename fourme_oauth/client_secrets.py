"""Client secrets: issue (returns the only readable copy), verify, retire, and find those that can be retired."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .actor import SYSTEM, Actor
from .conf import app_settings
from .models import Application, AuditEvent, ClientSecret
from .models.credentials import (
    CLIENT_SECRET_PREFIX,
    UNUSABLE_HASH,
    generate,
    is_unusable_hash,
    stored_form,
    unusable_hash,
)

RANDOM_ENOUGH = 32
"""The length from which a legacy secret counts as generated, so that a single SHA-256 is enough."""
QUIET = timedelta(days=14)
"""For how long a secret must be unused before it is safe to retire."""
KEY_OF_NONE = -1
"""A key that matches no row; not 0, which Django before 6.1 can't look up on MariaDB."""


class TooManyLiveSecrets(Exception):
    """The application has ``MAX_LIVE_SECRETS`` live secrets; retire one first."""


class AlreadyIssued(Exception):
    """The same form was submitted before, and its secret was shown then."""


@dataclass(frozen=True, slots=True, repr=False)
class IssuedSecret:
    """A plaintext secret, for the one response that shows it."""

    plaintext: str
    secret: ClientSecret = field(compare=False)

    def __repr__(self) -> str:
        return "IssuedSecret(•••)"  # keeps it out of tracebacks, logs and debug pages


@transaction.atomic
def issue(
    application: Application,
    *,
    by: Actor = SYSTEM,
    expires_at: datetime | None = None,
    request_key: UUID | None = None,
) -> IssuedSecret:
    """
    Issue another secret for ``application`` and return the only readable copy; the text is never stored.

    Raises ``AlreadyIssued`` where ``request_key`` has issued one before, ``TooManyLiveSecrets`` where the limit is
    reached (a legacy secret counts), and ``ValueError`` for a public application, which can't keep a secret.
    """
    if application.is_public:
        raise ValueError("A public application can't keep a secret.")
    # The lock serializes concurrent issues, so that the second one counts the first.
    held = Application.objects.select_for_update().get(pk=application.pk)
    if request_key is not None and application.client_secrets.filter(request_key=request_key).exists():
        raise AlreadyIssued
    now = timezone.now()
    number = application.client_secrets.live(now).count() + (legacy_secret(held) is not None)
    if number >= app_settings.max_live_secrets:
        raise TooManyLiveSecrets(_("Retire a secret before you issue another."))
    plaintext = generate(CLIENT_SECRET_PREFIX)
    secret = ClientSecret.objects.create(
        application=application,
        digest=stored_form(plaintext),
        hint=plaintext[-4:],
        issued_at=now,
        issued_by_id=by.user.pk if by.user else None,
        expires_at=expires_at,
        request_key=request_key,
    )
    AuditEvent.objects.record(AuditEvent.Kind.SECRET_ISSUED, application=application, by=by, hint=secret.hint)
    return IssuedSecret(plaintext=plaintext, secret=secret)


def verify(application: Application | None, presented: str, *, now: datetime) -> bool:
    """
    Is ``presented`` one of the application's live secrets?

    Takes as long for an unknown application (``None``). Stores the last use, at most once per interval. A legacy secret
    is accepted too, and takes the time of its password hash.
    """
    secrets = ClientSecret.objects.live_of(application.pk if application else KEY_OF_NONE, now)
    candidate = stored_form(presented)
    matching = [secret for secret in secrets if hmac.compare_digest(secret.digest, candidate)]
    if application is None or application.is_public:
        return False
    if not matching:
        return legacy_secret(application) is not None and _verify_adopted(application, presented, now)
    _note_use(matching[0], now)
    return True


def retire(secret: ClientSecret, *, by: Actor = SYSTEM) -> None:
    """Retire ``secret``: it is refused from now on. Idempotent."""
    with transaction.atomic():
        retired = ClientSecret.objects.filter(pk=secret.pk, retired_at=None).update(retired_at=timezone.now())
        if retired:
            AuditEvent.objects.record(
                AuditEvent.Kind.SECRET_RETIRED,
                application=secret.application,
                by=by,
                hint=secret.hint,
            )


def legacy_secret(application: Application) -> ClientSecret | None:
    """
    Return the application's legacy secret as an unsaved instance: stored by the toolkit, and not used since.

    Its last characters and the times of its issue and use are not known. A short one never becomes a row. The hash of a
    blank secret looks like any other; blank secrets are refused.
    """
    stored = application.client_secret
    if application.is_public or not stored or is_unusable_hash(stored):
        return None
    return ClientSecret(application=application, issued_at=application.created)


@transaction.atomic
def retire_legacy_secret(application: Application, *, by: Actor = SYSTEM) -> bool:
    """
    Retire the application's legacy secret: it is refused from now on, and its hash is overwritten.

    Return whether there was one. A legacy secret becomes a ``ClientSecret`` at its first use; this leaves such alone.
    """
    kept = Q(client_secret="") | Q(client_secret__startswith=UNUSABLE_HASH)
    held = Application.objects.exclude(kept).filter(pk=application.pk)
    application.client_secret = unusable_hash()
    if not held.update(client_secret=application.client_secret):
        return False
    ClientSecret.objects.create(application=application, issued_at=application.created, retired_at=timezone.now())
    AuditEvent.objects.record(
        AuditEvent.Kind.SECRET_RETIRED,
        application=application,
        by=by,
        kept_by="django-oauth-toolkit",
    )
    return True


def safe_to_retire(secrets: Iterable[ClientSecret], *, now: datetime) -> list[ClientSecret]:
    """
    Return those of one application's ``secrets`` that are superseded.

    Both are live, the newer one is in use, and the older one has not been used for 14 days.
    """
    live = [secret for secret in secrets if secret.is_live(now)]
    in_use = [secret.issued_at for secret in live if secret.last_used_at is not None and not _is_quiet(secret, now)]
    return [secret for secret in live if _is_quiet(secret, now) and any(at > secret.issued_at for at in in_use)]


def claim_warnings(now: datetime, *, within: timedelta) -> list[ClientSecret]:
    """
    Return the live secrets that expire ``within`` this time without a warning so far, and mark them as warned of.

    Concurrent calls never return the same one. If the caller's transaction fails, nothing is marked.
    """
    due = ClientSecret.objects.expiring(now, within=within).filter(warned_at=None).select_related("application")
    # The conditional UPDATE decides the race.
    return [each for each in due if ClientSecret.objects.filter(pk=each.pk, warned_at=None).update(warned_at=now)]


def _is_quiet(secret: ClientSecret, now: datetime) -> bool:
    return (secret.last_used_at or secret.issued_at) <= now - QUIET


def _verify_adopted(application: Application, presented: str, now: datetime) -> bool:
    """
    Is ``presented`` the application's legacy secret?

    The toolkit stored it with a password hasher, or as plain text. At its first use it becomes a ``ClientSecret``,
    unless it is short: a guessable secret needs the slow hash.
    """
    if not presented:
        return False  # the toolkit hashes a blank secret too
    stored = application.client_secret
    if application.hash_client_secret:
        is_right = check_password(presented, stored)
    else:
        is_right = hmac.compare_digest(stored.encode(), presented.encode())
    if is_right and len(presented) >= RANDOM_ENOUGH:
        _adopt(application, presented, now)
    return is_right


@transaction.atomic
def _adopt(application: Application, plaintext: str, now: datetime) -> None:
    held = Application.objects.filter(pk=application.pk, client_secret=application.client_secret)
    application.client_secret = unusable_hash()
    # The conditional UPDATE decides the race between concurrent first uses.
    if held.update(client_secret=application.client_secret):
        ClientSecret.objects.create(
            application=application,
            digest=stored_form(plaintext),
            hint=plaintext[-4:],
            issued_at=application.created,
            last_used_at=now,
        )


def _note_use(secret: ClientSecret, now: datetime) -> None:
    due = now - timedelta(seconds=app_settings.last_used_interval_seconds)
    if secret.last_used_at is None or secret.last_used_at <= due:
        unnoted = ClientSecret.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=due), pk=secret.pk)
        unnoted.update(last_used_at=now)
