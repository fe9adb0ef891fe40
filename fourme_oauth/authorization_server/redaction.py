"""Keep codes, tokens, secrets and verifiers out of logs and error reports."""

import logging
from collections.abc import ItemsView
from importlib import import_module
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class RedactingReporterFilter(SafeExceptionReporterFilter):
    """
    Error reports of these endpoints with names of variables and parameters, but without values.

    Also where DEBUG is on: debug pages end up in screenshots.
    """

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()


def drop_debug_lines(record: logging.LogRecord) -> bool:
    """Logging filter that drops DEBUG records, in which oauthlib logs whole requests and tokens."""
    return record.levelno > logging.DEBUG


def quieten_libraries() -> None:
    """
    Drop the DEBUG records of oauthlib and the toolkit, whatever level the site logs at.

    They contain whole requests, with codes, tokens and secrets. This is the only change to other packages when a site
    starts. Nothing narrower is safe: a setting that a site forgets in LOGGING is noticed when the secrets are logged.
    """
    import_module("oauthlib.oauth2")  # whose loggers are created on import
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"oauthlib", "oauth2_provider"}:
            # A logger's filter does not apply to its descendants.
            logging.getLogger(name).addFilter(drop_debug_lines)
