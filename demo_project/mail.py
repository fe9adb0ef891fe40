"""Mail that the demo shows to the person who runs it."""

import sys
from typing import Any

from django.core.mail.backends.console import EmailBackend


class StandardErrorBackend(EmailBackend):
    """Write mail to standard error: standard output belongs to `manage.py demo --json`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(stream=sys.stderr, **options)
