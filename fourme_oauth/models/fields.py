"""The toolkit's client secret column, kept safe for processes that run the toolkit alone."""

from typing import Any

from django.contrib.auth.hashers import identify_hasher
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from .credentials import is_unusable_hash, unusable_hash


class ClientSecretHashField(models.CharField):
    """
    Store only hashes: a blank becomes an unusable hash, any other text raises ``ValueError``.

    What the toolkit has stored, even plaintext, is read unchanged.
    """

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        # To migrations, a plain field without a default: they must be importable while our models can't be imported.
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, {key: kwargs[key] for key in kwargs if key != "default"}

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(value, str):
            refuse_readable(value)
            value = value or unusable_hash()
        return super().get_db_prep_save(value, connection)


def refuse_readable(text: str) -> None:
    """Raise ``ValueError`` where ``text`` is neither blank nor a hash that Django recognizes."""
    if not text or is_unusable_hash(text):
        return
    try:
        identify_hasher(text)
    except ValueError:
        advice = "fourme_oauth.client_secrets.issue(application=…) returns a new one"
        raise ValueError(f"A client secret is not stored as readable text: {advice}.") from None
