"""Counts without annotators never mix with answers."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from annotations.formats.intake import ImportRefusedError
from annotations.models import Item, LabelCount, Study
from annotations.selectors.distributions import label_table
from annotations.services.annotating import Answer, record_annotation
from annotations.services.imports import import_annotations
from tests.files import rows_of_all_tables, write_jsonl, write_rows
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = pytest.mark.django_db


def make_counted_study(task: str = Study.Task.SINGLE) -> Study:
    study = make_study(task=task, labels=("yes", "no"))
    make_items(study, 3)
    return study


def counts_file(path: Path, **counts: int) -> Path:
    return write_jsonl(path, [{"item": "item-1", "counts": counts}])


def test_counts_become_a_distribution(tmp_path: Path) -> None:
    study = make_counted_study()
    report = import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=30, no=70)])
    assert report.sentence == "1 count added from 1 row."
    assert label_table(study).distributions(one_label_only=True).tolist() == [[0.3, 0.7]]
    assert study.items.get(key="item-1").evidence == Item.Evidence.COUNTS


def test_the_same_counts_twice_add_nothing_and_others_are_refused(tmp_path: Path) -> None:
    study = make_counted_study()
    path = counts_file(tmp_path / "c.jsonl", yes=30, no=70)
    import_annotations(study, [path])
    before = rows_of_all_tables()
    assert import_annotations(study, [path]).n_added == 0
    with pytest.raises(ImportRefusedError, match="other counts already"):
        import_annotations(study, [counts_file(tmp_path / "d.jsonl", yes=31, no=69)])
    assert rows_of_all_tables() == before


def test_counts_and_answers_never_meet_within_an_item(tmp_path: Path) -> None:
    study = make_counted_study()
    import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=1, no=2)])
    answers = write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), ("item-1", "w1", "yes"))
    with pytest.raises(ImportRefusedError, match="never mix"):
        import_annotations(study, [answers])
    other = write_rows(tmp_path / "b.csv", ("item", "annotator", "label"), ("item-2", "w1", "yes"))
    import_annotations(study, [other])
    with pytest.raises(ImportRefusedError, match="never mix"):
        import_annotations(
            study, [write_jsonl(tmp_path / "e.jsonl", [{"item": "item-2", "counts": {"yes": 1}}])]
        )
    assert LabelCount.objects.filter(item__key="item-2").count() == 0


def test_counts_do_not_tell_how_many_answered_where_each_may_choose_several(tmp_path: Path) -> None:
    study = make_counted_study(task=Study.Task.MULTILABEL)
    with pytest.raises(ImportRefusedError, match="how many people answered"):
        import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=3, no=2)])


def test_counts_of_a_text_that_somebody_skipped_are_refused_in_words(tmp_path: Path) -> None:
    study = make_counted_study()
    seat = make_seat(make_participant(study))
    record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(skipped=True, reason="torn page"))
    path = write_jsonl(tmp_path / "c.jsonl", [{"item": seat.item.key, "counts": {"yes": 1, "no": 2}}])
    with pytest.raises(ImportRefusedError, match="never mix"):
        import_annotations(study, [path])
