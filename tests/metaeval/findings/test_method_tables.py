"""Tables of methods: what is best, what does not differ from it, and what is undefined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hlv.core.rendering.sentences import unmarked
from metaeval.findings.method_tables import (
    differences_table,
    group_letters,
    method_table_notes,
    method_tables,
    methods_by_metrics,
    methods_by_studies,
    metric_of_methods_table,
    shared_metrics,
)
from metaeval.results.method_table import MethodDifference, MethodRow, MethodTable, MetricOfMethods


def row(method: str, mean: float | None, **more: Any) -> MethodRow:
    fields = {"n_runs": 1, "sd_of_runs": None, "interval": None, "of_mean_output": None} | more
    return MethodRow(method=method, mean_of_runs=mean, **fields)


def difference(first: str, second: str, p: float) -> MethodDifference:
    return MethodDifference(
        first=first, second=second, difference=0.1, interval=(0.0, 0.2), standard_error=0.05, p=p
    )


def metric(
    means: Mapping[str, float | None], *differences: MethodDifference, name: str = "soft_f1", **more: Any
) -> MetricOfMethods:
    fields: dict[str, Any] = {
        "higher_is_better": True,
        "groups": [list(means)] if differences else None,
    } | more
    rows = [row(method, mean) for method, mean in means.items()]
    return MetricOfMethods(
        name=name, label=name.upper(), methods=rows, differences=list(differences), **fields
    )


def table(*metrics: MetricOfMethods, **more: Any) -> MethodTable:
    fields: dict[str, Any] = {"n_items": 1200, "n_incomplete": {}, "n_resamples": 1000, "seed": 7} | more
    return MethodTable(methods=[one.method for one in metrics[0].methods], metrics=list(metrics), **fields)


# b is the best; a does not differ from it, c does. That a and c differ is no matter.
THREE = metric(
    {"a": 0.7, "b": 0.8, "c": 0.5},
    difference("a", "b", 0.05),
    difference("b", "c", 0.049),
    difference("a", "c", 0.01),
)


def test_methods_that_do_not_differ_from_the_best_are_strong() -> None:
    (a,), (b,), (c,) = (one.cells for one in methods_by_metrics(table(THREE)).rows)
    assert [(cell.words, cell.strong) for cell in (a, b, c)] == [
        ("0.700 *", True), ("0.800 *", True), ("0.500", False)
    ]  # fmt: skip


def test_without_a_test_no_method_is_strong() -> None:
    rows = methods_by_metrics(table(metric({"a": 0.7, "b": 0.8}))).rows
    assert not any(one.cells[0].strong for one in rows)


def test_a_cell_has_the_spread_and_the_score_of_the_mean_output() -> None:
    one = MetricOfMethods(
        name="x", label="X", higher_is_better=False, groups=None, differences=[],
        methods=[row("a", 0.5, sd_of_runs=0.0126, of_mean_output=0.45), row("b", None)],
    )  # fmt: skip
    found = methods_by_metrics(table(one))
    assert list(found.columns) == ["Method", "X ↓"]
    assert found.rows[0].cells[0].words == "0.500 ±0.013 (0.450)"
    assert (found.rows[1].cells[0].value, found.rows[1].cells[0].reason) == (None, "undefined")


def test_methods_are_sorted_from_best_to_worst_with_undefined_last() -> None:
    means = {"a": 0.7, "none": None, "b": 0.8}
    heads = [one.head for one in metric_of_methods_table(metric(means)).rows]
    assert heads == ["b", "a", "none"]
    loss = metric_of_methods_table(metric(means, higher_is_better=False))
    assert [one.head for one in loss.rows] == ["a", "b", "none"]
    assert loss.title == "SOFT_F1 ↓"


def test_a_score_of_zero_is_a_score() -> None:
    rows = metric_of_methods_table(metric({"none": None, "zero": 0.0, "low": -0.5})).rows
    assert [one.head for one in rows] == ["zero", "low", "none"]


def test_reasons_stand_in_place_of_numbers() -> None:
    _runs, mean, spread, output, group = metric_of_methods_table(metric({"a": None})).rows[0].cells
    assert [cell.reason for cell in (mean, spread, output)] == [
        "undefined",
        "fewer than two runs",
        "undefined",
    ]
    assert group.words == ""


def test_groups_have_letters_and_after_z_comes_aa() -> None:
    groups = [["a", "b"], ["b", "c"], *([f"m{place}"] for place in range(2, 27))]
    letters = group_letters(metric({}, groups=groups))
    assert (letters["a"], letters["b"], letters["c"]) == ("a", "ab", "b")
    assert (letters["m25"], letters["m26"]) == ("z", "aa")
    assert group_letters(metric({"a": 0.5})) == {}


def test_differences_have_their_p_values() -> None:
    found = differences_table(THREE)
    assert [(one.head, one.cells[0].words, one.cells[3].words) for one in found.rows] == [
        ("a", "b", ".050"), ("b", "c", ".049"), ("a", "c", ".010")
    ]  # fmt: skip
    assert found.rows[0].cells[1].words == "+0.1000"


def test_the_overview_is_of_several_metrics() -> None:
    assert len(method_tables(table(THREE))) == 1
    other = metric({"a": 0.1, "b": 0.2, "c": 0.3}, name="other")
    assert len(method_tables(table(THREE, other))) == 3
    # The other metric has no test, so no table of differences.
    assert len(method_tables(table(THREE, other), with_differences=True)) == 4


def test_studies_share_the_metrics_that_all_have() -> None:
    first = table(*(metric({"a": 0.5}, name=name) for name in ("x", "y", "po_jsd")))
    second = table(*(metric({"a": 0.5}, name=name) for name in ("po_jsd", "x")))
    assert shared_metrics([first, second]) == ["po_jsd", "x"]


def test_a_study_without_a_method_says_so() -> None:
    found = methods_by_studies(
        {"one": table(metric({"a": 0.5, "b": 0.6})), "two": table(metric({"b": 0.7, "c": 0.8}))}, "soft_f1"
    )
    words = {one.head: [cell.reason or cell.words for cell in one.cells] for one in found.rows}
    assert words == {"a": ["0.500", "no output"], "b": ["0.600", "0.700"], "c": ["no output", "0.800"]}


def test_notes_name_the_best_methods() -> None:
    alone = metric({"a": 0.7, "b": 0.8}, difference("a", "b", 0.01), groups=[["b"], ["a"]])
    untested, undefined = metric({"a": 0.1}), metric({"a": None})
    notes = [unmarked(note) for note in method_table_notes(table(THREE, alone, untested, undefined))]
    assert notes == [
        "SOFT_F1: the test finds no significant difference between the best, b, and a.",
        "SOFT_F1: b is significantly better than every other method.",
        "SOFT_F1: no test of differences.",
        "On 1,200 texts with labels and an output of every run. Texts and runs were resampled together 1,000 times "
        "(seed 7), alike for all methods; p values have Holm correction over all pairs.",
    ]


def test_notes_count_the_methods_that_lack_outputs() -> None:
    one = method_table_notes(table(metric({"a": None}), n_incomplete={"a": 1500}))[-1]
    assert one == "1 method lacks outputs of up to 1,500 labelled texts, which are left out for all methods."
    two = method_table_notes(table(metric({"a": None}), n_incomplete={"a": 2, "b": 3}))[-1]
    assert two.startswith("2 methods lack outputs of up to 3 labelled texts")
