from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlv.stats.agreement import SpanAgreement, span_agreement, span_f1


def test_f1_of_two_annotators_by_hand() -> None:
    # Ten and six characters, four of them shared: 2 * 4 / 16.
    assert span_f1({"rent": [(0, 10)]}, {"rent": [(6, 12)]}) == 0.5
    assert span_f1({"rent": [(0, 10)]}, {"debt": [(0, 10)]}) == 0
    assert span_f1({"rent": [(0, 4), (2, 10)]}, {"rent": [(0, 10)]}) == 1, "each character counts once"
    assert span_f1({"rent": [(0, 4)]}, {}) == 0
    assert span_f1({}, {"rent": []}) is None


def test_the_agreement_is_the_mean_of_pairs_over_their_shared_items_by_hand() -> None:
    answers = [
        (1, "a", {"rent": [(0, 10)]}),
        (1, "b", {"rent": [(6, 12)]}),
        (2, "a", {"rent": [(0, 2)]}),
        (2, "b", {"rent": [(0, 2)]}),
        (2, "c", {}),
        (3, "c", {"rent": [(0, 5)]}),
    ]
    # a and b: 2 * (4 + 2) / (16 + 4) = 0.6; a and c, b and c: 0. Item 3 has one answer.
    assert span_agreement(answers) == SpanAgreement(pytest.approx(0.2), None, n_pairs=3, n_items=2)


def test_without_two_annotators_who_marked_something_there_is_no_agreement() -> None:
    assert span_agreement([]) == SpanAgreement(None, None, 0, 0)
    assert span_agreement([(1, "a", {"x": [(0, 3)]}), (2, "b", {"x": [(0, 3)]})]).f1 is None
    assert span_agreement([(1, "a", {}), (1, "b", {})]).f1 is None


SPANS = st.dictionaries(
    st.sampled_from(["rent", "debt"]),
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 9)).map(lambda one: (one[0], sum(one))), max_size=4
    ),
)
ANSWERS = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), SPANS, max_size=12)


@given(ANSWERS)
def test_it_is_the_f1_of_the_confusion_of_characters(
    found: dict[tuple[int, int], dict[str, list[tuple[int, int]]]],
) -> None:
    """By another way: precision and recall over sets of (item, label, character)."""
    characters = {
        answer: {
            (label, place)
            for label, spans in marked.items()
            for start, end in spans
            for place in range(start, end)
        }
        for answer, marked in found.items()
    }
    values = []
    for one, other in combinations(range(4), 2):
        items = [item for item in range(4) if (item, one) in found and (item, other) in found]
        gold = {(item, *place) for item in items for place in characters[item, one]}
        guess = {(item, *place) for item in items for place in characters[item, other]}
        if gold | guess:
            hits = len(gold & guess)
            precision, recall = hits / max(1, len(guess)), hits / max(1, len(gold))
            values.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    result = span_agreement([(item, person, marked) for (item, person), marked in found.items()])
    assert result.f1 == (pytest.approx(np.mean(values)) if values else None)
    assert result.n_pairs == len(values)


def test_the_interval_is_over_resamples_of_items_and_the_same_for_a_seed() -> None:
    answers = [
        (item, person, {"x": [(0, 10 if person == "a" else 2 + item)]})
        for item in range(8)
        for person in "ab"
    ]
    one, two = (span_agreement(answers, n_resamples=500, rng=np.random.default_rng(5)) for _ in range(2))
    assert one == two
    assert one.interval is not None
    assert one.f1 is not None
    assert one.interval[0] < one.f1 < one.interval[1]
    assert span_agreement(answers[:8], n_resamples=500, rng=np.random.default_rng(5)).interval is None
