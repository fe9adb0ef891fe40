"""What a site gets when it installs the package: few dependencies, types, and one version."""

import re
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

import fourme_oauth

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def names(requirements):
    return {name_of(requirement) for requirement in requirements}


def test_four_packages_come_with_it():
    assert sorted(PROJECT["dependencies"]) == [
        "Django>=5.2",
        "django-oauth-toolkit>=3.4.1,<3.5",
        "djangorestframework>=3.16",
        "oauthlib>=4.0.0",
    ]


def test_types_are_shipped():
    assert (ROOT / "fourme_oauth" / "py.typed").is_file()


def test_types_are_announced():
    assert "Typing :: Typed" in PROJECT["classifiers"]


def test_version_is_written_down_once():
    assert "version" in PROJECT["dynamic"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "fourme_oauth/__init__.py"


def test_version_can_be_read_without_django():
    assert re.fullmatch(r"\d+\.\d+\.\d+", fourme_oauth.__version__)


def test_wheel_has_the_package_and_nothing_beside_it():
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["fourme_oauth"]


def test_suite_needs_no_other_extra_than_its_own():
    extras = PROJECT["optional-dependencies"]
    assert names(extras["demo"]) <= names(extras["test"])


@pytest.mark.parametrize("version", ["5.2", "6.0", "6.1"])
def test_django_version_is_announced(version):
    assert f"Framework :: Django :: {version}" in PROJECT["classifiers"]


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_python_version_is_announced(version):
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


@pytest.mark.parametrize("requirement", ["Django>=5.2", "django-oauth-toolkit>=3.4.1,<3.5", "psycopg[binary]>=3.2"])
def test_name_of_a_requirement_has_no_version_and_no_extra(requirement):
    assert name_of(requirement) in {"django", "django-oauth-toolkit", "psycopg"}


TOX = ConfigParser(interpolation=None)
TOX.read(ROOT / "tox.ini", encoding="utf-8")
WORKFLOW = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")}
WORKFLOWS = "".join(WORKFLOW.values())


def environments():
    """The names that ``env_list`` stands for."""
    for line in TOX["tox"]["env_list"].split("\n"):
        stem, _, versions = line.strip().partition("{")
        yield from (stem + version.strip() for version in versions.rstrip("}").split(","))


def test_a_workflow_runs_each_environment_for_a_version_of_django():
    (python,) = re.findall(r"python: \[(.*)\]\n", WORKFLOWS)
    (django,) = re.findall(r"django: \[(.*)\]\n", WORKFLOWS)
    excluded = re.findall(r'\{ python: "(.*)", django: "(.*)" \}', WORKFLOWS)
    pairs = {(one, other) for one in re.findall(r"[\d.]+", python) for other in re.findall(r"\d+", django)}
    run = {f"py{one.replace('.', '')}-dj{other}" for one, other in pairs - set(excluded)}
    assert run == {name for name in environments() if name.startswith("py3")}


def test_a_workflow_runs_each_other_environment():
    matrices = ", ".join(re.findall(r"env: \[(.*)\]", WORKFLOWS)).split(", ")
    named = {*re.findall(r"tox -e (\w+)", WORKFLOWS), *matrices} - {"py"}
    others = {name for name in environments() if name and not name.startswith("py3")}
    assert named == others | {"endurance"}


def test_actions_are_pinned_to_a_commit():
    # Somebody else can move a tag.
    used = re.findall(r"uses: (.*)", WORKFLOWS)
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action)] == []


@pytest.mark.parametrize("workflow", WORKFLOW.values(), ids=WORKFLOW)
def test_a_workflow_can_only_read(workflow):
    assert re.findall(r"permissions:\n((?: +.*\n)+)", workflow) == ["  contents: read\n"]
    assert "secrets." not in workflow


@pytest.mark.parametrize("workflow", WORKFLOW.values(), ids=WORKFLOW)
def test_a_job_of_a_workflow_comes_to_an_end(workflow):
    assert len(re.findall(r"runs-on: .*\n    timeout-minutes: \d+\n", workflow)) == workflow.count("runs-on:")


@pytest.mark.parametrize("workflow", WORKFLOW.values(), ids=WORKFLOW)
def test_workflow_cancels_concurrent_runs(workflow):
    assert "\nconcurrency:\n" in workflow
