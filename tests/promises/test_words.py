"""One word per thing: dropped names are not used again."""

import io
import re
import tokenize
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fourme_oauth"

INSTEAD = {
    "address_in": "client_ip",
    "at_stake": "impact",
    "came_again": "replayed",
    "diary": "failed requests",
    "forgery": "csrf",
    "from_before": "legacy",
    "holdings": "token sets",
    "trouble": "failed request",
    "taken_back": "withdrawn scopes",
    "whence": "get_ip",
    "whereabouts": "client_ip",
}
"""What is never part of a name, and the word for the same thing."""

# A name that ends a word in capitals: "AtStake" is "at_stake".
NEXT_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(name):
    return "_".join(NEXT_WORD.split(name)).lower()


def names_in(path):
    """Yield the file's own name and every name in its code, with the line."""
    yield 0, path.stem
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string


def dropped_names(package):
    for path in sorted(package.rglob("*.py")):
        for line, name in names_in(path):
            for dropped, word in INSTEAD.items():
                if re.search(rf"(?:^|_){dropped}(?:_|s?$)", words_of(name)):
                    yield f"{path.relative_to(package.parent)}:{line} has {name}: say {word}"


def test_no_name_has_a_word_that_was_given_up():
    assert list(dropped_names(PACKAGE)) == []


@pytest.mark.parametrize("name", ["Trouble", "one_from_before", "AtStakeOfUser", "whence", "TROUBLE_KINDS"])
def test_a_name_that_has_one_is_reported(tmp_path, name):
    (tmp_path / "module.py").write_text(f"{name} = 1\n")
    assert len(list(dropped_names(tmp_path))) == 1


@pytest.mark.parametrize("name", ["FailedRequest", "legacy_secret", "troubleshooting", "before"])
def test_a_name_without_any_is_fine(tmp_path, name):
    (tmp_path / "module.py").write_text(f"{name} = 1\n")
    assert list(dropped_names(tmp_path)) == []


def test_a_report_names_file_line_and_the_word_to_use(tmp_path):
    (tmp_path / "module.py").write_text("\ntrouble = 1\n")
    (report,) = dropped_names(tmp_path)
    assert report == f"{tmp_path.name}/module.py:2 has trouble: say failed request"
