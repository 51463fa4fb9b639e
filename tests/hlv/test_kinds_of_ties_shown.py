""" "Both good" apart from "neither good": by method in `hlv rank`, its JSON and on the page of results."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Q

from metaeval.findings.ranking_tables import tie_types_table
from metaeval.models import Judgment
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.selections import Selection
from tests.making import make_participant
from tests.metaeval.judged import make_judged, run
from tests.metaeval.making import make_judge_report, ranking_result, signed_in, stored_checks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

TITLE = "“Both good” and “neither good” by method"


def rank(slug: str, *words: str) -> str:
    out = StringIO()
    call_command("rank", slug, "--n-resamples=0", "--details", *words, stdout=out)
    return out.getvalue()


def test_rank_says_of_each_method_how_often_both_were_good_and_neither_was() -> None:
    campaign = make_judged(tie="neither")
    found = json.loads(rank(campaign.study.slug, "--json"))
    kinds = found["checks"]["kinds_of_ties"]
    stored = Judgment.objects.filter(verdict="neither")
    assert (kinds["n_both"], kinds["n_neither"]) == (found["n_both_good"], found["n_neither_good"])
    assert kinds["n_neither"] == stored.count() > 0
    for row, method in zip(kinds["by_method"], campaign.study.methods.order_by("position"), strict=True):
        with_it = Q(comparison__low=method) | Q(comparison__high=method)
        n = Judgment.objects.filter(with_it).count()
        assert (row["method"], row["n_verdicts"], row["n_both"]) == (method.name, n, 0)
        assert row["share_neither"] == stored.filter(with_it).count() / n
    said = rank(campaign.study.slug)
    assert TITLE in said
    first = kinds["by_method"][0]
    assert f"{first['n_neither']} ({first['share_neither']:.1%})" in said


def test_the_page_of_results_shows_the_same() -> None:
    campaign = make_judged(tie="both")
    run(campaign, "ranking", n_resamples=0)
    make_judge_report(campaign)
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/campaigns/{campaign.uuid}/results/").content.decode()
    assert TITLE in page
    assert "Strengths show which output is better, not which is good" in page


@pytest.mark.both_databases
def test_a_part_counts_its_own_verdicts_alone() -> None:
    kinds = comparison_counts(make_judged(), selection=Selection(base_model="small")).kinds
    assert kinds.verdicts.tolist() == [24, 24]
    assert kinds.both.tolist() == [kinds.both[0]] * 2


def test_where_nobody_said_either_and_in_an_older_snapshot_there_is_no_table() -> None:
    campaign = make_judged(tie="tie")
    assert TITLE not in rank(campaign.study.slug)
    nothing = stored_checks(kinds_of_ties={"n_both": 0, "n_neither": 0, "by_method": []})
    assert tie_types_table(ranking_result(checks=nothing)) is None
    assert tie_types_table(ranking_result(checks=stored_checks())) is None
    assert tie_types_table(ranking_result(checks=None)) is None
    assert tie_types_table(ranking_result()) is None
