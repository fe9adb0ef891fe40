"""The journeys, against a site with the installed wheel."""

import fcntl
import os

import pytest

from tests.journeys.from_the_wheel.new_site import ADDRESSES, NewSite, addresses_under_a_prefix
from tests.journeys.third_parties import HandWritten


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """An environment with the wheel, shared by all workers."""
    of_this_worker = tmp_path_factory.getbasetemp()
    folder = (of_this_worker.parent if "PYTEST_XDIST_WORKER" in os.environ else of_this_worker) / "from_the_wheel"
    folder.mkdir(exist_ok=True)
    site = NewSite(folder)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not site.is_installed:
            site.install()
    return site


@pytest.fixture(scope="session", params=["", "/sso"], ids=["at the root", "under a prefix"])
def started(request, installed):
    """A project with the README's lines, and where it has the package."""
    prefix = request.param
    installed.start(
        "under_a_prefix" if prefix else "at_the_root",
        addresses=addresses_under_a_prefix() if prefix else ADDRESSES,
    )
    return installed, prefix


@pytest.fixture(scope="session")
def site(started):
    project, prefix = started
    with project.served(prefix=prefix) as site:
        yield site


@pytest.fixture
def kind_of_third_party():
    """One is enough: the others show what a library makes of the same service."""
    return HandWritten
