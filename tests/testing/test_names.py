import subprocess
import sys

import pytest

from fourme_oauth import testing


@pytest.mark.parametrize("name", testing.__all__)
def test_everything_can_be_imported_from_the_kit(name):
    assert getattr(testing, name).__name__ == name


def test_what_is_not_there_is_said():
    with pytest.raises(ImportError, match="SomethingFactory"):
        from fourme_oauth.testing import SomethingFactory  # noqa: F401 - what is tested


def test_nothing_else_is_imported_by_importing_the_kit():
    program = """
import sys
import fourme_oauth.testing.plugin
imported = {name.partition(".")[0] for name in sys.modules}
print(imported & {"django", "rest_framework", "factory", "oauth2_provider"})
"""
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert printed.stdout.strip() == "set()"
