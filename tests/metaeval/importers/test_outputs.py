"""What methods said comes in exact, once, and never among human labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotations.formats.import_options import ImportRefusedError
from annotations.models import Import, Study
from annotations.selectors.distributions import label_table
from annotations.selectors.imports import not_withdrawn
from annotations.services.imports import reinstate_import, withdraw_import
from metaeval.formats.evaluation_options import BaseModels, EvaluationOptions
from metaeval.models import Method, Output, Run
from metaeval.selectors.outputs import vector
from metaeval.services.imports import import_outputs
from tests.files import rows_of_all_tables, write_jsonl
from tests.making import make_items, make_study

pytestmark = pytest.mark.django_db


def make_scored_study(task: str = Study.Task.SINGLE) -> Study:
    study = make_study(task=task, labels=("yes", "no"))
    make_items(study, 3)
    return study


def output(item: str = "item-1", method: str = "m", run: str = "1", **content: Any) -> dict[str, Any]:
    return {"item": item, "method": method, "run": run} | (
        content or {"distribution": {"yes": 0.25, "no": 0.75}}
    )


def stored(study: Study) -> dict[tuple[str, str, str], list[float]]:
    return {
        (row.run.method.name, row.run.name, row.item.key): vector(row.probabilities or b"", 2).tolist()
        for row in Output.objects.filter(item__study=study).select_related("run__method", "item")
    }


def test_methods_and_runs_are_made_as_they_are_named(tmp_path: Path) -> None:
    study = make_scored_study()
    rows = [output(), output(run="2"), output(method="n", distribution={"no": 1.0})]
    report = import_outputs(study, [write_jsonl(tmp_path / "o.jsonl", rows)])
    assert report.created == {"methods": 2, "runs": 3}
    assert stored(study) == {
        ("m", "1", "item-1"): [0.25, 0.75],
        ("m", "2", "item-1"): [0.25, 0.75],
        ("n", "1", "item-1"): [0.0, 1.0],
    }


def test_outputs_never_enter_human_counts(tmp_path: Path) -> None:
    study = make_scored_study()
    import_outputs(study, [write_jsonl(tmp_path / "o.jsonl", [output()])])
    assert len(label_table(study).item_ids) == 0


def test_the_same_outputs_twice_add_nothing(tmp_path: Path) -> None:
    study = make_scored_study()
    path = write_jsonl(tmp_path / "o.jsonl", [output(), output(item="item-2")])
    import_outputs(study, [path])
    before = rows_of_all_tables()
    assert import_outputs(study, [path]).n_added == 0
    assert import_outputs(study, [write_jsonl(tmp_path / "renamed.jsonl", [output()])]).n_added == 0
    assert rows_of_all_tables() == before


def test_an_output_in_two_files_is_refused_wherever_it_stands_in_them(tmp_path: Path) -> None:
    study = make_scored_study()
    paths = [write_jsonl(tmp_path / name, [output()]) for name in ("one.jsonl", "two.jsonl")]
    with pytest.raises(ImportRefusedError, match=r"here and in one\.jsonl, row 1"):
        import_outputs(study, paths)
    assert not Output.objects.exists()


def test_a_group_keeps_methods_of_the_same_name_apart(tmp_path: Path) -> None:
    study = make_scored_study()
    path = write_jsonl(tmp_path / "o.jsonl", [output()])
    for group in ("small", "large"):
        import_outputs(study, [path], options=EvaluationOptions(base_models=BaseModels(group)))
    assert list(Method.objects.order_by("position").values_list("base_model", "name")) == [
        ("small", "m"),
        ("large", "m"),
    ]
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (output(item="item-9"), "item-9"),
        (output(distribution={"yes": 0.5, "maybe": 0.5}), "maybe"),
        (output(distribution={"yes": 0.5, "no": 0.6}), "sum"),
        (output(distribution={"yes": -0.5, "no": 1.5}), "outside 0 to 1"),
    ],
)
def test_a_faulty_output_is_named_and_nothing_is_stored(
    tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    study = make_scored_study()
    before = rows_of_all_tables()
    with pytest.raises(ImportRefusedError) as refused:
        import_outputs(study, [write_jsonl(tmp_path / "o.jsonl", [output(item="item-2"), row])])
    assert [error.row for error in refused.value.errors] == [2]
    assert said in refused.value.errors[0].sentence
    assert rows_of_all_tables() == before


def test_memberships_of_a_multilabel_study_need_not_sum_to_one(tmp_path: Path) -> None:
    study = make_scored_study(Study.Task.MULTILABEL)
    import_outputs(study, [write_jsonl(tmp_path / "o.jsonl", [output(distribution={"yes": 0.9, "no": 0.8})])])
    assert stored(study) == {("m", "1", "item-1"): [0.9, 0.8]}


def test_a_sum_that_misses_one_by_a_rounding_is_set_right_and_said(tmp_path: Path) -> None:
    study = make_scored_study()
    path = write_jsonl(tmp_path / "o.jsonl", [output(distribution={"yes": 0.3333, "no": 0.6666})])
    report = import_outputs(study, [path])
    assert sum(stored(study)["m", "1", "item-1"]) == pytest.approx(1, abs=1e-12)
    assert "divided by their sum" in report.notes[0]


def test_another_output_of_the_same_run_is_refused(tmp_path: Path) -> None:
    study = make_scored_study()
    import_outputs(study, [write_jsonl(tmp_path / "o.jsonl", [output()])])
    other = write_jsonl(tmp_path / "p.jsonl", [output(distribution={"yes": 1, "no": 0})])
    with pytest.raises(ImportRefusedError, match="give this run another name"):
        import_outputs(study, [other])


def test_a_text_that_names_its_method_is_flagged(tmp_path: Path) -> None:
    study = make_scored_study()
    rows = [output(method="Atlas", text="I am Atlas."), output(method="Bo", text="I am Atlas.")]
    report = import_outputs(study, [write_jsonl(tmp_path / "o.jsonl", rows)])
    assert next(note for note in report.notes if "recognise" in note).startswith("1 text contains")
    assert list(Output.objects.values_list("text", flat=True)) == ["I am Atlas."] * 2


def test_an_array_is_read_by_the_lists_beside_it(tmp_path: Path) -> None:
    study = make_scored_study()
    np.save(tmp_path / "model.npy", np.array([[0.1, 0.9], [0.6, 0.4]]))
    (tmp_path / "items.txt").write_text("item-2\nitem-1\n", encoding="utf-8")
    (tmp_path / "labels.txt").write_text("no\nyes\n", encoding="utf-8")
    import_outputs(study, [tmp_path / "model.npy"], options=EvaluationOptions(run="7"))
    assert stored(study) == {("model", "7", "item-2"): [0.9, 0.1], ("model", "7", "item-1"): [0.4, 0.6]}


def test_a_corrected_file_takes_the_place_of_withdrawn_outputs(tmp_path: Path) -> None:
    study = make_scored_study()
    first = write_jsonl(tmp_path / "first.jsonl", [output()])
    corrected = write_jsonl(tmp_path / "second.jsonl", [output(distribution={"yes": 0.5, "no": 0.5})])
    import_outputs(study, [first])
    with pytest.raises(ImportRefusedError):
        import_outputs(study, [corrected])
    withdraw_import(Import.objects.get(), by=None, reason="wrong file")
    assert import_outputs(study, [corrected]).n_added == 1
    (standing,) = Output.objects.filter(not_withdrawn())
    assert vector(standing.probabilities or b"", 2).tolist() == [0.5, 0.5]


@pytest.mark.both_databases
def test_withdrawn_outputs_do_not_come_back_beside_their_correction(tmp_path: Path) -> None:
    study = make_scored_study()
    wrong = write_jsonl(tmp_path / "wrong.jsonl", [output()])
    import_outputs(study, [wrong])
    first = Import.objects.get()
    withdraw_import(first, by=None)
    import_outputs(study, [write_jsonl(tmp_path / "elsewhere.jsonl", [output(method="n"), output("item-2")])])
    reinstate_import(first, by=None)
    withdraw_import(first, by=None)
    corrected = [output(distribution={"yes": 0.5, "no": 0.5})]
    import_outputs(study, [write_jsonl(tmp_path / "right.jsonl", corrected)])
    with pytest.raises(ImportRefusedError, match=r"right\.jsonl came since: both would count"):
        reinstate_import(first, by=None)
    with pytest.raises(ImportRefusedError, match="both would count"):
        import_outputs(study, [wrong])
    second = Import.objects.get(source="right.jsonl")
    withdraw_import(second, by=None)
    reinstate_import(first, by=None)
    with pytest.raises(ImportRefusedError, match="both would count"):
        reinstate_import(second, by=None)


def test_a_division_by_the_sum_is_kept_with_the_import(tmp_path: Path) -> None:
    study = make_scored_study()
    rows = [
        output(distribution={"yes": 0.49, "no": 0.5}),
        output(item="item-2", distribution={"yes": 0.6, "no": 0.42}),
        output(item="item-0", distribution={"yes": 0.6, "no": 0.4}),
    ]
    path = write_jsonl(tmp_path / "o.jsonl", rows)
    with pytest.raises(ImportRefusedError, match=r"sum to 0\.99, not to 1.*--normalise"):
        import_outputs(study, [path])
    import_outputs(study, [path], options=EvaluationOptions(normalise=True))
    assert stored(study)["m", "1", "item-1"] == pytest.approx([0.49 / 0.99, 0.5 / 0.99])
    kept = Import.objects.get()
    assert kept.options["normalise"] is True
    assert kept.report["notes"] == [
        "2 distributions did not sum to 1 and were divided by their sum. The largest difference from 1 was 0.02."
    ]


def test_columns_that_are_not_read_and_the_order_of_lists_are_told(tmp_path: Path) -> None:
    study = make_scored_study()
    path = write_jsonl(tmp_path / "o.jsonl", [output(distribution=[0.25, 0.75]) | {"prompt_id": "p"}])
    report = import_outputs(study, [path])
    assert "Ignored columns of o.jsonl: “prompt_id”." in report.notes
    assert "Lists of shares were read in the order of the labels: yes, no." in report.notes
    assert stored(study) == {("m", "1", "item-1"): [0.25, 0.75]}


def test_missing_items_are_made_where_asked(tmp_path: Path) -> None:
    study = make_scored_study()
    path = write_jsonl(tmp_path / "o.jsonl", [output(item="new")])
    with pytest.raises(ImportRefusedError, match="no item “new”"):
        import_outputs(study, [path])
    report = import_outputs(study, [path], options=EvaluationOptions(create_items=True))
    assert report.created["items"] == 1
    assert stored(study) == {("m", "1", "new"): [0.25, 0.75]}
