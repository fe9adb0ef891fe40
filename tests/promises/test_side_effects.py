"""The package changes and replaces nothing of Django, the toolkit or the site (no monkey patches)."""

import ast

import pytest

from tests.promises.test_architecture import PACKAGE, house, imports, is_within, modules

LOOK_UPS = {"import_module", "import_string", "get_model", "get_user_model", "get_app_config", "type"}
"""Functions that return what somebody else has defined."""

REGISTRY = ["django.core.checks.registry"]
"""Checks are added with ``django.core.checks.register``; nothing else is done to those of others."""

PUBLIC = {"_meta", "_default_manager", "_replace", "_asdict"}
"""Documented, whatever their first character says."""


def nodes(path):
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def where(path, package, node):
    return f"{path.relative_to(package.parent)}:{node.lineno}"


def names_of_others(tree):
    """The names that a module imports, and those that it gives to what it looks up."""
    names = set()
    for node in tree:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign) and is_of_others(node.value, set()):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def is_look_up(node):
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in LOOK_UPS


def is_of_others(node, names):
    """Whether this refers to something imported or looked up."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if is_look_up(node):
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id in names


def changed(node):
    """Yield every target whose attribute or item a node sets or deletes."""
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.value
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"setattr", "delattr"}:
        yield node.args[0]


def changes_of_others(package):
    for path in modules(package):
        tree = nodes(path)
        names = names_of_others(tree) - {"self"}
        for node in tree:
            if any(is_of_others(each, names) for each in changed(node)):
                yield f"{where(path, package, node)}: {ast.unparse(node)} is changed"


def uses_of_the_registry(package):
    for path in modules(package):
        yield from (f"{path.name}:{line}" for line, name in imports(path, package) if is_within(name, REGISTRY))


# Private names


def own_names(package):
    """Every name that this package gives to something itself."""
    for path in modules(package):
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield node.id if isinstance(node, ast.Name) else node.attr


def private_name(node):
    """The private name that a node reads, if it reads one; of Python's own, ``__name__``, none is private."""
    name = ""
    if isinstance(node, ast.Attribute):
        name = node.attr
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"getattr", "hasattr"}:
        name = str(getattr(node.args[1], "value", ""))
    return name if name.startswith("_") and not name.startswith("__") else ""


def is_explained(path, node):
    """Whether one of the two lines above is a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    above = lines[max(node.lineno - 3, 0) : node.lineno - 1]
    return any(line.strip().startswith("#") for line in above)


def private_names_without_a_reason(package):
    own = set(own_names(package)) | PUBLIC
    for path in modules(package):
        for node in nodes(path):
            name = private_name(node)
            if name and name not in own and not is_explained(path, node):
                yield f"{where(path, package, node)}: {name}"


def test_nothing_of_others_is_changed():
    assert list(changes_of_others(PACKAGE)) == []


def test_the_checks_of_others_are_left_alone():
    assert list(uses_of_the_registry(PACKAGE)) == []


def test_every_private_name_of_others_has_a_reason():
    assert list(private_names_without_a_reason(PACKAGE)) == [], "say why nothing public does it, in a comment above"


# The checks themselves, on small examples


@pytest.mark.parametrize(
    "text",
    [
        "from toolkit import Validator\nValidator.validate = print",
        "from .models import Scope\nScope.roles.through.__str__ = print",
        "import toolkit.validators\ntoolkit.validators.Validator.validate = print",
        "import toolkit\nsetattr(toolkit, 'Validator', print)",
        "from toolkit import registry\nregistry['a'] = print",
        "from toolkit import Validator\ndel Validator.validate",
        "from importlib import import_module\nview = import_module('toolkit').View\nview.get = print",
        "class Config:\n    def ready(self):\n        self.get_model('AccessToken').is_valid = print",
        "def patch(row):\n    type(row).is_valid = print",
    ],
)
def test_a_change_of_something_of_others_is_reported(tmp_path, text):
    assert len(list(changes_of_others(house(tmp_path, apps=text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "class Config:\n    def ready(self):\n        self.models = {}",
        "def view(request):\n    request.user = None",
        "from toolkit import Validator\nvalidator = Validator()\nvalidator.strict = True",
        "kept = {}\nkept['a'] = print",
    ],
)
def test_a_change_of_something_of_ones_own_is_fine(tmp_path, text):
    assert list(changes_of_others(house(tmp_path, apps=text))) == []


@pytest.mark.parametrize(
    "text", ["from django.core.checks.registry import registry", "import django.core.checks.registry"]
)
def test_use_of_the_check_registry_is_reported(tmp_path, text):
    assert len(list(uses_of_the_registry(house(tmp_path, apps=text)))) == 1


def test_registering_a_check_is_not_reported(tmp_path):
    assert list(uses_of_the_registry(house(tmp_path, apps="from django.core.checks import register"))) == []


@pytest.mark.parametrize("use", ["site._registry", "getattr(site, '_registry', None)"])
def test_a_private_name_is_reported(tmp_path, use):
    assert len(list(private_names_without_a_reason(house(tmp_path, admin=f"def f(site):\n    return {use}")))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def f(site):\n    # Nothing public tells.\n    return site._registry",
        "def f(model):\n    return model._meta",
        "def f(site):\n    return site.__class__",
        "class A:\n    def _own(self): pass\n    def f(self):\n        return self._own()",
    ],
)
def test_a_private_name_with_a_reason_or_of_ones_own_is_fine(tmp_path, text):
    assert list(private_names_without_a_reason(house(tmp_path, admin=text))) == []
