"""The README says what is true."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

README = (Path(__file__).parents[2] / "README.md").read_text()


def blocks(heading, language):
    """The fenced blocks below a heading."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


@pytest.fixture(scope="module")
def documented():
    """What the settings of a site are after the README's lines."""
    names = {"INSTALLED_APPS": ["django.contrib.auth"]}
    exec(blocks("Put it into your site", "python")[0], names)  # noqa: S102 - our own README
    return names


@pytest.mark.parametrize("heading", ["Run it", "Test it"])
def test_the_first_block_is_one_line_for_an_empty_machine(heading):
    (line,) = blocks(heading, "sh")[0].splitlines()
    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install")


def test_the_test_command_deselects_what_needs_a_server_or_a_browser():
    assert "-m 'not browser and not server and not endurance'" in blocks("Test it", "sh")[0]


def test_the_documented_settings_are_those_of_the_demo(documented):
    names = [name for name in documented if name.startswith("OAUTH2_PROVIDER")]
    assert len(names) == 7
    assert {name: documented[name] for name in names} == {name: getattr(settings, name) for name in names}


def test_the_documented_applications_are_in_the_order_of_the_demo(documented):
    ours = documented["INSTALLED_APPS"][1:]
    assert [name for name in settings.INSTALLED_APPS if name in ours] == ours


def test_the_documented_page_is_there():
    assert f"`{reverse('fourme_oauth:access_and_security')}`" in README


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_to_a_file(path):
    assert (Path(__file__).parents[2] / path).is_file()


def test_it_comes_to_the_point():
    lines = README.splitlines()
    assert lines.index("## Run it") < 10
    assert lines.index("OAUTH2_PROVIDER = toolkit_settings()") < 40
