"""Parts of a campaign by themselves, the same judgments under other choices, and runs held side by side."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
from django.db.models import Q
from scipy import stats

from annotations import jobs
from annotations.models import Job
from hlv.core.stored_results import load
from hlv.stats.meta_evaluation.sensitivity import (
    BestMetrics,
    Metric,
    Variant,
    VariantFacts,
    best_metrics,
    described,
)
from hlv.stats.meta_evaluation.shared_systems import shared_systems
from metaeval.findings.sensitivity_findings import what_changes
from metaeval.models import Judgment, Ranking, Sensitivity
from metaeval.results.ranking import SensitivityResult
from metaeval.selectors.judges import answers_in_time, judge_roster, median_times
from metaeval.selectors.judgments import comparison_counts
from metaeval.services.sensitivity import compute_sensitivity
from tests.making import (
    make_campaign,
    make_participant,
    make_study,
)
from tests.metaeval.judged import make_judged, run
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_ranking_snapshot,
    make_sensitivity,
    metric,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


# ---- other choices -----------------------------------------------------------------------------------------------


def test_texts_that_the_ranking_draws_together_are_drawn_together_here() -> None:
    """All texts are of one document, so there are no texts to draw."""
    campaign = make_judged()
    for item in campaign.study.items.all():
        item.metadata = {"document": "one"}
        item.save()
    found = {}
    for column in ("", "document"):
        run(campaign, "ranking", n_resamples=40, seed=3, block_by=column)
        stored = compute_sensitivity(Ranking.objects.latest("pk"))
        assert stored.parameters.get("block_by", "") == column
        rows = load(SensitivityResult, stored.result).variants
        found[column] = {row.name: row.undetermined for row in rows if row.kind == "resampling"}
    assert found[""]["items"] is None
    assert found["document"] == {
        "both": "The judgments do not name the units for this bootstrap.",
        "items": "The judgments do not name the units for this bootstrap.",
        "judgments": None,
    }


def test_fast_is_said_of_each_judges_own_pace() -> None:
    campaign = make_judged()
    kept = comparison_counts(campaign, only=answers_in_time(campaign))
    assert comparison_counts(campaign).cells.n_judgments - kept.cells.n_judgments == 1
    assert answers_in_time(make_campaign(make_study())) is None


def test_the_median_of_a_judges_times_is_the_true_one_on_pages_and_for_fast_answers() -> None:
    rng = np.random.default_rng(11)
    drawn = [None if rng.random() < 0.1 else int(rng.integers(1, 9_000)) for _ in range(144)]
    campaign = make_judged(times=drawn)
    rows = list(Judgment.objects.all())
    times: dict[int, list[int]] = {}
    for row in rows:
        if row.active_ms is not None:
            times.setdefault(row.participant_id or 0, []).append(row.active_ms)
    assert {len(given) % 2 for given in times.values()} == {0, 1}
    assert median_times(Judgment.objects.all()) == {judge: median(given) for judge, given in times.items()}
    seats = sorted(times)
    joined = median_times(Judgment.objects.all(), one_and_the_same={seats[1]: seats[0]})
    assert joined[seats[0]] == median(times[seats[0]] + times[seats[1]])
    assert seats[1] not in joined
    reported = {judge.pk: judge.median_seconds for judge in judge_roster(campaign).judges.values()}
    assert reported == {judge: median(given) / 1000 for judge, given in times.items()}
    n_fast = sum(3 * ms < median(given) for given in times.values() for ms in given)
    assert n_fast > 0
    kept = Judgment.objects.filter(answers_in_time(campaign) or Q()).count()
    assert len(rows) - kept == n_fast


def test_sensitivity_tries_every_choice_on_the_judgments_that_the_ranking_knew() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=50)
    assert run(campaign, "sensitivity").state == Job.State.DONE
    kept = Sensitivity.objects.get()
    rows = kept.result["variants"]
    counted = {kind: sum(row["kind"] == kind for row in rows) for kind in {row["kind"] for row in rows}}
    assert counted == {"model": 5, "side": 1, "fast": 1, "judge": 6, "base model": 2, "resampling": 3}
    assert kept.ranking == Ranking.objects.get()
    fast = next(row for row in rows if row["kind"] == "fast")
    assert fast["n_judgments"] == kept.result["base"]["n_judgments"] - 1
    assert kept.result["base"]["changes"] == []
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/campaigns/{campaign.uuid}/results/").content.decode()
    assert "Current ranking" in page
    assert "Without Judge 6" in page
    file = client.get(f"/campaigns/{campaign.uuid}/results/sensitivity.csv").content.decode()
    assert len(file.splitlines()) == 1 + 1 + len(rows)


def test_metrics_on_the_judged_texts_alone_are_one_of_the_choices() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=0)
    ranked = Ranking.objects.get()
    names = [row["name"] for row in ranked.result["methods"]]
    scores = [0.1, 0.2, 0.3, 0.4]
    make_agreement_snapshot(
        ranked,
        metric("loss", 0.9, higher_is_better=False, n_methods=4),
        judged_items_only={
            "n_items": 3,
            "metrics": [metric("loss", 0.4, higher_is_better=False, n_methods=4)],
            "scores": {"loss": scores},
        },
        methods=names,
        scores={"metrics": {"loss": {"values": scores}}},
    )
    row = compute_sensitivity(ranked).result["variants"][0]
    assert (row["kind"], row["name"]) == ("metrics", "metrics on judged texts")
    assert row["changes"] == ["beyond"]
    found = load(SensitivityResult, {"variants": [row]})
    assert found.variants[0].facts == VariantFacts(n_items=3, n_metrics=1, n_beyond=0, n_beyond_before=1)
    told = what_changes(found)
    assert (
        "Scored on the 3 judged texts only, 0 of 1 metrics agree better than chance; on all texts, 1." in told
    )


def test_without_a_ranking_there_is_nothing_to_try() -> None:
    with pytest.raises(jobs.JobRefusedError, match="no ranking yet"):
        run(make_judged(), "sensitivity")


FIVE = ["a", "b", "c", "d", "e"]


def compared_metrics() -> list[Metric]:
    """One that ranks five methods as the base does, its copy, another, and one that scores the last four alone."""
    good = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    return [
        Metric("good", "Good", "good", good),
        Metric("copy", "Copy", "good", 2 * good),
        Metric("other", "Other", "other", np.array([4.0, 5.0, 3.0, 2.0, 1.0])),
        Metric("none", "None", "none", np.full(5, np.nan)),
        Metric("fewer", "Fewer", "fewer", np.array([np.nan, 4.0, 3.0, 2.0, 1.0])),
    ]


def test_what_changes_is_marked() -> None:
    base = Variant("base", "the ranking", np.array([2.0, 1.0, 0.0, -1.0, -2.0]), 30, possible_firsts=(0,))
    turned = Variant("judge", "Judge 1", np.array([0.2, 0.9, 0.0, -0.5, -0.6]), 20, possible_firsts=(0, 1))
    row = described(turned, base, FIVE, compared_metrics())
    assert row.changes == ["leader", "order", "metric", "firsts"]
    assert (row.leaders, row.best_metrics, row.largest_rank_change) == (["b"], ["Other"], 1.0)
    scaled = Variant("judge", "Judge 2", 2 * base.strengths, 20)
    same = described(scaled, base, FIVE, compared_metrics())
    assert (same.changes, same.tau) == ([], 1.0)
    assert best_metrics(np.full(5, np.nan), compared_metrics()) == BestMetrics()
    refused = described(
        Variant("judge", "x", np.full(5, np.nan), 0, undetermined="No."), base, FIVE, compared_metrics()
    )
    assert (refused.undetermined, refused.changes) == ("No.", [])


def test_a_metric_of_fewer_methods_is_not_held_against_the_others() -> None:
    """Over the four that it scores, "Fewer" agrees perfectly; over those four the others do, too."""
    nearly = np.array([1.0, 1.5, 0.0, -1.0, -0.9])
    found = best_metrics(nearly, compared_metrics())
    by_scipy = stats.kendalltau([4.0, 5.0, 3.0, 2.0, 1.0], nearly).statistic
    assert (found.labels, found.n_methods, found.left_out) == (["Other"], 5, ["Fewer"])
    assert found.tau == pytest.approx(by_scipy)
    assert stats.kendalltau([4.0, 3.0, 2.0, 1.0], nearly[1:]).statistic < by_scipy
    all_there, last_three = np.ones(6, dtype=bool), np.arange(6) > 2
    both = [all_there, all_there, last_three]
    assert shared_systems(both, ["a", "b", "c"], all_there).tolist() == all_there.tolist()
    # A single metric and its copy are one: there is nothing to compare on six methods.
    assert shared_systems(both, ["a", "a", "c"], all_there).tolist() == last_three.tolist()


def test_of_too_few_methods_no_metric_is_called_the_best() -> None:
    base = Variant("base", "the ranking", np.array([2.0, 1.0, 0.0, -1.0, -2.0]), 30)
    part = Variant("base model", "x", np.array([np.nan, 0.5, 1.5, 1.0, -1.5]), 20)
    row = described(part, base, FIVE, compared_metrics())
    assert (row.leaders, row.changes) == (["c"], ["leader", "order"])
    assert (row.best_metrics, row.best_tau, row.best_n_methods) == ([], None, 4)
    assert "no metric can reach .05" in (row.best_undetermined or "")


def test_the_page_names_what_changes_and_says_the_same_of_the_rest() -> None:
    campaign = make_judged()
    make_ranking_snapshot(campaign)
    make_sensitivity(campaign)
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/campaigns/{campaign.uuid}/results/").content.decode()
    shown = page[page.index('id="sensitivity"') :]
    assert "Another method leads under 1 of 1 alternatives: \u2068without Judge 1\u2069." in shown
    assert (
        "<strong>Another method leads, ranks change by up to 1, another metric agrees best</strong>" in shown
    )
    assert "Ranks change under 1 of 1: \u2068without Judge 1\u2069." in shown
    assert "1 alternative has no result." in shown
    assert "The methods fall into 2 groups." in shown
    assert "From another snapshot" not in shown
    make_ranking_snapshot(campaign)
    assert "From another snapshot" in client.get(f"/campaigns/{campaign.uuid}/results/").content.decode()
