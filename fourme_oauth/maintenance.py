"""What may be removed, in which batches? And what is over, and should be told?"""

from datetime import datetime, timedelta

from django.db import transaction

from .conf import app_settings
from .models import AuditEvent, ClientSecret

DELETE_BATCH_SIZE = 5_000
"""How many rows one statement removes, so that nobody waits for long."""


def kept_until(now: datetime) -> datetime | None:
    """Return the moment before which audit events are no longer kept; ``None`` where the site keeps them all."""
    days = app_settings.audit_retention_days
    return None if days is None else now - timedelta(days=days)


def delete_old_audit_events(before: datetime) -> int:
    """
    Delete the audit events from before that moment, batch by batch, and return how many there were.

    The only thing that deletes any; the trail says that it was done. Idempotent, and each batch stands for itself: what
    is interrupted goes on the next time.
    """
    deleted = 0
    while batch := AuditEvent.objects.older_than(before).remove_some(DELETE_BATCH_SIZE):
        deleted += batch
    if deleted:
        AuditEvent.objects.record(AuditEvent.Kind.EVENTS_DELETED, before=before.isoformat(), number=deleted)
    return deleted


def note_expired_secrets(now: datetime) -> int:
    """Tell the audit trail of each secret that has expired since, once, and return how many there were."""
    expired = ClientSecret.objects.expired_unnoted(now).select_related("application").order_by("pk")
    return sum(_note_expired(secret, now) for secret in expired.iterator())


@transaction.atomic
def _note_expired(secret: ClientSecret, now: datetime) -> int:
    # The condition decides the race: of two who run this at the same time one tells.
    noted = ClientSecret.objects.filter(pk=secret.pk).expired_unnoted(now).update(expiry_noted_at=now)
    if noted:
        event = AuditEvent.objects.describe(
            AuditEvent.Kind.SECRET_EXPIRED, application=secret.application, hint=secret.hint
        )
        event.at = secret.expires_at or now
        event.save()
    return noted
