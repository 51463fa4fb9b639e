"""vague_contracts: a legal study by column mapping; one worker id stands for two people."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from annotations.formats.import_options import Duplicates, ImportOptions, ImportRefusedError
from annotations.models import Annotation, AnnotationLabel, Study
from annotations.selectors.distributions import label_table
from annotations.services.imports import import_annotations, import_items
from hlv.core.tabular.mapping import CertaintyRange, Mapping
from tests.making import make_study

pytestmark = pytest.mark.django_db

MAPPING = Mapping.parse(
    [
        "item=title+version",
        "text=header+continuation",
        "annotator=workerid",
        "label=individual_judgment",
        "certainty=confidence",
        "group=subject_information.legaltraining",
    ]
)


def options(rule: Duplicates) -> ImportOptions:
    return ImportOptions(mapping=MAPPING, certainty_range=CertaintyRange(0, 4), duplicates=rule)


def test_all_4140_answers_come_in_with_their_certainties(shared_data: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no", "cantdecide"))
    path = shared_data / "vague_contracts" / "main-merged.csv"
    assert import_items(study, [path], options=options(Duplicates.ALL)).n_added == 138
    with pytest.raises(ImportRefusedError, match=r"row 90: “1955”.*row 34"):
        import_annotations(study, [path], options=options(Duplicates.ERROR))
    report = import_annotations(study, [path], options=options(Duplicates.ALL))
    assert (report.n_added, report.created) == (4140, {"annotators": 1379})
    twice = Annotation.objects.filter(participant__source="1955", item__key="Vehicle Damage V/controversial")
    assert sorted(twice.values_list("participant__source_occurrence", flat=True)) == [0, 1]
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert label_table(study).counts.sum() == len(rows) == 4140
    stored = Counter(AnnotationLabel.objects.values_list("certainty", flat=True))
    assert stored == Counter(int(row["confidence"]) / 4 for row in rows)
    assert import_annotations(study, [path], options=options(Duplicates.ALL)).n_added == 0
