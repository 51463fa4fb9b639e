"""Every two metrics are compared on the methods that all of them score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.williams import williams_from_scores
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.resampling.chunks import run_each_in_sequence
from metaeval.results.metric_differences import Differences
from metaeval.services.metric_differences import compare_metrics
from metaeval.services.metric_scores import Named

PEOPLE = np.array([3.0, 2.5, 2.0, 1.0, 0.5, 0.0])
SCORES = {
    "near": np.array([3.0, 2.4, 2.1, 1.2, 0.4, 0.1]),
    "far": np.array([1.0, 2.4, 0.1, 3.0, 0.4, 2.0]),
    "loss": np.array([0.1, 0.5, 1.0, 2.5, 2.4, 3.0]),
}


def make_named(name: str, values: FloatArray, *, undetermined: str | None = None) -> Named:
    scores = MetricScores(name, name != "loss", values, undetermined=undetermined)
    return Named(scores, label=name, origin="uploaded", hypothesis=name)


def compared(named: Sequence[Named], *, people: HumanScores | None = None) -> dict[str, Differences]:
    return compare_metrics(
        people or HumanScores(PEOPLE),
        named,
        methods=list("abcdef"),
        base_models=[[""]] * len(PEOPLE),
        n_resamples=0,
        seed=1,
        null="methods-xor-items",
        runners=run_each_in_sequence,
    )


def test_williams_has_holm_over_its_own_pairs() -> None:
    found = compared([make_named(name, values) for name, values in SCORES.items()])["pearson"]
    turned = SCORES | {"loss": -SCORES["loss"]}
    raw = [
        williams_from_scores(turned[pair.first], turned[pair.second], PEOPLE).p for pair in found.differences
    ]
    assert [pair.williams_p for pair in found.differences] == pytest.approx(holm(np.array(raw)).tolist())
    assert found.williams_note.startswith("Williams' t")


def test_a_metric_that_lacks_a_method_is_left_out_with_the_number() -> None:
    lacking = SCORES["near"].copy()
    lacking[:2] = np.nan
    named = [make_named(name, values) for name, values in SCORES.items()] + [make_named("lacking", lacking)]
    found = compared([*named, make_named("nothing", PEOPLE, undetermined="No outputs.")])["kendall_tau_b"]
    assert found.n_methods == 6
    assert found.left_out == {
        "lacking": "It lacks 2 of the 6 methods on which the others are compared.",
        "nothing": "No outputs.",
    }


def test_without_resamples_no_difference_is_tested_and_there_are_no_groups() -> None:
    found = compared([make_named(name, values) for name, values in SCORES.items()])["kendall_tau_b"]
    assert [(pair.test, pair.p, pair.second_test) for pair in found.differences] == [(None, None, None)] * 3
    assert (found.groups, found.null) == ([], None)
    assert found.methods_like_these is not None
    assert list(found.methods_like_these.smallest_adjusted_p) == ["PERM-SYSTEMS"]


def test_without_a_ranking_of_people_there_is_the_reason() -> None:
    people = HumanScores(PEOPLE, undetermined="Two groups never met.")
    found = compared([make_named("near", SCORES["near"])], people=people)
    assert {one.undetermined for one in found.values()} == {"Two groups never met."}
