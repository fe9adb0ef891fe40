"""Maintenance: delete old audit events in batches, and record secrets that have expired."""

from datetime import datetime, timedelta

from django.db import transaction

from .conf import app_settings
from .models import AuditEvent, ClientSecret

DELETE_BATCH_SIZE = 5_000
"""How many rows one statement deletes, so that locks are short."""


def kept_until(now: datetime) -> datetime | None:
    """Return the time before which audit events may be deleted; ``None`` where the site keeps all."""
    days = app_settings.audit_retention_days
    return None if days is None else now - timedelta(days=days)


def delete_old_audit_events(before: datetime) -> int:
    """
    Delete the audit events from ``before`` that time in batches, and return how many there were.

    Nothing else deletes any; the deletion itself is recorded. Idempotent; each batch is a transaction of its own, so an
    interrupted run is continued by the next.
    """
    deleted = 0
    while batch := AuditEvent.objects.older_than(before).remove_some(DELETE_BATCH_SIZE):
        deleted += batch
    if deleted:
        AuditEvent.objects.record(AuditEvent.Kind.EVENTS_DELETED, before=before.isoformat(), number=deleted)
    return deleted


def note_expired_secrets(now: datetime) -> int:
    """Record each newly expired secret in the audit trail, once, and return how many there were."""
    expired = ClientSecret.objects.expired_unnoted(now).select_related("application").order_by("pk")
    return sum(_note_expired(secret, now) for secret in expired.iterator())


@transaction.atomic
def _note_expired(secret: ClientSecret, now: datetime) -> int:
    # The conditional UPDATE decides the race: of concurrent runs, one records it.
    noted = ClientSecret.objects.filter(pk=secret.pk).expired_unnoted(now).update(expiry_noted_at=now)
    if noted:
        event = AuditEvent.objects.describe(
            AuditEvent.Kind.SECRET_EXPIRED, application=secret.application, hint=secret.hint
        )
        event.at = secret.expires_at or now
        event.save()
    return noted
