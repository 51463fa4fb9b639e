"""The catalogues of hlv/locale: complete, in step with the source, and true to the form of each sentence."""

from __future__ import annotations

import io
import re
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.utils import translation
from django.utils.translation import gettext, ngettext

from tests.catalogues import (
    compiled,
    is_translated,
    languages,
    plural_forms,
    read_catalogue,
    source_messages,
    text_of,
    updated,
)
from tests.catalogues import main as make_messages
from tests.conftest import CHECKOUT

# What a translation may neither lose nor add: values, tags, and signs that percent formatting reads.
PLACES = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-z]|\{\w*(?::[^{}]*)?\}|</?\w+[^<>]*>|%%")
# Of a plural: forms for 0, 1 and 2 may say so in words.
FORMS_IN_WORDS = 3


@cache
def source() -> Catalog:
    return source_messages()


@cache
def catalogue(language: str) -> Catalog:
    return read_catalogue(language)


def sentences_of(mo: bytes) -> dict[object, str]:
    """Without the header, which names the version of Babel."""
    found = GNUTranslations(io.BytesIO(mo))._catalog  # type: ignore[attr-defined]  # nothing else lists them
    return {key: sentence for key, sentence in found.items() if key}


def sentences(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def english(message: Message) -> str:
    """The sentence, of a plural that of many."""
    return str(message.id[-1] if isinstance(message.id, tuple | list) else message.id)


def faults(message: Message, n_forms: int) -> list[str]:
    """What is wrong with one translation, in words; nothing where all is well."""
    given, wanted = sentences(message), sorted(PLACES.findall(english(message)))
    is_plural = isinstance(message.id, tuple | list)
    if not all(given) or message.fuzzy:
        return [f"{english(message)!r} is not translated"]
    if is_plural and len(given) != n_forms:
        return [f"{english(message)!r} has {len(given)} plural forms instead of {n_forms}"]
    found = []
    for number, sentence in enumerate(given):
        places = sorted(PLACES.findall(sentence))
        in_words = is_plural and n_forms > 2 and number < FORMS_IN_WORDS and set(places) <= set(wanted)
        if places != wanted and not in_words:
            found.append(f"{sentence!r} has {places} instead of {wanted}")
        if sentence.strip() != sentence and english(message).strip() == english(message):
            found.append(f"{sentence!r} has blanks around it")
    return found


@pytest.mark.parametrize("language", languages())
def test_every_sentence_of_the_source_is_translated(language: str) -> None:
    known = updated(read_catalogue(language), source())
    missing = [english(message) for message in known if message.id and not is_translated(message)]
    assert missing == [], f"translate these after make messages LANGUAGE={language}"


@pytest.mark.parametrize("language", languages())
def test_translations_keep_values_tags_and_plural_forms(language: str) -> None:
    n_forms = catalogue(language).num_plurals
    wrong = [fault for message in catalogue(language) if message.id for fault in faults(message, n_forms)]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_a_catalogue_is_as_make_messages_writes_it_and_compiled(language: str) -> None:
    folder = CHECKOUT / "hlv" / "locale" / language / "LC_MESSAGES"
    assert (folder / "django.po").read_bytes() == text_of(updated(read_catalogue(language), source()))
    assert sentences_of((folder / "django.mo").read_bytes()) == sentences_of(
        compiled(read_catalogue(language))
    )


def test_arabic_counts_in_six_forms() -> None:
    assert catalogue("ar").num_plurals == 6
    with translation.override("ar"):
        forms = [ngettext("%(n)s text", "%(n)s texts", n) % {"n": n} for n in (0, 1, 2, 3, 11, 100)]
    assert forms == ["0 نص", "نص واحد", "نصان", "3 نصوص", "11 نصًا", "100 نص"]


@pytest.mark.parametrize(
    ("translated", "fault"),
    [
        ("", "is not translated"),
        ("<b>%(name)s</b>", "'</b>', '<b>'"),
        ("%(nome)s a répondu", "has ['%(nome)s']"),
    ],
)
def test_a_wrong_translation_is_found(translated: str, fault: str) -> None:
    (found,) = faults(Message("%(name)s has answered", translated), 2)
    assert fault in found


def test_one_command_adds_a_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.catalogues.LOCALE", tmp_path)
    monkeypatch.setattr("sys.argv", ["catalogues", "fr"])
    make_messages()
    added = read_catalogue("fr")
    assert len(added) == len(source())
    assert plural_forms("fr") in text_of(added).decode()
    assert (tmp_path / "fr" / "LC_MESSAGES" / "django.mo").is_file()


def test_messages_of_statistics_and_templates_are_found() -> None:
    ids = {english(message) for message in source() if message.id}
    assert {"A score is infinite.", "Save and next", "half a win for each"} <= ids
    with translation.override("ar"):
        assert gettext("A score is infinite.") != "A score is infinite."
