"""Scopes as a matrix: rows are record types, columns are verbs, each cell a checkbox with its wording and roles."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ..models import Scope

TYPE_AND_VERB = re.compile(r"\A(?P<record_type>[^:]+):(?P<verb>[^:]+)\Z")
VERBS = ("read", "create", "update", "delete")
"""The columns that come first, in this order."""

Option = dict[str, Any]
"""A checkbox in the context of Django's widget: ``attrs``, ``value``, ``selected`` and so on."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A record type with one cell per verb; ``None`` where it has no such scope."""

    record_type: str
    cells: list[Option | None]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Scopes named ``record_type:verb`` in rows and columns, and the others in a list."""

    verbs: list[str]
    rows: list[Row]
    others: list[Option]


def arranged(options: Iterable[Option]) -> Matrix:
    """
    Arrange the checkboxes by the name of their ``scope``.

    A verb of a single record type gets no column, unless it is one of ``VERBS``; its scope is one of the others.
    """
    cells: dict[str, dict[str, Option]] = {}
    others: list[Option] = []
    for option in options:
        if match := TYPE_AND_VERB.match(option["scope"].name):
            cells.setdefault(match["record_type"], {})[match["verb"]] = option
        else:
            others.append(option)
    found = [verb for row in cells.values() for verb in row]
    verbs = [verb for verb in VERBS if verb in found]
    verbs += sorted({verb for verb in found if verb not in VERBS and found.count(verb) > 1})
    others += [option for row in cells.values() for verb, option in row.items() if verb not in verbs]
    rows = [
        Row(record_type=record_type, cells=[row.get(verb) for verb in verbs])
        for record_type, row in cells.items()
        if not row.keys().isdisjoint(verbs)
    ]
    return Matrix(verbs=verbs, rows=rows, others=others)


class ScopeMatrix(forms.CheckboxSelectMultiple):
    """The matrix of checkboxes. JavaScript only adds the buttons that tick a row or a column."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        for option in options:
            option["scope"] = option["value"].instance
        return context | {"matrix": arranged(options)}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        # By the site's template engine, not FORM_RENDERER, so that a site can override the template.
        template = "admin/fourme_oauth/application/scope_matrix.html"
        return mark_safe(render_to_string(template, self.get_context(name, value, attrs)))  # noqa: S308 - rendered by a template


class ScopeChoiceField(forms.ModelMultipleChoiceField):
    """Labels each scope with its name and consent wording."""

    def label_from_instance(self, obj: Scope) -> str:
        return f"{obj.name}: {obj.wording}"
