"""Scopes as a matrix: rows are record types, columns are verbs, each cell a checkbox with its wording and roles."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ..models import Scope

USUAL = re.compile(r"\A(?P<record_type>[^:]+):(?P<verb>[^:]+)\Z")
VERBS = ("read", "create", "update", "delete")
"""The columns that come first, in this order."""

Option = dict[str, Any]
"""A checkbox as Django describes it: ``attrs``, ``value``, ``selected`` and so on."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record type; under each verb its scope, or nothing."""

    record_type: str
    cells: list[Option | None]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """The scopes with a usual name in rows and columns, and those without in a list."""

    verbs: list[str]
    rows: list[Row]
    others: list[Option]


def arranged(options: Iterable[Option]) -> Matrix:
    """
    Arrange checkboxes, each with its ``scope``.

    A verb that a single record type has gets no column of its own, unless it is one of ``VERBS``.
    """
    cells: dict[str, dict[str, Option]] = {}
    others: list[Option] = []
    for option in options:
        if usual := USUAL.match(option["scope"].name):
            cells.setdefault(usual["record_type"], {})[usual["verb"]] = option
        else:
            others.append(option)
    met = [verb for row in cells.values() for verb in row]
    verbs = [verb for verb in VERBS if verb in met]
    verbs += sorted({verb for verb in met if verb not in VERBS and met.count(verb) > 1})
    others += [option for row in cells.values() for verb, option in row.items() if verb not in verbs]
    rows = [
        Row(record_type=record_type, cells=[row.get(verb) for verb in verbs])
        for record_type, row in cells.items()
        if not row.keys().isdisjoint(verbs)
    ]
    return Matrix(verbs=verbs, rows=rows, others=others)


class ScopeMatrix(forms.CheckboxSelectMultiple):
    """The matrix. Without JavaScript it lacks the buttons that tick a row or a column, and nothing else."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        for option in options:
            option["scope"] = option["value"].instance
        return context | {"matrix": arranged(options)}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        # By the site's own engine, whatever renders its forms, so that a site can override the template.
        template = "admin/fourme_oauth/application/scope_matrix.html"
        return mark_safe(render_to_string(template, self.get_context(name, value, attrs)))  # noqa: S308 - a template's


class ScopeChoiceField(forms.ModelMultipleChoiceField):
    """A scope by its name and the words that users read."""

    def label_from_instance(self, obj: Scope) -> str:
        return f"{obj.name}: {obj.wording}"
