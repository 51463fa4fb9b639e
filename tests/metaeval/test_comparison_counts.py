"""Counting pairs alone, without who judged and what."""

import numpy as np
import pytest

from hlv.stats.pairwise.comparisons import pair_counts
from metaeval.selectors.judgments import comparison_counts, pair_counts_as_of
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
