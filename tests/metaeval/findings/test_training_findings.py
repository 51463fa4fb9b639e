"""What was trained, in tables and sentences: means over runs, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from hlv.core.rendering.tables import Table
from metaeval.findings.training_findings import (
    METHOD_WORDS,
    expected_time_note,
    learning_curves_table,
    method_words,
    parts_table,
    plan_notes,
    training_notes,
    trainings_table,
)
from metaeval.results.training import PartSizes, TrainingPlan, TrainingResult, TrainingRun


def plan(**more: Any) -> TrainingPlan:
    fields: dict[str, Any] = {
        "base_model": "char n-grams", "features": "char", "methods": ["MV", "SL"], "left_out": {}, "same": [],
        "parts": [PartSizes(train=1200, dev=20, test=30)], "n_tested": 30, "n_repeated": 0, "n_runs": 3,
        "smallest_difference": 0.0456, "seconds": 89.0,
    }  # fmt: skip
    return TrainingPlan(**(fields | more))


def run(training: str, *dev: float | None, epoch: int = 1, rate: float = 0.1) -> TrainingRun:
    return TrainingRun(training=training, run="1", fold=1, learning_rate=rate, epoch=epoch, dev=list(dev))


def result(*runs: TrainingRun, **more: Any) -> TrainingResult:
    fields: dict[str, Any] = {
        "plan": plan(), "select": "po_jsd", "n_added": 1, "n_known": 2400, "seconds": 120.0,
    }  # fmt: skip
    return TrainingResult(runs=list(runs), **(fields | more))


def words(table: Table) -> dict[str, list[str]]:
    return {row.head: [cell.reason or cell.words for cell in row.cells] for row in table.rows}


def test_parts_are_numbered_from_one() -> None:
    assert words(parts_table(plan())) == {"1": ["1,200", "20", "30"]}


def test_a_training_has_the_means_of_its_runs() -> None:
    found = result(
        run("SL", 0.5, 0.25, epoch=2, rate=0.01),
        run("MV", 0.75, epoch=1),
        run("SL", 0.75, 0.25, epoch=1, rate=0.1),
        plan=plan(costs={"SL": 1.5}),
    )
    # The values at the chosen epochs are 0.25 and 0.75.
    assert words(trainings_table(found)) == {
        "SL": ["2", "0.01, 0.1", "1.5", "0.5000", "1.50"],
        "MV": ["1", "0.1", "1.0", "0.7500", "not stored by this version"],
    }


def test_a_value_that_is_undefined_enters_no_mean() -> None:
    found = result(run("SL", None, epoch=1), run("SL", 0.25, epoch=1), run("MV", None, epoch=1))
    means = {head: cells[3] for head, cells in words(trainings_table(found)).items()}
    assert means == {"SL": "0.2500", "MV": "–"}


def test_learning_curves_end_with_the_last_epoch() -> None:
    found = learning_curves_table(result(run("SL", 0.5, 0.25, None, 0.75), run("SL", 1.0), run("MV", 0.5)))
    assert list(found.columns) == ["Training", "Epoch 1", "Epoch 2", "Epoch 3", "Epoch 4"]
    assert words(found) == {
        "SL": ["0.7500", "0.2500", "not computed", "0.7500"],
        "MV": ["0.5000", "not computed", "not computed", "not computed"],
    }
    assert found.title == "Learning curves: PO-JSD on dev texts"


def test_the_last_epoch_is_shown_with_soft_cross_entropy() -> None:
    found = learning_curves_table(result(run("SL", 0.5), select="none"))
    assert found.title == "Learning curves: soft cross-entropy on dev texts"


def test_every_method_has_words_and_no_other_name() -> None:
    assert method_words("MV") == "majority vote"
    assert len({method_words(name) for name in METHOD_WORDS}) == len(METHOD_WORDS)
    with pytest.raises(KeyError):
        method_words("XYZ")


def test_a_plan_names_what_is_left_out_and_what_is_the_same() -> None:
    notes = plan_notes(
        plan(
            left_out={"AE": "no annotators"},
            same=[["SL", "JSD"], ["MV", "AR", "ARh"]],
            n_repeated=1500,
            n_runs=1,
        )
    )
    assert notes == [
        "2 methods, 1 run each, on features “char n-grams”; 30 texts get outputs.",
        "AE is left out: it needs annotators, and there are counts without them.",
        "On these labels JSD is the same as SL; differences between them are noise.",
        "On these labels AR, ARh are the same as MV; differences between them are noise.",
        "1,500 test texts get no output, because an equal text trains or tunes.",
        "Two methods must differ by about 0.046 in PO-JSD on these test texts to be significant "
        "without correction for several tests.",
    ]


def test_a_plan_without_obstacles_has_two_notes() -> None:
    assert len(plan_notes(plan())) == 2


@pytest.mark.parametrize(
    ("seconds", "time"),
    [(0.2, "1 second"), (1.2, "2 seconds"), (89.0, "89 seconds"), (90.0, "2 minutes"), (3600, "60 minutes")],
)
def test_time_is_written_in_seconds_up_to_a_minute_and_a_half(seconds: float, time: str) -> None:
    assert expected_time_note(plan(seconds=seconds)) == f"Expected time on one processor: {time}."


def test_notes_on_a_result_begin_with_what_was_filed() -> None:
    found = training_notes(result(run("SL", 0.5)))
    assert found[0] == "1 output filed, 2,400 known already; training took 2 minutes."
    assert found[1:] == plan_notes(plan())
