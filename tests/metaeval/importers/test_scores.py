"""A study's own metrics: wide and long, blanks missing, names joined."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.formats.import_options import ImportRefusedError
from annotations.models import Import, Study
from metaeval.formats.evaluation_options import Directions, EvaluationOptions
from metaeval.models import Method, Metric, MetricScore
from metaeval.services.imports import import_scores
from tests.files import rows_of_all_tables, write_rows, write_text
from tests.making import make_items, make_methods, make_study

pytestmark = pytest.mark.django_db


def values(study: Study) -> list[tuple[str, str, str | None, int, float | None]]:
    return list(
        MetricScore.objects.filter(metric__study=study)
        .order_by("pk")
        .values_list("metric__name", "method__name", "item__key", "occurrence", "value")
    )


def test_a_table_may_be_all_that_a_study_has_and_blanks_are_missing(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    path = write_text(tmp_path / "s.csv", 'model,"Elo\n[Feb]",Loss\nA,1200,0.5\nB,,0.7\n')
    report = import_scores(
        study, [path], options=EvaluationOptions(directions=Directions.parse(["Loss=down"]))
    )
    assert values(study) == [
        ("Elo [Feb]", "A", None, 0, 1200.0),
        ("Loss", "A", None, 0, 0.5),
        ("Loss", "B", None, 0, 0.7),
    ]
    assert dict(Metric.objects.values_list("name", "higher_is_better")) == {"Elo [Feb]": True, "Loss": False}
    assert "1 blank is a missing score, in 1 metric." in report.notes[0]
    assert "Elo [Feb]" in report.notes[1]
    assert import_scores(study, [path]).n_added == 0


def test_an_unknown_method_is_refused_where_the_study_has_methods(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["base3b", "sft3b"])
    before = rows_of_all_tables()
    path = write_rows(tmp_path / "s.csv", ("method", "metric", "value"), ("base3", "rouge", "0.5"))
    with pytest.raises(ImportRefusedError, match=r"no method “base3”.*--names"):
        import_scores(study, [path])
    assert rows_of_all_tables() == before
    import_scores(study, [path], options=EvaluationOptions(names={"base3": "base3b"}))
    assert Method.objects.count() == 2


def test_scores_of_unnamed_outputs_are_numbered(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A"])
    rows = [("A", "rouge", "0.5"), ("A", "rouge", "0.5"), ("A", "rouge", "0.7")]
    path = write_rows(tmp_path / "s.csv", ("method", "metric", "value"), *rows)
    import_scores(study, [path])
    assert [row[3:] for row in values(study)] == [(0, 0.5), (1, 0.5), (2, 0.7)]
    assert import_scores(study, [path]).n_added == 0


def test_a_named_item_has_one_score_of_a_metric(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A"])
    make_items(study, 2)
    header = ("method", "item", "metric", "value")
    twice = (("A", "item-1", "rouge", "0.5"), ("A", "item-1", "rouge", "0.6"))
    with pytest.raises(ImportRefusedError, match="here and in row 2"):
        import_scores(study, [write_rows(tmp_path / "s.csv", header, *twice)])
    import_scores(study, [write_rows(tmp_path / "t.csv", header, twice[0])])
    with pytest.raises(ImportRefusedError, match="earlier import"):
        import_scores(study, [write_rows(tmp_path / "u.csv", header, twice[1])])


def test_two_files_are_held_against_each_other_and_not_only_their_row_numbers(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A"])
    make_items(study, 1)
    header = ("method", "item", "metric", "value")
    paths = [
        write_rows(tmp_path / name, header, ("A", "item-0", "rouge", value))
        for name, value in (("s.csv", "0.5"), ("t.csv", "0.6"))
    ]
    with pytest.raises(ImportRefusedError, match=r"here and in s\.csv, row 2"):
        import_scores(study, paths)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("A", "rouge", "high")], "no number"),
        ([("A", "po_jsd", "0.5")], "built-in"),
    ],
)
def test_what_is_no_score_is_refused(tmp_path: Path, rows: list[tuple[str, ...]], said: str) -> None:
    study = make_study()
    make_methods(study, ["A"])
    path = write_rows(tmp_path / "s.csv", ("method", "metric", "value"), *rows)
    with pytest.raises(ImportRefusedError, match=said):
        import_scores(study, [path])


def test_a_metric_keeps_its_direction(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A", "B"])
    header = ("method", "metric", "value", "direction")
    import_scores(study, [write_rows(tmp_path / "s.csv", header, ("A", "loss", "1", "down"))])
    with pytest.raises(ImportRefusedError, match="lower is better"):
        import_scores(study, [write_rows(tmp_path / "t.csv", header, ("B", "loss", "1", "up"))])


def test_another_direction_of_scores_that_are_there_is_refused_with_a_way_out(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A", "B"])
    path = write_rows(tmp_path / "s.csv", ("method", "loss"), ("A", "1"), ("B", "2"))
    import_scores(study, [path])
    down, up = (EvaluationOptions(directions=Directions.parse([f"loss={word}"])) for word in ("down", "up"))
    with pytest.raises(ImportRefusedError, match="correct it with hlv set-direction or on the study's page"):
        import_scores(study, [path], options=down)
    import_scores(study, [path], options=up)


def test_columns_of_words_are_named_and_not_imported(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A"])
    path = write_text(tmp_path / "s.csv", "model,BLEU,licence,year\nA,0.5,MIT,2023\n")
    report = import_scores(study, [path], options=EvaluationOptions(ignored_columns=("year",)))
    assert "Ignored columns of s.csv: “licence”, “year”." in report.notes
    assert values(study) == [("BLEU", "A", None, 0, 0.5)]
    assert Import.objects.get().options["ignored_columns"] == ["year"]


def test_a_list_in_a_cell_is_as_many_rows(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A"])
    path = write_text(tmp_path / "s.csv", "method,rouge\nA,0.5;0.5;0.7\n")
    import_scores(study, [path])
    assert [row[3:] for row in values(study)] == [(0, 0.5), (1, 0.5), (2, 0.7)]
    assert import_scores(study, [path]).n_added == 0


def test_missing_items_are_made_where_asked(tmp_path: Path) -> None:
    study = make_study()
    make_methods(study, ["A"])
    make_items(study, 1)
    header = ("method", "item", "metric", "value")
    rows = (("A", "item-0", "rouge", "1"), ("A", "new", "rouge", "2"), ("A", "blank", "rouge", ""))
    path = write_rows(tmp_path / "s.csv", header, *rows)
    with pytest.raises(ImportRefusedError, match="no item “new”"):
        import_scores(study, [path])
    report = import_scores(study, [path], options=EvaluationOptions(create_items=True))
    assert report.created["items"] == 1
    assert [(item, value) for _, _, item, _, value in values(study)] == [("item-0", 1.0), ("new", 2.0)]
    assert list(study.items.order_by("position").values_list("key", flat=True)) == ["item-0", "new"]
    long = write_rows(tmp_path / "t.csv", header, ("A", "x" * 501, "rouge", "1"))
    with pytest.raises(ImportRefusedError, match="more than 500 characters"):
        import_scores(study, [long], options=EvaluationOptions(create_items=True))
