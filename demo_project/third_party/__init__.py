"""
A third-party application: Acme Dashboard.

It is mounted next to the service for convenience, and behaves as if it ran elsewhere: it knows the service by its base
URL and its own credentials, talks to it over HTTP, and never looks into its database.
"""
