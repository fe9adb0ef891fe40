"""Error reports: who gets them, as each version of Django wants it written."""

import django

ADMINISTRATORS = ["admin@example.com"] if django.VERSION >= (6, 0) else [("Admin", "admin@example.com")]
