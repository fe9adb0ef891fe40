"""Keep codes, tokens, secrets and verifiers out of logs and error reports."""

import logging
from collections.abc import ItemsView
from importlib import import_module
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NothingToSee(SafeExceptionReporterFilter):
    """
    For error reports about these endpoints: of every variable and parameter the name, of none the value.

    Also where DEBUG is on: a page with a secret on it is soon a screenshot with a secret on it.
    """

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()


def drop_debug_lines(record: logging.LogRecord) -> bool:
    """Keep what is above DEBUG: at DEBUG, oauthlib describes whole requests and tokens."""
    return record.levelno > logging.DEBUG


def quieten_libraries() -> None:
    """
    Silence the DEBUG lines of oauthlib and the toolkit, whatever level the site logs at.

    The one thing that this package changes of others as a site starts. They describe whole requests there, with codes,
    tokens and secrets, and nothing narrower keeps these out: a line that a site forgets in its LOGGING would be noticed
    when they are in the log.
    """
    import_module("oauthlib.oauth2")  # whose loggers are made when it is imported
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"oauthlib", "oauth2_provider"}:
            # A filter counts for its own logger only, not for those below it.
            logging.getLogger(name).addFilter(drop_debug_lines)
