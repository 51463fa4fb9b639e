"""Label distributions from columns of lists, pandas and polars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import polars
import pytest

from hlv.stats import InvalidColumnError, krippendorff_alpha, label_agreement, label_distributions
from hlv.stats.agreement import krippendorff_alpha as alpha_of_counts

ROWS = {
    "item": ["t2", "t1", "t2", "t1", "t3", "t3"],
    "annotator": ["Ana", "Ana", "Ben", "Ben", "Ana", "Ben"],
    "label": ["no", "yes", "yes", "yes", "no", "maybe"],
}
SETS = [["housing"], [], ["family", "housing"], ["debt"], ["debt"], ["debt", "family"]]


@pytest.mark.parametrize("frame", [dict, pandas.DataFrame, polars.DataFrame])
def test_columns_of_every_library_give_the_same(frame: Callable[[Any], Any]) -> None:
    answers = frame(ROWS)
    found = label_distributions(
        items=answers["item"], annotators=answers["annotator"], labels=answers["label"]
    )
    assert (found.items, found.labels, found.task) == (["t1", "t2", "t3"], ["maybe", "no", "yes"], "single")
    assert found.distributions.tolist() == [[0, 0, 1], [0, 0.5, 0.5], [0.5, 0.5, 0]]


@pytest.mark.parametrize("frame", [dict, pandas.DataFrame, polars.DataFrame])
def test_lists_are_sets_of_labels_and_the_empty_list_is_an_answer(frame: Callable[[Any], Any]) -> None:
    answers = frame({**ROWS, "label": SETS})
    found = label_distributions(
        items=answers["item"], annotators=answers["annotator"], labels=answers["label"]
    )
    assert (found.task, found.labels) == ("multilabel", ["debt", "family", "housing"])
    assert found.distributions.tolist() == [[0.5, 0, 0], [0, 0.5, 1], [1, 0.5, 0]]


def test_the_order_of_rows_changes_nothing() -> None:
    order = np.random.default_rng(1).permutation(6)
    columns = {name: [cells[place] for place in order] for name, cells in ROWS.items()}
    found, shuffled = (
        label_distributions(items=rows["item"], annotators=rows["annotator"], labels=rows["label"])
        for rows in (ROWS, columns)
    )
    assert shuffled.items == found.items
    np.testing.assert_array_equal(shuffled.distributions, found.distributions)


def test_labels_that_nobody_chose_have_a_column() -> None:
    found = label_distributions(items=["a", "a"], labels=["x", "z"], label_names=["z", "y", "x"])
    assert found.distributions.tolist() == [[0.5, 0, 0.5]]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"labels": ["x"]}, "labels has 1 rows, but the other columns have 2"),
        ({"labels": ["x", None]}, "labels is missing in row 1"),
        ({"items": ["a", float("nan")]}, "items is missing in row 1"),
        ({"items": "text"}, "items is the text 'text': pass the column itself"),
        ({"items": [], "labels": []}, "There are no answers"),
        ({"items": ["a", "a"], "annotators": [1, 1]}, "1 answers the item 'a' twice, again in row 1"),
        ({"label_names": ["x"]}, "The label 'y' is not among the label names"),
        ({"label_names": ["x", "x"]}, "Two label names are the same"),
        ({"labels": [["x"], ["y"]], "task": "single"}, "Labels are lists, but the task is single"),
    ],
)
def test_bad_columns_are_refused_in_a_sentence(columns: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidColumnError, match=sentence):
        label_distributions(**{"items": ["a", "b"], "labels": ["x", "y"], **columns})


def test_agreement_is_that_of_the_table_of_counts() -> None:
    rng = np.random.default_rng(2)
    labels = label_distributions(
        items=np.repeat(np.arange(40), 3),
        annotators=np.tile([7, 8, 9], 40),
        labels=rng.choice(["x", "y"], 120),
    )
    found = krippendorff_alpha(labels, n_resamples=200)
    assert found.value == pytest.approx(alpha_of_counts(labels.counts))
    assert found.interval is not None
    assert found.interval[0] < found.value < found.interval[1]


def test_without_annotators_there_is_no_cohens_kappa() -> None:
    table = label_agreement(label_distributions(items=["a", "a", "b", "b"], labels=["x", "y", "x", "x"]))
    row = table.columns()["coefficient"].index("Cohen's kappa")
    assert table.columns()["value"][row] is None
    assert table.columns()["reason"][row] == "The labels are counts without annotators."
