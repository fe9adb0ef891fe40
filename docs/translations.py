"""
Update the message catalogues, and compile them.

    python docs/translations.py

Needs the extra `test` (Babel); no gettext. Lists untranslated messages on standard error, and fails if there are any.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = {"fourme_oauth": ROOT / "fourme_oauth" / "locale", "demo_project": ROOT / "demo_project" / "locale"}
"""The packages with translatable texts, and the folders of their catalogues."""
LANGUAGES = ("nl", "de")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
WIDTH = 120


def texts(package: str) -> Catalog:
    """Return the messages of a package, extracted from its sources, without translations."""
    catalogue = Catalog(fuzzy=False)
    for path in _sources(ROOT / package):
        source = BytesIO(_python_of(path).encode())
        for _line, message, comments, context in extract("python", source, keywords=KEYWORDS):
            place = (path.relative_to(ROOT).as_posix(), 0)
            catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return catalogue


def translated(folder: Path, language: str) -> Catalog:
    """Return the ``.po`` catalogue as it is stored. Raises ``PoFileError`` where it can't be read."""
    with _po(folder, language).open("rb") as stream:
        return pofile.read_po(stream, locale=language, abort_invalid=True)


def compiled(folder: Path, language: str) -> Catalog:
    """Return the ``.mo`` catalogue, which Django reads."""
    with _po(folder, language).with_suffix(".mo").open("rb") as stream:
        return mofile.read_mo(stream)


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the messages without a translation, or with a fuzzy one."""
    return [message for message in catalogue if message.id and (message.fuzzy or not _is_whole(message))]


def update(package: str, language: str) -> Catalog:
    """Write and return the catalogue with the current messages: new ones untranslated, obsolete ones removed."""
    folder = CATALOGUES[package]
    catalogue = translated(folder, language)
    catalogue.update(texts(package), no_fuzzy_matching=True, update_creation_date=False)
    with _po(folder, language).open("wb") as stream:
        pofile.write_po(stream, catalogue, width=WIDTH, ignore_obsolete=True, include_lineno=False)
    with _po(folder, language).with_suffix(".mo").open("wb") as stream:
        mofile.write_mo(stream, catalogue)
    return catalogue


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
            yield path


def _python_of(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return source
    # Django's input for xgettext, without indentation, which Python's tokenizer would reject.
    return "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())


def _po(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "django.po"


def _is_whole(message: Message) -> bool:
    translations = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(translations)


def main() -> int:
    """Update and compile all catalogues; return the number of untranslated messages."""
    missing = 0
    for package in CATALOGUES:
        for language in LANGUAGES:
            for message in untranslated(update(package, language)):
                missing += 1
                sys.stderr.write(f"{package}, {language}: {message.id!r} is not translated.\n")
    return missing


if __name__ == "__main__":
    sys.exit(min(main(), 1))
