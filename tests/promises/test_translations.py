"""Every text is translated into Dutch and German, and the compiled catalogues match their sources."""

import re
from itertools import product
from runpy import run_path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from tests.promises.paper import ROOT

TRANSLATIONS = run_path(str(ROOT / "docs" / "translations.py"))
CATALOGUES, LANGUAGES = TRANSLATIONS["CATALOGUES"], TRANSLATIONS["LANGUAGES"]
PLACEHOLDER_OR_TAG = re.compile(r"%(?:\(\w+\))?[sd]|<[^>]*>|&\w+;")


@pytest.fixture(scope="module", params=product(CATALOGUES, LANGUAGES), ids="-".join)
def written(request):
    """A catalogue's .po file."""
    package, language = request.param
    return package, language, TRANSLATIONS["translated"](CATALOGUES[package], language)


def as_tuple(texts):
    return (texts,) if isinstance(texts, str) else tuple(texts)


def keys(catalogue):
    return {(message.context, as_tuple(message.id)) for message in catalogue if message.id}


def texts_in(catalogue):
    return {(message.context, as_tuple(message.id)): as_tuple(message.string) for message in catalogue if message.id}


def disagreements(catalogue):
    """Return the texts whose translation has other placeholders or tags."""
    return [
        message.id
        for message in catalogue
        if message.id
        for translation in as_tuple(message.string)
        if sorted(PLACEHOLDER_OR_TAG.findall(as_tuple(message.id)[-1]))
        != sorted(PLACEHOLDER_OR_TAG.findall(translation))
    ]


def test_catalogue_has_the_texts_of_today(written):
    package, _language, catalogue = written
    assert keys(catalogue) == keys(TRANSLATIONS["texts"](package))


def test_every_text_is_translated(written):
    assert [message.id for message in TRANSLATIONS["untranslated"](written[2])] == []


def test_placeholders_and_tags_are_those_of_the_text(written):
    assert disagreements(written[2]) == []


def test_django_reads_what_is_written(written):
    package, language, catalogue = written
    assert texts_in(TRANSLATIONS["compiled"](CATALOGUES[package], language)) == texts_in(catalogue)


def test_catalogue_opens_with_one_word_for_each_term(written):
    package, _language, catalogue = written
    assert package == "demo_project" or "One word for each term" in catalogue.header_comment


@pytest.mark.parametrize(
    ("translation", "fuzzy"),
    [("", False), (("", ""), False), (("one", ""), False), ("guessed", True)],
    ids=["nothing", "no form", "one form of two", "a guess"],
)
def test_what_is_not_translated_is_found(translation, fuzzy):
    catalogue = Catalog(locale="nl", fuzzy=False)
    text = ("%(count)d token", "%(count)d tokens") if isinstance(translation, tuple) else "token"
    catalogue.add(text, translation, flags=["fuzzy"] if fuzzy else [])
    assert len(TRANSLATIONS["untranslated"](catalogue)) == 1


@pytest.mark.parametrize("translation", ["%(naam)s", "%(name)s %(name)s", "", "<b>%(name)s</b>"])
def test_another_placeholder_or_tag_is_found(translation):
    catalogue = Catalog(locale="nl", fuzzy=False)
    catalogue.add("Revoke %(name)s", translation)
    assert disagreements(catalogue) == ["Revoke %(name)s"]


def test_the_demo_offers_what_is_translated():
    assert [code for code, _name in settings.LANGUAGES] == ["en", *LANGUAGES]


def test_texts_of_templates_and_of_python_are_found():
    found = TRANSLATIONS["texts"]("fourme_oauth")
    places = {place for message in found for place, _line in message.locations}
    assert {"fourme_oauth/views.py", "fourme_oauth/templates/fourme_oauth/mail/revoked.txt"} <= places


@pytest.mark.parametrize(
    ("language", "deny", "ended"), [("nl", "Weigeren", "2 toegangstokens"), ("de", "Ablehnen", "2 Zugriffstoken")]
)
def test_django_finds_the_translations(language, deny, ended):
    with override(language):
        assert gettext("Deny") == deny
        assert ngettext("%(number)d access token", "%(number)d access tokens", 2) % {"number": 2} == ended


def test_the_same_english_is_the_same_translation_whatever_its_first_letter(written):
    by_english = {}
    for (_context, text), translation in texts_in(written[2]).items():
        by_english.setdefault(text[-1].lower(), set()).add(translation[-1].lower())
    assert {text: found for text, found in by_english.items() if len(found) > 1} == {}


@pytest.mark.parametrize("package", CATALOGUES)
def test_no_other_language_is_half_there(package):
    assert {path.parent.parent.name for path in (ROOT / package / "locale").rglob("*.mo")} == set(LANGUAGES)


@pytest.fixture
def catalogue_of_the_site(tmp_path, settings):
    """Compile a catalogue into one of the site's own LOCALE_PATHS."""

    def catalogue_of_the_site(language, **texts):
        catalogue = Catalog(locale=language, fuzzy=False)
        for text, translation in texts.items():
            catalogue.add(text, translation)
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "django.mo").open("wb") as stream:
            write_mo(stream, catalogue)
        settings.LOCALE_PATHS = [tmp_path]

    return catalogue_of_the_site


@pytest.mark.parametrize("language", ["en", "nl", "fr"])
def test_a_site_says_it_in_its_own_words(language, catalogue_of_the_site):
    catalogue_of_the_site(language, Deny="In its own words")
    with override(language):
        assert gettext("Deny") == "In its own words"


def test_a_site_that_changes_one_word_keeps_the_others(catalogue_of_the_site):
    catalogue_of_the_site("nl", Deny="Niet toestaan")
    with override("nl"):
        assert gettext("Allow") == "Toestaan"
