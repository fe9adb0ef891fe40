"""Import layers: modules import from lower layers only, never from the same layer or a higher one."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fourme_oauth"

WIRING, DOOR, DOORSTEP, RULE, TABLES, GROUND = 5, 4, 3, 2, 1, 0

FLOORS = {
    "conf": GROUND,
    "service_unavailable": GROUND,
    "signals": GROUND,
    "converters": GROUND,
    "actor": TABLES,
    "models": TABLES,
    "effective_access": RULE,
    "consent": RULE,
    "client_secrets": RULE,
    "revocation": RULE,
    "mails": RULE,
    "audit_changes": RULE,
    "maintenance": RULE,
    "failed_requests": RULE,
    "adoption": RULE,
    "catalogue_file": RULE,
    "authenticated_request": DOORSTEP,
    "bearer": DOORSTEP,
    "explanation": DOORSTEP,
    "authorization_server": DOOR,
    "decorators": DOOR,
    "rest_framework": DOOR,
    "views": DOOR,
    "admin": DOOR,
    "testing": DOOR,
    "apps": WIRING,
    "receivers": WIRING,
    "placeholder_models": WIRING,
    "complete_urls": WIRING,
    "checks": WIRING,
    "scope_coverage": WIRING,
    "management": WIRING,
    "urls": WIRING,
    "well_known_urls": WIRING,
}
"""What each module or folder of the package is; see docs/layout.md."""

NOT_FOR = {
    GROUND: ("rest_framework", "oauth2_provider", "django.contrib"),
    TABLES: ("rest_framework", "django.http", "django.views", "django.contrib.admin", "django.contrib.messages"),
    RULE: ("rest_framework", "django.http", "django.views", "django.contrib.admin", "django.contrib.messages"),
    DOORSTEP: ("rest_framework", "oauth2_provider", "django.contrib.admin", "django.contrib.messages"),
}
TOOLKIT_FOR_TABLES = {"oauth2_provider.models", "oauth2_provider.settings", "oauth2_provider.generators"}
KINDS_OF_CODE = {"utils", "helpers", "services", "managers", "mixins"}


def modules(package):
    return sorted(path for path in package.rglob("*.py") if "migrations" not in path.relative_to(package).parts)


def top_level_of(path, package):
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
        room = top_level_of(path, package)
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


def dotted(path, package):
    parts = [package.name, *path.relative_to(package).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def neighbours(package):
    """Map the dotted name of each module to the modules it imports; imports for type checkers count too."""
    known = {dotted(path, package): path for path in modules(package)}

    def module(name):
        while name and name not in known:
            name = name.rpartition(".")[0]
        return name

    return {own: {module(name) for _, name in imports(path, package)} - {"", own} for own, path in known.items()}


def cycles(package):
    """Yield each module that can be reached from itself, with the way there."""
    graph = neighbours(package)
    for start in graph:
        ways, seen = [[start]], set()
        while ways:
            way = ways.pop(0)
            if start in graph[way[-1]]:
                yield " imports ".join([*way, start])
                break
            ways += [[*way, there] for there in sorted(graph[way[-1]] - seen)]
            seen |= graph[way[-1]]


def without_a_layer(package):
    return {top_level_of(path, package) for path in modules(package)} - {""} - FLOORS.keys()


def named_after_a_kind_of_code(package):
    for path in modules(package):
        if KINDS_OF_CODE & set(path.relative_to(package).with_suffix("").parts):
            yield str(path.relative_to(package.parent))


def imports_inside_functions(package):
    for path in modules(package):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        yield f"{path.relative_to(package.parent)}:{node.lineno}: {ast.unparse(node)}"


def test_imports_go_down_only():
    assert list(faults(PACKAGE)) == []


def test_the_package_is_where_these_tests_look():
    assert PACKAGE / "conf.py" in modules(PACKAGE)


def test_no_module_imports_itself_by_a_detour():
    assert list(cycles(PACKAGE)) == []


def test_every_module_has_a_floor():
    assert without_a_layer(PACKAGE) == set(), "give the new module a floor here and in docs/layout.md"


def test_no_module_is_named_after_a_kind_of_code():
    assert list(named_after_a_kind_of_code(PACKAGE)) == []


def test_nothing_is_imported_inside_a_function():
    assert list(imports_inside_functions(PACKAGE)) == []


@pytest.mark.parametrize("path", modules(PACKAGE), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_can_be_read_in_one_go(path):
    assert len(path.read_text().splitlines()) <= 250


# The checks themselves, on small packages


def house(tmp_path, **files):
    package = tmp_path / "house"
    package.mkdir()
    for name, text in files.items():
        path = package / (name.replace("__in__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
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


def test_a_report_names_file_line_and_import(tmp_path):
    package = house(tmp_path, consent="\nfrom .revocation import revoke")
    assert list(faults(package)) == [
        "house/consent.py:2 imports house.revocation.revoke: neighbours never import each other"
    ]


def test_an_import_for_type_checkers_only_counts(tmp_path):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .views import View"
    assert len(list(faults(house(tmp_path, consent=text)))) == 1


def test_migrations_may_import_what_they_like(tmp_path):
    assert list(faults(house(tmp_path, migrations__in__0001_initial="from ..views import View"))) == []


def test_a_folder_named_migrations_above_the_checkout_exempts_nothing(tmp_path):
    above = tmp_path / "migrations"
    above.mkdir()
    assert len(list(faults(house(above, consent="import rest_framework")))) == 1


def test_two_modules_that_import_each_other_are_reported(tmp_path):
    files = {"models__in__scope": "from .application import A", "models__in__application": "from . import scope"}
    assert "house.models.scope imports house.models.application imports house.models.scope" in cycles(
        house(tmp_path, **files)
    )


def test_two_modules_that_import_a_third_are_no_cycle(tmp_path):
    files = {"models__in__scope": "from .role import R", "models__in__application": "from . import scope, role"}
    assert list(cycles(house(tmp_path, models__in__role="", **files))) == []


def test_an_unknown_module_is_reported(tmp_path):
    assert without_a_layer(house(tmp_path, __init__="", consent="", brand_new="")) == {"brand_new"}


@pytest.mark.parametrize("name", ["utils", "admin__in__helpers", "admin__in__mixins__in____init__"])
def test_a_module_or_folder_named_after_a_kind_of_code_is_reported(tmp_path, name):
    assert len(list(named_after_a_kind_of_code(house(tmp_path, **{name: ""})))) == 1


def test_a_module_named_after_its_question_is_fine(tmp_path):
    assert list(named_after_a_kind_of_code(house(tmp_path, consent="", admin__in__scopes=""))) == []


def test_an_import_inside_a_method_is_reported(tmp_path):
    package = house(tmp_path, consent="class A:\n    def f(self):\n        import json")
    assert list(imports_inside_functions(package)) == ["house/consent.py:3: import json"]


def test_an_import_at_the_top_is_fine(tmp_path):
    assert list(imports_inside_functions(house(tmp_path, consent="import json\n\ndef f(): pass"))) == []
