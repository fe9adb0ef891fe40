"""Imports go down only: doors stand on rules, rules on tables, and none of them beside each other."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fourme_oauth"

WIRING, DOOR, RULE, TABLES, GROUND = 4, 3, 2, 1, 0

FLOORS = {
    "conf": GROUND,
    "signals": GROUND,
    "models": TABLES,
    "effective_access": RULE,
    "consent": RULE,
    "client_secrets": RULE,
    "revocation": RULE,
    "notices": RULE,
    "clean_up": RULE,
    "adoption": RULE,
    "catalogue_file": RULE,
    "authorization_server": DOOR,
    "rest_framework": DOOR,
    "views": DOOR,
    "admin": DOOR,
    "management": DOOR,
    "testing": DOOR,
    "apps": WIRING,
    "checks": WIRING,
    "urls": WIRING,
    "well_known_urls": WIRING,
}
"""What each module or folder of the package is; see docs/layout.md."""

NOT_FOR = {
    GROUND: ("rest_framework", "oauth2_provider", "django.http", "django.views", "django.contrib"),
    TABLES: ("rest_framework", "django.http", "django.views", "django.contrib.admin", "django.contrib.messages"),
    RULE: ("rest_framework", "django.http", "django.views", "django.contrib.admin", "django.contrib.messages"),
}
TOOLKIT_FOR_TABLES = {"oauth2_provider.models", "oauth2_provider.settings", "oauth2_provider.generators"}
KINDS_OF_CODE = {"utils", "helpers", "services", "managers", "mixins"}


def modules(package):
    return sorted(path for path in package.rglob("*.py") if "migrations" not in path.parts)


def room_of(path, package):
    """The top-level module or folder that a file belongs to; empty for the package's own ``__init__``."""
    first = path.relative_to(package).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports(path, package):
    """Yield line and absolute dotted name of everything that a file imports."""
    own = [package.name, *path.relative_to(package).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = own[: -node.level] if node.level else []
            source = [*base, *([node.module] if node.module else [])]
            yield from ((node.lineno, ".".join([*source, alias.name])) for alias in node.names)


def is_within(name, roots):
    return any(name == root or name.startswith(root + ".") for root in roots)


def faults(package):
    """Yield a sentence for each import that points up, sideways, or out where it must not."""
    for path in modules(package):
        room = room_of(path, package)
        floor = FLOORS.get(room, WIRING)
        for line, name in imports(path, package):
            where = f"{path.relative_to(package.parent)}:{line} imports {name}"
            if is_within(name, [package.name]):
                yield from (f"{where}: {fault}" for fault in inner_faults(room, floor, name.split(".")[1:]))
            elif is_within(name, NOT_FOR.get(floor, ())):
                yield f"{where}: not on floor {floor}"
            elif floor == TABLES and is_within(name, ["oauth2_provider"]) and not is_within(name, TOOLKIT_FOR_TABLES):
                yield f"{where}: tables use the toolkit's models, settings and generators only"


def inner_faults(room, floor, target):
    other = target[0] if target and target[0] in FLOORS else ""
    if not other or other == room:
        return
    if FLOORS[other] > floor:
        yield "imports go down only"
    elif FLOORS[other] == floor and floor in {GROUND, RULE, DOOR}:
        yield "neighbours never import each other"


def test_imports_go_down_only():
    assert list(faults(PACKAGE)) == []


def test_every_module_has_a_floor():
    rooms = {room_of(path, PACKAGE) for path in modules(PACKAGE)} - {""}
    assert rooms <= FLOORS.keys(), "give the new module a floor here and in docs/layout.md"


def test_no_module_is_named_after_a_kind_of_code():
    assert [path for path in modules(PACKAGE) if path.stem in KINDS_OF_CODE] == []


def test_nothing_is_imported_inside_a_function():
    inside = [
        f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"
        for path in modules(PACKAGE)
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


@pytest.mark.parametrize("path", modules(PACKAGE), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_can_be_read_in_one_go(path):
    # The protocol's questions are many, but each is small; they stay in one place.
    limit = 300 if path.name == "request_validator.py" else 250
    assert len(path.read_text().splitlines()) <= limit


# The test itself, on small houses


def house(tmp_path, **files):
    package = tmp_path / "house"
    package.mkdir()
    for name, text in files.items():
        path = package / (name.replace("__in__", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return package


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("consent", "from .models import Scope"),
        ("consent", "from house.conf import app_settings"),
        ("views", "from . import consent"),
        ("models__in__scope", "from .application import Application"),
        ("models__in__scope", "from oauth2_provider.models import AbstractApplication"),
        ("apps", "from . import checks"),
    ],
)
def test_an_import_that_goes_down_is_allowed(tmp_path, name, text):
    assert list(faults(house(tmp_path, **{name: text}))) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("consent", "from .revocation import revoke"),
        ("consent", "from . import effective_access"),
        ("consent", "import house.views"),
        ("consent", "from django.http import HttpRequest"),
        ("consent", "import rest_framework"),
        ("models__in__scope", "from ..consent import allow"),
        ("models__in__scope", "from oauth2_provider.oauth2_validators import OAuth2Validator"),
        ("views", "from .admin import ApplicationAdmin"),
        ("admin__in__scopes", "from ..rest_framework import HasEffectiveScope"),
        ("conf", "from .models import Scope"),
        ("conf", "from . import signals"),
        ("revocation", "if True:\n    from .checks import check_wiring"),
    ],
)
def test_an_import_that_goes_up_or_sideways_is_reported(tmp_path, name, text):
    assert len(list(faults(house(tmp_path, **{name: text})))) == 1
