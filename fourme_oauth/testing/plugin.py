"""
Fixtures, registered by a pytest entry point. docs/testing.md has examples.

Imported in every pytest run where this package is installed, also without Django, and before settings are configured:
so it imports neither Django nor this package until a fixture is used.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest


@pytest.fixture
def bearer_client(db: None) -> Callable[..., Any]:
    """Return a function: ``bearer_client(user, scopes=[…], application=…)`` is a client with a token for them."""
    clients = import_module("fourme_oauth.testing.clients")
    made: Callable[..., Any] = clients.bearer_client
    return made


@pytest.fixture
def assert_requires_scope(db: None) -> Callable[..., None]:
    """Return a function: ``assert_requires_scope(url, method, scope)`` fails unless the scope decides."""
    requirements = import_module("fourme_oauth.testing.requirements")
    asserting: Callable[..., None] = requirements.assert_requires_scope
    return asserting


@pytest.fixture
def third_party_for(db: None) -> Callable[..., Any]:
    """Return a function: ``third_party_for(user, scopes=[…])`` is an application with its user's browser."""
    clients = import_module("fourme_oauth.testing.clients")
    made: Callable[..., Any] = clients.third_party_for
    return made
