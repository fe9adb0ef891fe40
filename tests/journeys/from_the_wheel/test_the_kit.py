"""The test kit, on a site with the installed wheel."""

import re

import pytest

from tests.journeys.from_the_wheel.new_site import ADDRESSES, NewSite, run
from tests.promises.paper import ROOT

pytestmark = pytest.mark.wheel

EXAMPLES = "\n\n".join(re.findall(r"```python\n(.*?)```", (ROOT / "docs/testing.md").read_text("utf-8"), re.DOTALL))
PYTEST_INI = "[pytest]\nDJANGO_SETTINGS_MODULE = host.settings\n"
KIT = "sorted(name for name in sys.modules if name.startswith(('fourme_oauth.testing', 'pytest', 'factory')))"


@pytest.fixture(scope="module")
def with_the_kit(installed, tmp_path_factory):
    """A project with the README's lines, in an environment that has the extra too."""
    site = NewSite(tmp_path_factory.mktemp("with_the_kit"))
    (wheel,) = installed.wheel.glob("*.whl")
    site.install(f"{wheel}[testing]")
    site.start("tested", addresses=ADDRESSES)
    (site.project / "pytest.ini").write_text(PYTEST_INI, encoding="utf-8")
    return site


def test_a_site_runs_the_examples_as_its_own_tests(with_the_kit):
    (with_the_kit.project / "test_api.py").write_text(EXAMPLES, encoding="utf-8")
    said = run(with_the_kit.python, "-m", "pytest", "-v", "-p", "no:cacheprovider", cwd=with_the_kit.project)
    assert set(re.findall(r"::(test_\w+)\S* PASSED", said)) == set(re.findall(r"def (test_\w+)", EXAMPLES))


def test_the_kit_comes_from_the_wheel(with_the_kit):
    printed = with_the_kit.printed("__import__('fourme_oauth.testing').testing.__file__")
    assert printed.startswith(str(with_the_kit.folder / "venv"))


def test_a_site_imports_nothing_of_the_kit(with_the_kit):
    assert with_the_kit.printed(KIT) == "[]"


def test_a_site_without_pytest_is_served_all_the_same(started):
    project, _ = started
    found = project.printed("__import__('importlib.util').util.find_spec('pytest'), " + KIT)
    assert found == "None []"
