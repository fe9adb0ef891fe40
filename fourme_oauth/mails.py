"""Mails to users about their authorizations, sent after the commit."""

import logging
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from .conf import app_settings
from .models import Application, Authorization

logger = logging.getLogger(__name__)


def mail_of_authorization(
    *, authorization: Authorization, new_scopes: frozenset[str], is_new: bool, **kwargs: Any
) -> None:
    """Mail the user that they allowed an application, for the first time or again, or granted it more scopes."""
    wording = authorization.wording
    context = {
        "application": authorization.application_name,
        "user": authorization.user,
        "scopes": [wording.get(name, name) for name in sorted(new_scopes)],
    }
    if is_new and app_settings.mail_on_first_authorization:
        _mail(authorization.user, "first_authorization", context, fallback=get_language())
    if new_scopes and not is_new and app_settings.mail_on_more_access:
        _mail(authorization.user, "more_access", context, fallback=get_language())


def mail_of_revocation(
    *, authorization: Authorization, by: AbstractUser | None, cause: str = "", **kwargs: Any
) -> None:
    """
    Mail the user that an authorization of theirs has ended, unless they revoked it.

    An administrator revoked it; or, with a ``cause``, their password was changed or their account closed.
    """
    if app_settings.mail_on_revocation and (by is None or by.pk != authorization.user_id):
        context = {"application": authorization.application_name, "user": authorization.user, "cause": cause}
        _mail(authorization.user, "revoked", context)


def mail_of_reuse(*, application: Application, user: AbstractUser, **kwargs: Any) -> None:
    """
    Mail ``user`` that a code or refresh token for their account was reused, and its token family revoked.

    Sent after the commit and in a thread, so that a slow mail server delays no response.
    """
    if app_settings.mail_on_reuse:
        _mail(user, "reuse_detected", {"application": application, "user": user})


def _mail(user: AbstractUser, name: str, context: dict[str, Any], *, fallback: str | None = None) -> None:
    """
    Mail ``user`` in their language; where the site does not know it, in ``fallback``, or else in the site's language.

    ``fallback`` is the language of the request, where the request is the user's own.
    """
    address = getattr(user, user.get_email_field_name(), "")
    if not address:
        return
    try:
        with override(_language_of(user) or fallback or settings.LANGUAGE_CODE):
            message = _message(address, f"fourme_oauth/mail/{name}", context)
    except Exception:
        # A broken template of the site's must not fail the request.
        logger.exception("A notice could not be written.")
        return
    transaction.on_commit(lambda: _post(message), robust=True)


def _language_of(user: AbstractUser) -> str | None:
    attribute = app_settings.user_language_attribute
    try:
        language: str | None = attrgetter(attribute)(user) if attribute else None
    except AttributeError:  # so is RelatedObjectDoesNotExist, where the user has no profile
        return None
    return language


def _message(address: str, template: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    # RFC 5322 section 2.2: a header is one line.
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    message = EmailMultiAlternatives(subject, render_to_string(f"{template}.txt", context), to=[address])
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return message


def _post(message: EmailMultiAlternatives) -> None:
    _mail_executor(os.getpid()).submit(_send, message)


@cache
def _mail_executor(process: int) -> Executor:
    """Return this process's only sender thread; a bulk revocation may queue many mails."""
    return ThreadPoolExecutor(1, thread_name_prefix="fourme_oauth mail")


def _send(message: EmailMultiAlternatives) -> None:
    try:
        message.send()
    except Exception:
        logger.exception("A notice could not be sent.")
