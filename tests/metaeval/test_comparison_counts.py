"""Counting pairs alone, without who judged and what."""

import numpy as np
import pytest

from hlv.stats.pairwise.comparisons import pair_counts
from metaeval.selectors.judgment_groups import Groups, places
from metaeval.selectors.judgments import all_current_judgments, comparison_counts, pair_counts_as_of
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_items,
    make_methods,
    make_participant,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_pairs_alone_have_the_counts_of_the_board_in_fewer_cells() -> None:
    study = make_study()
    campaign, methods = make_campaign(study), make_methods(study)
    judges, items = [make_participant(study, "judge") for _ in range(2)], make_items(study, 2)
    for judge in judges:
        for item in items:
            make_imported_judgment(campaign, winner=methods[0], loser=methods[1], judge=judge, item=item)
    make_imported_judgment(campaign, winner=methods[2], loser=methods[0], tie=True, judge=judges[0])

    pairs, whole = pair_counts_as_of(campaign), comparison_counts(campaign)

    assert pairs.methods == whole.methods
    np.testing.assert_array_equal(pair_counts(pairs.cells, 3), pair_counts(whole.cells, 3))
    assert (len(pairs.cells), len(whole.cells)) == (2, 5)
    assert pairs.cells.n_judges == pairs.cells.n_items == 0


def test_groups_count_equal_judgments_together_and_another_judgment_changes_their_fingerprint() -> None:
    study = make_study()
    campaign, methods = make_campaign(study), make_methods(study)
    for _ in range(2):
        make_imported_judgment(campaign, winner=methods[0], loser=methods[1])
    before = Groups.of(all_current_judgments(campaign))
    assert before.n.tolist() == [2]
    assert Groups.of(all_current_judgments(campaign)).fingerprint == before.fingerprint
    make_imported_judgment(campaign, winner=methods[1], loser=methods[0])
    after = Groups.of(all_current_judgments(campaign))
    assert sorted(after.n.tolist()) == [1, 2]
    assert after.fingerprint != before.fingerprint


def test_places_follow_the_order_of_the_keys() -> None:
    np.testing.assert_array_equal(places(np.array([30, 10, 30]), np.array([30, 20, 10])), [0, 2, 0])
