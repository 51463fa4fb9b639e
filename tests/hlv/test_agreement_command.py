"""`hlv agreement`: coefficients of label sets and of two labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.services.imports import import_annotations
from tests.files import write_rows
from tests.hlv.result_commands import hlv, make_labelled
from tests.making import (
    make_items,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


@pytest.mark.both_databases
def test_agreement_of_sets_says_every_distance_every_label_and_what_went_in(tmp_path: Path) -> None:
    study = make_study(slug="labelled", labels=("housing", "contract"))
    items = make_items(study, 3)
    said = ("housing", "contract", "housing")
    answers = [(item.key, "w1", "housing") for item in items]
    answers += [(item.key, "w2", label) for item, label in zip(items, said, strict=True)]
    import_annotations(study, [write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), *answers)])
    code, out, _ = hlv("agreement", "labelled", "--n-resamples=10")
    assert code == 0
    for words in (
        "MASI",
        "Jaccard",
        "nominal",
        "Gwet’s AC1",
        "contract",
        "6 answers of 2 annotators to 3 texts",
    ):
        assert words in out


@pytest.mark.parametrize("task", ["single", "ordinal"])
def test_two_labels_say_their_agreement_once(tmp_path: Path, task: str) -> None:
    make_labelled(tmp_path, "low", "high", task=task)
    out = hlv("agreement", "labelled", "--n-resamples=10")[1]
    assert "low" not in out, "labels have no rows"
    assert "has the same values" in " ".join(out.split())
    assert len(json.loads(hlv("agreement", "labelled", "--n-resamples=10", "--json")[1])["per_label"]) == 2
