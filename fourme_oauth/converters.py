"""Path converter for primary keys."""

import re

from django.urls import register_converter
from django.urls.converters import IntConverter

CONVERTER = "fourme_oauth_key"
"""The converter's name in URL patterns."""


class KeyConverter(IntConverter):
    """
    Matches a positive integer of at most 18 digits, which fits into every database's ``BIGINT``.

    Not 0: Django before 6.1 raises ``ValueError`` when 0 is looked up on MariaDB.
    """

    regex = "[1-9][0-9]{0,17}"


def is_key(text: str) -> bool:
    """Would the converter match ``text``? For keys in forms."""
    return re.fullmatch(KeyConverter.regex, text) is not None


register_converter(KeyConverter, CONVERTER)
