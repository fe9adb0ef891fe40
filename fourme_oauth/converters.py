"""The keys of rows, as addresses and forms have them."""

import re

from django.urls import register_converter
from django.urls.converters import IntConverter

CONVERTER = "fourme_oauth_key"
"""The name of the converter, for the paths of URLconfs."""


class KeyConverter(IntConverter):
    """
    A key that a row can have: from 1 on, and not longer than a database's own.

    Before version 6.1, Django raises ``ValueError`` where somebody asks MariaDB for the row with the key 0.
    """

    regex = "[1-9][0-9]{0,17}"


def is_key(text: str) -> bool:
    """Can a row have this key?"""
    return re.fullmatch(KeyConverter.regex, text) is not None


register_converter(KeyConverter, CONVERTER)
