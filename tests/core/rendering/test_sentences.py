"""Sentences of the statistics, in the reader's language."""

from __future__ import annotations

from django.utils import translation

from hlv.core.rendering.sentences import error_sentence
from hlv.stats.reporting import UndeterminedError


def test_a_sentence_without_values_may_contain_a_percent_sign() -> None:
    assert error_sentence(UndeterminedError("Only 5 % were judged.")) == "Only 5 % were judged."


def test_the_values_of_an_error_are_in_the_translated_sentence() -> None:
    # Django's own catalogue translates this sentence.
    template = "Select a valid choice. %(value)s is not one of the available choices."
    error = UndeterminedError(template, value=7)
    with translation.override("ar"):
        translated = error_sentence(error)
    assert "7" in translated
    assert not translated.startswith("Select")
    assert error_sentence(error) == error.sentence == template % {"value": 7}
