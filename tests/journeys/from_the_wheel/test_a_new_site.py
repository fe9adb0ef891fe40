"""The README's steps on a new site."""

from pathlib import Path
from zipfile import ZipFile

import pytest
import requests

from tests.promises.paper import ROOT

pytestmark = pytest.mark.wheel

PACKAGE = ROOT / "fourme_oauth"


@pytest.fixture(scope="module")
def package(started):
    """Where the site's own process finds the package."""
    project, _ = started
    return Path(project.printed("fourme_oauth.__file__")).parent


def files_in(folder):
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {file.as_posix() for file in files if "__pycache__" not in file.parts}


def test_the_package_lies_in_the_environment(package, installed):
    assert package.parent.name == "site-packages"
    assert package.is_relative_to(installed.folder / "venv")


def test_the_site_can_import_nothing_of_the_checkout(started):
    project, _ = started
    searched = project.printed(r"*sys.path, sep='\n'").splitlines()
    assert str(project.project) in searched
    assert not [path for path in searched if Path(path).is_relative_to(ROOT)]


def test_every_file_of_the_package_is_installed(package):
    assert files_in(package) == files_in(PACKAGE)


@pytest.mark.parametrize(
    "pattern",
    ["py.typed", "migrations/0*.py", "templates/**/*.html", "static/**/*.css", "locale/nl/*/*.mo", "locale/de/*/*.mo"],
)
def test_what_is_no_module_is_installed_too(package, pattern):
    assert list(package.glob(pattern))


def test_the_wheel_brings_no_other_package(installed):
    (wheel,) = installed.wheel.glob("*.whl")
    tops = {name.partition("/")[0] for name in ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"fourme_oauth"}


SAY_NO = """
from django.utils.translation import gettext, override
with override("{language}"):
    print(gettext("Deny"))
"""


@pytest.mark.parametrize(("language", "no"), [("nl", "Weigeren"), ("de", "Ablehnen")])
def test_the_site_says_it_in(language, no, started):
    project, _ = started
    assert project.manage("shell", "-v0", "-c", SAY_NO.format(language=language)).strip() == no


def test_the_system_checks_find_nothing(started):
    project, _ = started
    assert project.manage("check") == "System check identified no issues (0 silenced).\n"


def test_no_migration_is_missing(started):
    project, _ = started
    assert project.manage("makemigrations", "--check", "--dry-run") == "No changes detected\n"


def test_the_pages_find_their_styles(site, sign_in):
    page = sign_in("specialist").get(site.access_and_security)
    assert "/static/fourme_oauth/fourme_oauth.css" in page.html
    assert requests.get(f"{site.base_url}/static/fourme_oauth/fourme_oauth.css", timeout=10).status_code == 200
