"""The tests that docs/security.md names exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CITED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
COLUMNS = ["requirement", "source", "how it is met", "test"]


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rows(page):
    """The lines of all tables, without their heads and rules."""
    lines = [cells(line) for line in page.splitlines() if line.startswith("|")]
    return [line for line in lines if line != COLUMNS and set("".join(line)) != {"-"}]


@cache
def names_of_tests(path):
    """The names of the tests in a file: its functions, and the methods of its test classes."""
    if not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test")]
    bodies = [tree.body, *(node.body for node in classes)]
    names = {node.name for body in bodies for node in body if isinstance(node, ast.FunctionDef)}
    return frozenset(name for name in names if name.startswith("test_"))


def is_there(path, name):
    return name in names_of_tests(path)


def test_there_are_tables():
    assert len(rows(PAGE)) > 90


@pytest.mark.parametrize("row", rows(PAGE), ids=lambda row: row[0])
def test_a_row_says_what_where_from_how_and_by_which_test(row):
    assert len(row) == len(COLUMNS)
    assert all(row)


@pytest.mark.parametrize("row", rows(PAGE), ids=lambda row: row[0])
def test_a_row_names_tests_and_nothing_else_in_its_last_column(row):
    assert CITED.search(row[-1])
    assert CITED.sub("", row[-1]).replace("<br>", "") == ""


@pytest.mark.parametrize(("path", "name"), sorted(set(CITED.findall(PAGE))))
def test_a_test_that_is_named_is_there(path, name):
    assert is_there(path, name)


@pytest.mark.parametrize("requirement", sorted({row[0] for row in rows(PAGE)}))
def test_a_requirement_has_one_row(requirement):
    assert [row[0] for row in rows(PAGE)].count(requirement) == 1


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", PAGE))))
def test_a_link_leads_to_a_file(path):
    assert (ROOT / "docs" / path).is_file()


def test_page_links_to_where_vulnerabilities_are_reported():
    assert "(../SECURITY.md)" in PAGE


# The checks themselves


def test_a_test_that_is_nowhere_would_be_found():
    assert not is_there("tests/promises/test_security_table.py", "test_that_nobody_wrote")


def test_a_file_that_is_nowhere_would_be_found():
    assert not is_there("tests/promises/test_that_nobody_wrote.py", "test_there_are_tables")


def test_a_method_of_a_test_class_is_found():
    path = "tests/promises/test_junk_is_never_an_error_page.py"
    assert is_there(path, "test_parameters_of_the_back_channel")


def test_another_function_is_not_taken_for_a_test():
    assert not is_there("tests/promises/test_security_table.py", "is_there")
