"""Who is told of what, after the commit?"""

import logging
from threading import Thread
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from .conf import app_settings
from .models import Application

logger = logging.getLogger(__name__)


def tell_of_reuse(*, application: Application, user: AbstractUser, **kwargs: Any) -> None:
    """
    Mail ``user`` that a code or refresh token of theirs came a second time, and what was done about it.

    Once the transaction has committed, and beside the request: a mail server that is slow or down holds nobody up.
    """
    if app_settings.mail_on_reuse:
        _mail(user, "reuse_detected", {"application": application, "user": user})


def _mail(user: AbstractUser, name: str, context: dict[str, Any]) -> None:
    address = getattr(user, user.get_email_field_name(), "")
    if not address:
        return
    # RFC 5322 section 2.2: a header is one line.
    subject = " ".join(render_to_string(f"fourme_oauth/mail/{name}_subject.txt", context).split())
    message = EmailMessage(subject, render_to_string(f"fourme_oauth/mail/{name}.txt", context), to=[address])
    transaction.on_commit(lambda: Thread(target=_send, args=[message], name="fourme_oauth mail").start())


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception:
        logger.exception("A notice could not be sent.")
