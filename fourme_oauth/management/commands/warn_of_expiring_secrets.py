"""Mail the site's managers which client secrets are about to expire; to be run daily."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import mail_managers
from django.core.management.base import CommandError
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from ...conf import app_settings, missing_settings
from ..model_command import ModelCommand

if not missing_settings():
    from ... import client_secrets
    from ...models import ClientSecret


class Command(ModelCommand):
    help = "Mail the site's managers which client secrets are about to expire, once for each. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.MANAGERS:
            raise CommandError("MANAGERS is empty, so there is nobody to warn.")
        within = timedelta(days=app_settings.warn_of_expiring_secrets_days)
        with transaction.atomic():
            secrets = client_secrets.claim_warnings(timezone.now(), within=within)
            if secrets:
                _mail(secrets)
        self.stdout.write(f"Secrets that the managers were warned of: {len(secrets)}")


def _mail(secrets: list[ClientSecret]) -> None:
    context = {"secrets": secrets}
    subject = render_to_string("fourme_oauth/mail/expiring_secrets_subject.txt", context)
    # RFC 5322 section 2.2: a header is one line.
    mail_managers(" ".join(subject.split()), render_to_string("fourme_oauth/mail/expiring_secrets.txt", context))
