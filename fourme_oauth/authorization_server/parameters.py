"""
Strict parsing of request parameters: anything malformed is refused before it is used.

RFC 6749 sections 3.1 and 3.2: parameters must not be repeated, and one without a value is treated as omitted.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.utils.translation import gettext_noop as _

MAX_BODY_BYTES = 64 * 1024
MAX_PARAMETERS = 50
LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can escape one half of a surrogate pair
INVALID_PERCENT_ENCODING = re.compile(r"%(?![0-9A-Fa-f]{2})")


class MalformedRequest(Exception):
    """
    The request can't be parsed. The text is the ``error_description``, and repeats nothing that was sent.

    In English and ASCII, as RFC 6749 section 5.2 requires; the error page translates it.
    """


def from_query(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of the query string. Raises ``MalformedRequest``."""
    query = request.META.get("QUERY_STRING", "")
    if not query.isascii():
        raise MalformedRequest(_("The parameters are not percent-encoded."))
    return _from_urlencoded(query)


def from_body(request: HttpRequest) -> dict[str, str]:
    """
    Return the parameters of a form or JSON body. Raises ``MalformedRequest``.

    RFC 6749 defines forms only; the official helper of the service that this reproduces posts JSON.
    """
    if request.META.get("QUERY_STRING"):
        raise MalformedRequest("Parameters belong in the body, never in the URL.")
    text = _body_text(request)
    if request.content_type == "application/x-www-form-urlencoded":
        return _from_urlencoded(text)
    if request.content_type == "application/json":
        return _from_json(text)
    raise MalformedRequest("The body must be application/x-www-form-urlencoded or application/json.")


def _body_text(request: HttpRequest) -> str:
    try:
        body = request.body
    except RequestDataTooBig:
        raise MalformedRequest("The body is too large.") from None
    except UnreadablePostError:
        raise MalformedRequest("The body is incomplete.") from None
    if len(body) > MAX_BODY_BYTES:
        raise MalformedRequest("The body is too large.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRequest("The body is not UTF-8.") from None


def _from_urlencoded(text: str) -> dict[str, str]:
    if INVALID_PERCENT_ENCODING.search(text):
        raise MalformedRequest(_("The percent-encoding is not valid."))
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise MalformedRequest(_("The parameters are not UTF-8.")) from None
    except ValueError:
        raise MalformedRequest(_("There are too many parameters.")) from None
    return _checked(pairs)


def _from_json(text: str) -> dict[str, str]:
    try:
        # Pairs instead of a dict, which would silently keep the last of two equal names.
        pairs = json.loads(text, object_pairs_hook=tuple, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise MalformedRequest("The body is not valid JSON.") from None
    if not isinstance(pairs, tuple) or not all(isinstance(value, str) for _, value in pairs):
        raise MalformedRequest("The JSON body must be one object whose values are strings.")
    return _checked(pairs)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _checked(pairs: Any) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise MalformedRequest(_("A parameter has a NUL character."))
        if LONE_SURROGATE.search(name + value):
            raise MalformedRequest(_("A parameter is not Unicode text."))
        if name in parameters:
            raise MalformedRequest(_("A parameter is repeated."))
        parameters[name] = value
    return {name: value for name, value in parameters.items() if value}
