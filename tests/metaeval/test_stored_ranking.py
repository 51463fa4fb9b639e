"""The schema of a stored ranking: what it holds, and how it reads what earlier versions stored."""

from __future__ import annotations

import pytest

from hlv.core.stored_results import NewerResultError, dump, load
from metaeval.models import Ranking
from metaeval.results.ranking import RankingResult, read_ranking
from tests.making import make_participant
from tests.metaeval.judged import make_judged, run
from tests.metaeval.making import (
    make_board,
    make_ranking_snapshot,
    ranking_result,
    signed_in,
    stored_checks,
    stored_ranking,
)

NEAR = {"above": "a", "below": "b", "difference": 0.4, "still_needed": {"judgments": 3, "judges": 1}}


@pytest.mark.django_db
def test_a_computed_ranking_is_stored_with_its_version_and_read_back_as_it_was_computed() -> None:
    run(make_judged(), "ranking", n_resamples=20)
    snapshot = Ranking.objects.get()
    assert snapshot.result["schema_version"] == 1
    found = read_ranking(snapshot)
    assert dump(found) == snapshot.result
    assert found.checks is not None
    assert len(found.neighbours) == len(found.methods) - 1
    assert [pair.n_judgments for pair in found.compared]


def test_version_0_marked_neighbours_by_the_key_that_others_lacked() -> None:
    far = {"above": "a", "below": "c", "difference": 0.6}
    rows = ranking_result(differences=[NEAR, far, NEAR | {"still_needed": None}]).differences
    assert [row.are_neighbours for row in rows] == [True, False, True]


def test_version_0_may_lack_what_came_later() -> None:
    found = ranking_result(checks=stored_checks())
    assert found.checks is not None
    assert (found.checks.cannot_judge.n, found.checks.kinds_of_ties.n_both) == (0, 0)
    bare = load(RankingResult, {"methods": []})
    assert (bare.checks, bare.pairs, bare.plan, bare.differences) == (None, None, None, [])


def test_a_ranking_of_a_newer_version_is_refused_by_name() -> None:
    with pytest.raises(NewerResultError, match=r"^This ranking was stored by a newer version of HLV"):
        load(RankingResult, stored_ranking(schema_version=99))


def test_pairs_are_read_whatever_order_a_database_keeps_the_keys_in() -> None:
    stored = stored_ranking()["pairs"]
    turned = ranking_result(pairs=dict(sorted(stored.items(), reverse=True))).compared
    assert turned == ranking_result(pairs=stored).compared


def test_how_sure_an_order_is_is_found_whichever_way_round_two_methods_stand() -> None:
    sure = {"difference": 0.0, "adjusted_p": 0.2, "share_of_resamples": 0.7}
    one = ranking_result(differences=[sure | {"above": "JSD loss", "below": "Soft labels"}]).compared[0]
    other = ranking_result(differences=[sure | {"above": "Soft labels", "below": "JSD loss"}]).compared[0]
    assert (one.adjusted_p, one.share) == (0.2, 0.7)
    assert (other.adjusted_p, other.share) == (0.2, pytest.approx(0.3))
    assert one.turned.turned == one


@pytest.mark.django_db
def test_a_page_of_a_result_that_cannot_be_read_says_what_to_do() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign, schema_version=99)
    client = signed_in(make_participant(campaign.study, "researcher"))
    response = client.get(f"/campaigns/{campaign.uuid}/results/")
    assert response.status_code == 409
    page = response.content.decode()
    assert "This result cannot be read" in page
    assert "Update HLV to read it." in page


@pytest.mark.django_db
def test_a_job_on_a_result_that_cannot_be_read_fails_with_its_sentence() -> None:
    campaign = make_judged()
    make_ranking_snapshot(campaign, schema_version=99)
    job = run(campaign, "sensitivity")
    assert (job.state, job.reason[-22:]) == ("failed", "Update HLV to read it.")
