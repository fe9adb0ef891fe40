"""Concurrent clients, and the record of their requests."""
