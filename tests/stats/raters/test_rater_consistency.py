"""Agreement, self-consistency and triads of judges against counts by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, UNKNOWN, Cells, make_cells
from hlv.stats.raters.rater_consistency import judge_triads, self_consistency, shared_agreement
from hlv.stats.raters.rater_counts import RaterCounts
from tests.stats.raters.rater_examples import make_rows


def make_random_rows(seed: int, n: int) -> Cells:
    generator = np.random.default_rng(seed)
    first = generator.integers(3, size=n)
    return make_cells(
        first=first,
        second=(first + generator.integers(1, 3, size=n)) % 3,
        outcome=generator.integers(3, size=n),
        judge=generator.integers(-1, 4, size=n),
        item=generator.integers(-1, 2, size=n),
        first_is_left=generator.integers(-1, 2, size=n),
        count=generator.integers(1, 3, size=n),
    )


def judgments(cells: Cells) -> list[tuple[int, int, int, int, int, int]]:
    """One row for each judgment: judge, item, lower index, higher index, winner (-1 for a tie), left method."""
    rows = []
    for index in range(len(cells)):
        first, second = int(cells.first[index]), int(cells.second[index])
        winner = {FIRST: first, SECOND: second, TIE: -1}[int(cells.outcome[index])]
        side = int(cells.first_is_left[index])
        left = UNKNOWN if side == UNKNOWN else first if side else second
        pair = min(first, second), max(first, second)
        row = (int(cells.judge[index]), int(cells.item[index]), *pair, winner, left)
        rows += [row] * int(cells.count[index])
    return rows


def test_shared_agreement_by_hand() -> None:
    # on item 0 judges 7 and 8 say 0 and judge 9 says 1; on item 1 judge 8 ties and judge 9 prefers 0
    cells = make_rows(
        (7, 0, 0, 1, FIRST, 1),
        (8, 0, 1, 0, SECOND, 1),
        (9, 0, 0, 1, SECOND, 1),
        (8, 1, 0, 1, TIE, 1),
        (9, 1, 0, 1, FIRST, 1),
        (9, 2, 0, 1, FIRST, 1),
    )

    found = shared_agreement(cells)

    assert found.codes.tolist() == [7, 8, 9]
    assert found.n_pairs.tolist() == [2, 3, 3]
    assert found.n_comparisons.tolist() == [1, 2, 2]
    np.testing.assert_allclose(found.same, [1 / 2, 1 / 3, 0])
    np.testing.assert_allclose(found.opposite, [1 / 2, 1 / 3, 2 / 3])
    assert found.pooled == pytest.approx(2 / 8)


def test_a_judge_who_shares_nothing_has_a_reason_instead_of_a_share() -> None:
    found = shared_agreement(
        make_rows(
            (1, 0, 0, 1, FIRST, 1), (2, 0, 0, 1, FIRST, 1), (3, 5, 0, 1, FIRST, 1), (-1, 0, 0, 1, FIRST, 1)
        )
    )

    assert np.isnan(found.same[2])
    assert found.undetermined() == [None, None, "Nobody else judged the same comparisons."]
    assert found.n_left_out == 1


def test_self_consistency_by_hand() -> None:
    # flipped with the same winner, flipped with the same side, and once repeated unflipped
    cells = make_rows(
        (1, 0, 0, 1, FIRST, 1),
        (1, 0, 0, 1, FIRST, 0),
        (1, 1, 0, 1, FIRST, 1),
        (1, 1, 0, 1, SECOND, 0),
        (2, 0, 1, 0, TIE, 1),
        (2, 0, 1, 0, FIRST, 1),
    )

    found = self_consistency(cells)

    assert found.n_flipped.tolist() == [2, 0]
    assert found.same[0] == found.same_side[0] == 0.5
    assert found.n_repeated.tolist() == [0, 1]
    assert found.repeated_same[1] == 0
    assert found.undetermined()[1] is not None


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_agreement_and_steadiness_are_those_found_pair_by_pair(seed: int) -> None:
    cells = make_random_rows(seed, 40)
    rows = [row for row in judgments(cells) if row[0] != UNKNOWN and row[1] != UNKNOWN]
    alike = [(a, b) for a, b in itertools.combinations(rows, 2) if a[1:4] == b[1:4]]

    found = shared_agreement(cells)

    for place, code in enumerate(found.codes.tolist()):
        shared = [(a, b) for a, b in alike if (a[0] == code) != (b[0] == code)]
        assert found.n_pairs[place] == len(shared)
        if shared:
            assert found.same[place] == pytest.approx(np.mean([a[4] == b[4] for a, b in shared]))
    own = [(a, b) for a, b in alike if a[0] == b[0] and UNKNOWN not in (a[5], b[5])]
    flipped = [(a, b) for a, b in own if a[5] != b[5]]
    if not flipped:
        return
    steady = self_consistency(cells)
    for place, code in enumerate(steady.codes.tolist()):
        mine = [(a, b) for a, b in flipped if a[0] == code]
        assert steady.n_flipped[place] == len(mine)
        if mine:
            assert steady.same[place] == pytest.approx(np.mean([a[4] == b[4] for a, b in mine]))
            variables = [-1 not in (a[4], b[4]) and (a[4] == a[5]) == (b[4] == b[5]) for a, b in mine]
            assert steady.same_side[place] == pytest.approx(np.mean(variables))


def test_a_judges_circular_triad_is_found_and_an_incomplete_judge_has_no_zeta() -> None:
    # judge 0 goes round in a circle; judge 1 orders all; judge 2 leaves a pair out
    rows = [(0, 0, 1), (0, 1, 2), (0, 2, 0), (1, 0, 1), (1, 1, 2), (1, 0, 2), (2, 0, 1), (2, 1, 2)]
    cells = make_rows(*[(judge, 0, better, worse, FIRST, 1) for judge, better, worse in rows])

    found = judge_triads(RaterCounts.of(cells, 3))

    assert found.n_circular.tolist() == [1, 0, 0]
    assert found.n_complete.tolist() == [1, 1, 0]
    np.testing.assert_array_equal(found.zeta, [0, 1, np.nan])
    np.testing.assert_array_equal(found.zeta_p, [1, 0.75, np.nan])
    assert found.undetermined()[2] is not None
