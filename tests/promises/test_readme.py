"""The README matches the code."""

import re

import pytest
from django.conf import global_settings, settings
from django.urls import URLResolver, reverse
from django.urls.resolvers import RegexPattern

from tests.promises.paper import README, ROOT, blocks

TEXT = README.read_text(encoding="utf-8")
SETTINGS, URLS, LOGIN, _ = blocks(README, "Put it into your site", "python")


@pytest.fixture(scope="module")
def documented():
    """What the settings of a site are after the README's lines."""
    names = {"INSTALLED_APPS": ["django.contrib.auth"]}
    exec(SETTINGS, names)  # noqa: S102 - our own README
    return names


@pytest.fixture(scope="module")
def site():
    """The URLconf of a site that has nothing but the README's lines."""
    names = {"urlpatterns": []}
    exec(URLS + LOGIN, names)  # noqa: S102 - our own README
    return URLResolver(RegexPattern("^/"), names["urlpatterns"])


@pytest.mark.parametrize("heading", ["Run it", "Test it"])
def test_the_first_block_is_one_line_for_an_empty_machine(heading):
    (line,) = blocks(README, heading, "sh")[0].splitlines()
    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install")


def test_the_test_command_deselects_what_needs_a_server_or_a_browser():
    (command,) = blocks(README, "Test it", "sh")
    assert "-m 'not browser and not server and not endurance and not wheel and not node and not once'" in command


def test_the_documented_settings_are_those_of_the_demo(documented):
    names = [name for name in documented if name.startswith("OAUTH2_PROVIDER")]
    assert len(names) == 7
    assert {name: documented[name] for name in names} == {name: getattr(settings, name) for name in names}


def test_the_documented_applications_are_in_the_order_of_the_demo(documented):
    ours = documented["INSTALLED_APPS"][1:]
    assert [name for name in settings.INSTALLED_APPS if name in ours] == ours


@pytest.mark.parametrize("path", ["/oauth/authorize", "/access-and-security/", global_settings.LOGIN_URL])
def test_the_documented_lines_lead_to(path, site):
    assert site.resolve(path)


def test_the_documented_page_is_there():
    assert f"`{reverse('fourme_oauth:access_and_security')}`" in TEXT


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", TEXT))
def test_every_link_leads_to_a_file(path):
    assert (ROOT / path).is_file()


def test_readme_starts_with_running_and_settings():
    lines = TEXT.splitlines()
    assert lines.index("## Run it") < 10
    assert lines.index("OAUTH2_PROVIDER = toolkit_settings()") < 40
