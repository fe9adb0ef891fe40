"""The pictures in the docs can be taken again by anybody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("whole_chromium")]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "screenshots"
PAGES = ("consent", "access-and-security", "secret", "admin-applications", "admin-application")
LOOKS = ("light-360", "light-1280", "dark-360", "dark-1280")
EXPECTED = {f"{page}-{look}.png" for page in PAGES for look in LOOKS} | {"consent-in-dutch-light-360.png"}


def names(folder):
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def take(tmp_path):
    """Run the script, and return the names of the pictures that it took."""

    def take(*pages):
        pictures = tmp_path / "pictures"
        command = [sys.executable, str(ROOT / "docs" / "screenshots.py"), str(pictures), *pages]
        environment = os.environ | {"DEMO_STATE_DIR": str(tmp_path / "state")}
        subprocess.run(command, env=environment, cwd=tmp_path, check=True, timeout=300)
        return names(pictures)

    return take


def test_script_takes_the_pictures_of_a_page(take):
    assert take("secret") == {f"secret-{look}.png" for look in LOOKS}


@pytest.mark.endurance
def test_script_takes_every_picture(take):
    assert take() == EXPECTED


def test_docs_have_every_picture():
    assert names(FOLDER) == EXPECTED


def test_pictures_are_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_500_000
