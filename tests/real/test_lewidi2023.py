"""LeWiDi 2023: all splits as one study, ids kept apart, a person listed twice reported."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from annotations.formats.import_options import Duplicates, ImportOptions, ImportRefusedError
from annotations.models import Annotation, Study
from annotations.selectors.distributions import label_table
from annotations.services.imports import import_annotations, import_items
from tests.files import rows_of_all_tables
from tests.making import make_study

pytestmark = pytest.mark.django_db


def files_of(shared_data: Path, name: str) -> list[Path]:
    return sorted((shared_data / "lewidi2023" / name).glob("*.json"))


@pytest.mark.parametrize(("name", "n_items", "n_annotators"), [("HS-Brexit", 1120, 6), ("ArMIS", 943, 3)])
def test_three_splits_are_one_study(shared_data: Path, name: str, n_items: int, n_annotators: int) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("0", "1"))
    files = files_of(shared_data, name)
    assert import_items(study, files).n_added == n_items
    report = import_annotations(study, files)
    assert report.n_added == n_items * n_annotators
    assert report.created == {"annotators": n_annotators}
    assert label_table(study).n_annotators.tolist() == [n_annotators] * n_items
    assert {key.split("/")[1] for key in study.items.values_list("key", flat=True)} == {
        "train",
        "dev",
        "test",
    }
    before = rows_of_all_tables()
    assert import_annotations(study, files).n_added == 0
    assert rows_of_all_tables() == before


def test_the_double_annotator_of_md_agreement_is_reported_not_lost(shared_data: Path, tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("0", "1"))
    whole = json.loads((shared_data / "lewidi2023" / "MD-Agreement" / "MD-Agreement_test.json").read_bytes())
    # As far as the one in question and somewhat beyond: so much tells what all would.
    part = tmp_path / "MD-Agreement_test.json"
    part.write_text(json.dumps(dict(islice(whole.items(), 2100))), encoding="utf-8")
    assert import_items(study, [part]).n_added == 2100
    with pytest.raises(ImportRefusedError) as refused:
        import_annotations(study, [part])
    assert [(error.source, error.row) for error in refused.value.errors] == [(part.name, 2038)]
    assert "MD-Agreement/test/2038" in refused.value.sentence
    assert Annotation.objects.count() == 0
    report = import_annotations(study, [part], options=ImportOptions(duplicates=Duplicates.ALL))
    assert report.n_added == 5 * 2100
    assert Annotation.objects.filter(item__key="MD-Agreement/test/2038").count() == 5
