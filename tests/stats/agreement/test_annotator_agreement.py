"""Each annotator beside the others: by hand, by a slow reckoning, and what cannot be said."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.agreement.annotator_agreement import FEW_ITEMS, annotator_agreement
from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.agreement.krippendorff import masi_distance


def labelled(rows: list[tuple[int, int, int]], n_labels: int = 3) -> Answers:
    items, annotators, labels = zip(*rows, strict=True)
    return Answers.of_labels(items=items, annotators=annotators, labels=labels, n_labels=n_labels)


def test_a_dissenter_agrees_with_nobody_and_departs_by_all_that_the_others_share() -> None:
    rows = [(item, who, 0 if who < 2 else 1) for item in range(3) for who in range(3)]
    first, _second, dissenter = annotator_agreement(labelled(rows), seed=1)
    assert (dissenter.agreement.value, dissenter.departure.value) == (0, -1)
    # The first agrees with one of two; these two never agree.
    assert (first.agreement.value, first.departure.value) == (0.5, 0.5)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000), n_items=st.integers(1, 8), n_annotators=st.integers(2, 5), sets=st.booleans()
)
def test_the_numbers_are_those_of_a_slow_reckoning(
    seed: int, n_items: int, n_annotators: int, sets: bool
) -> None:
    rng = np.random.default_rng(seed)
    keep = rng.random((n_items, n_annotators)) < 0.8
    keep[0, :] = True
    items, annotators = np.nonzero(keep)
    memberships = rng.random((len(items), 3)) < 0.4
    if sets:
        answers = Answers.of_sets(items=items, annotators=annotators, memberships=memberships)
    else:
        labels = memberships.argmax(axis=1)
        answers = Answers.of_labels(items=items, annotators=annotators, labels=labels, n_labels=3)

    def alike(a: int, b: int) -> float:
        if sets:
            return 1 - float(masi_distance(memberships[a], memberships[b]))
        return float(memberships[a].argmax() == memberships[b].argmax())

    for found in annotator_agreement(answers, seed=1, n_resamples=0):
        own, departures = [], []
        for item in range(n_items):
            here = list(np.flatnonzero(items == item))
            mine = [row for row in here if annotators[row] == found.annotator]
            others = [row for row in here if annotators[row] != found.annotator]
            if mine and others:
                own.append(np.mean([alike(mine[0], other) for other in others]))
                if len(others) > 1:
                    departures.append(own[-1] - np.mean([alike(a, b) for a, b in combinations(others, 2)]))
        assert found.agreement.value == pytest.approx(np.mean(own))
        assert found.agreement.n_items == len(own)
        assert found.departure.value == (pytest.approx(np.mean(departures)) if departures else None)


def test_the_interval_of_many_items_holds_what_one_is_known_to_do() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(3, size=400)
    rows = []
    for who, share_right in enumerate((0.9, 0.9, 0.9, 0.5)):
        said = np.where(rng.random(400) < share_right, truth, (truth + 1) % 3)
        rows += [(item, who, int(label)) for item, label in enumerate(said)]
    found = annotator_agreement(labelled(rows), seed=5, n_resamples=500)
    low, high = found[3].departure.interval or (0, 0)
    # 0.9 x 0.5 + 0.1 x 0.5 with each of the others, who agree in 0.9 x 0.9 + 0.1 x 0.1.
    assert low < 0.5 - 0.82 < high
    assert high < 0 < (found[0].departure.interval or (0, 0))[1]


def test_few_items_have_a_value_and_no_interval_and_a_lonely_annotator_has_none() -> None:
    few, _other, lonely = annotator_agreement(labelled([(0, 0, 1), (0, 1, 1), (7, 2, 1)]), seed=1)
    assert (few.agreement.value, few.agreement.interval, few.agreement.undetermined) == (1, None, FEW_ITEMS)
    assert few.departure.value is None
    assert "two other answers" in (few.departure.undetermined or "")
    assert asdict(lonely.agreement) == {
        "value": None,
        "interval": None,
        "undetermined": "Nobody else answered their items.",
        "n_items": 0,
    }


@pytest.mark.parametrize(("n_items", "why_none"), [(4, FEW_ITEMS), (5, None)])
def test_five_items_are_enough_for_an_interval(n_items: int, why_none: str | None) -> None:
    rows = [(item, who, item % 2 if who else 0) for item in range(n_items) for who in range(2)]
    for found in annotator_agreement(labelled(rows), seed=1, n_resamples=100):
        assert found.agreement.undetermined == why_none
        assert (found.agreement.interval is None) == (why_none is not None)


def test_a_level_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        annotator_agreement(labelled([(0, 0, 1), (0, 1, 1)]), seed=1, level=0)
