"""OAuth 2.0 access for third-party applications, limited by users, administrators and roles."""

__version__ = "0.1.0"
