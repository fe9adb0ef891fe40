"""
A third-party application: Acme Dashboard.

It runs in the same process as the service for convenience, and behaves as if it ran elsewhere: it has only the base URL
and its own credentials, calls the service over HTTP, and never reads its database.
"""
