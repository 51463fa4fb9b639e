"""A sentence about a file quotes the beginning of a cell, never all of a long one."""

from __future__ import annotations

import pytest

from annotations.formats.import_options import ImportRefusedError
from hlv.core.tabular.errors import MAX_QUOTED_CHARACTERS, FormatError, RowError, cut_quotes

LETTER = "my landlord took " * 20


def test_a_short_quotation_stays_as_it_is() -> None:
    sentence = (
        "the score “many” is no number: “one” would be, and so would “two”, or “three and a half”, or 4."
    )
    assert cut_quotes(sentence) == sentence


@pytest.mark.parametrize(
    "cell", [LETTER, f"he said “no” and {LETTER}", f"{LETTER} “and so on", f"{LETTER} so” he said"]
)
def test_a_long_quotation_is_cut_and_the_sentence_goes_on(cell: str) -> None:
    told = cut_quotes(f"the score “{cell}” is no number: write one of “1” and “2”.")
    assert cell not in told
    assert told.endswith("” is no number: write one of “1” and “2”.") or "“" in cell or "”" in cell
    assert len(told) < MAX_QUOTED_CHARACTERS + 80


def test_a_cell_of_a_million_characters_is_cut_at_once() -> None:
    for cell in ("x" * 1_000_000, "“" * 1_000_000, "”“" * 500_000):
        assert len(cut_quotes(f"the score “{cell}” is no number.")) <= 1_001


def test_every_error_of_a_file_is_cut() -> None:
    sentence = f"“{LETTER}” is no score."
    errors = (RowError(2, LETTER, sentence), FormatError(sentence), ImportRefusedError(sentence))
    assert all(LETTER not in str(error) for error in errors)
