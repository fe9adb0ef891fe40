"""Mail backend that prints to standard error."""

import sys
from typing import Any

from django.core.mail.backends.console import EmailBackend


class StandardErrorBackend(EmailBackend):
    """Write mail to standard error: standard output is for the document of `manage.py demo --json`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(stream=sys.stderr, **options)
