"""The choices of a person pass through form, upload and job unchanged."""

from __future__ import annotations

import pytest

from hlv.importing.file_sets import ReadingChoices
from hlv.importing.forms import ReadingForm, entries
from hlv.importing.preview import ColumnsToChoose, chosen_and_written, columns_to_choose
from metaeval.formats import judgments

CHOICES = ReadingChoices(
    mapping=["item=id ", "text=title+body"],
    duplicates="last",
    certainty_range="0:4",
    delimiter=";",
    directions=["toxicity=down"],
    names=["gpt=GPT 4"],
)


def form_of(data: dict[str, object], choice: ColumnsToChoose | None = None) -> ReadingForm:
    return ReadingForm({"kind": "annotations", "duplicates": "error", **data}, choice=choice)


def test_choices_are_stored_without_defaults_and_read_back() -> None:
    stored = CHOICES.as_json()
    assert set(stored) == {"mapping", "duplicates", "certainty_range", "delimiter", "directions", "names"}
    assert ReadingChoices.stored(stored) == CHOICES
    assert ReadingChoices.stored({}) == ReadingChoices()


def test_a_form_opened_on_stored_choices_gives_the_same_choices() -> None:
    shown = entries("annotations", CHOICES)
    form = form_of({**shown, "mapping": "\n".join(CHOICES.mapping)})
    assert form.is_valid(), form.errors
    assert form.choices == CHOICES


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"mapping": "item"}, "mapping"),
        ({"certainty_range": "4:0"}, "certainty_range"),
        ({"encoding": "klingon"}, "encoding"),
        ({"directions": "sideways"}, "directions"),
        ({"names": "x"}, "names"),
        ({"format": "llmfao"}, "format"),
    ],
)
def test_what_cannot_be_understood_is_an_error_of_its_field(data: dict[str, object], field: str) -> None:
    assert list(form_of(data).errors) == [field]


def test_a_chosen_column_becomes_a_line_of_the_mapping() -> None:
    choice = columns_to_choose("annotations", "", ("nr", "who", "verdict"))
    form = form_of({"column-item": "nr", "column-annotator": "who", "mapping": "label=verdict"}, choice)
    assert form.is_valid(), form.errors
    assert form.choices.mapping == ["label=verdict", "item=nr", "annotator=who"]
    chosen, written = chosen_and_written(form.choices.mapping, choice)
    assert (chosen, written) == ({"label": "verdict", "item": "nr", "annotator": "who"}, [])


def test_nothing_is_chosen_in_a_format_with_columns_of_its_own() -> None:
    assert columns_to_choose("judgments", judgments.PANDALM.name, ("cmp_key",)) == ColumnsToChoose()
