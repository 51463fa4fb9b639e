"""Parts of a campaign by themselves, the same judgments under other choices, and runs held side by side."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db.models import Q
from django.utils import timezone
from scipy import stats

from annotations import jobs
from annotations.models import Import, Job, Participant
from metaeval.models import Campaign, Comparison, Judgment, Ranking, Sensitivity
from metaeval.science.common_methods import common_methods
from metaeval.science.sensitivity import BestMetrics, Metric, Variant, best_metrics, described
from metaeval.selectors.fast_answers import answers_in_time
from metaeval.selectors.judges import bench
from metaeval.selectors.judging_times import median_times
from metaeval.selectors.judgments import board
from metaeval.selectors.selections import Selection, selectable
from metaeval.services.sensitivity import sensitivity_of
from metaeval.views.phrases import unmarked
from metaeval.views.run_differences import differences
from metaeval.views.runs import asked_words, job_words
from metaeval.views.sensitivity_findings import what_changes
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_items,
    make_methods,
    make_participant,
    make_study,
)
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_differences,
    make_judge_report,
    make_ranking_snapshot,
    make_sensitivity,
    metric,
    signed_in,
)

pytestmark = pytest.mark.django_db


def make_judged(*, tie: str = "both", times: Sequence[int | None] = ()) -> Campaign:
    """Six judges in two groups on methods of two base models; the last judge answers once in no time.

    `times` stand in the place of the usual ones, one for each of 144 judgments.
    """
    study = make_study()
    items = make_items(study, 4)
    methods = [
        *make_methods(study, ("a", "b"), base_model="small"),
        *make_methods(study, ("c", "d"), base_model="large"),
    ]
    campaign = make_campaign(study)
    judges = Participant.objects.bulk_create(
        Participant(
            study=study, role="judge", number=n, source=f"source {n}", group="bar" if n < 4 else "academia"
        )
        for n in range(1, 7)
    )
    batch = make_import(study, Import.Kind.JUDGMENTS)
    rng = np.random.default_rng(5)
    judgments = []
    for one in range(4):
        for other in range(one + 1, 4):
            for item in items:
                compared = Comparison.objects.create(
                    campaign=campaign, item=item, low=methods[one], high=methods[other], mode="imported"
                )
                for judge in judges:
                    said = "left" if rng.random() < 0.55 + 0.1 * (other - one) else "right"
                    judgments.append(
                        Judgment(
                            comparison=compared,
                            participant=judge,
                            verdict=tie if rng.random() < 0.1 else said,
                            low_is_left=True,
                            submitted_at=timezone.now(),
                            import_batch=batch,
                            active_ms=9_000,
                        )
                    )
    judgments[-1].active_ms = 500
    for judgment, active_ms in zip(judgments, times, strict=False):
        judgment.active_ms = active_ms
    Judgment.objects.bulk_create(judgments)
    return campaign


def run(campaign: Campaign, kind: str, **params: Any) -> Job:
    job = jobs.create(kind=kind, study=campaign.study, params={"campaign": str(campaign.uuid), **params})
    return jobs.run_now(job)


# ---- parts -------------------------------------------------------------------------------------------------------


def test_a_part_holds_the_judgments_of_its_methods_and_its_judges_alone() -> None:
    campaign = make_judged()
    whole = board(campaign)
    small = board(campaign, selection=Selection(base_model="small"))
    assert [method.name for method in small.methods] == ["a", "b"]
    assert small.cells.n_judgments + small.n_cannot == 24
    groups = [board(campaign, selection=Selection(judge_group=name)) for name in ("bar", "academia")]
    assert sum(part.cells.n_judgments for part in groups) == whole.cells.n_judgments
    assert sum(part.n_both for part in groups) == whole.n_both
    assert [part.cells.n_judges for part in groups] == [3, 3]
    assert len({part.fingerprint for part in (whole, small, *groups)}) == 4


def test_a_part_is_a_snapshot_of_its_own_and_leaves_that_of_all_where_it_is() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=0)
    run(campaign, "ranking", n_resamples=0, judge_group="bar")
    make_judge_report(campaign)
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/results/"
    of_all, of_bar = client.get(address).content.decode(), client.get(address, {"judge_group": "bar"})
    assert "Snapshot 1, as of" in of_all
    assert "A part of the campaign:" not in of_all
    # What stays of all beside a part says so.
    assert "Of the whole campaign, with all of its judges" in of_bar.content.decode()
    assert "Of the whole campaign, with all of its judges" not in of_all
    assert "Snapshot 2, as of" in of_bar.content.decode()
    assert "judges of \u2068bar\u2069" in of_bar.content.decode()
    for_good = Ranking.objects.get(judge_group="")
    assert "shows this snapshot for good" in client.get(f"/rankings/{for_good.uuid}/").content.decode()


def test_a_part_that_nobody_asked_for_yet_says_how_to_get_it_and_one_that_is_none_is_not_found() -> None:
    campaign = make_judged()
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/results/"
    page = client.get(address, {"base_model": "small"}).content.decode()
    assert "This part has not been computed yet" in page
    counted = board(campaign, selection=Selection(base_model="small"))
    assert f"There are {counted.cells.n_judgments + counted.n_cannot} judgments." in page
    assert "which no ranking counts" not in page
    methods = {method.name: method for method in campaign.study.methods.all()}
    make_imported_judgment(campaign, winner=methods["a"], loser=methods["b"], cannot=True)
    page = client.get(address, {"base_model": "small"}).content.decode()
    assert "1 of them is “cannot judge”, which no ranking counts." in page
    assert '<input type="hidden" name="base_model" value="small">' in page
    assert client.get(address, {"base_model": "none"}).status_code == 404
    compute = f"/studies/{campaign.study.uuid}/compute/"
    client.post(compute, {"campaign": campaign.uuid, "base_model": "small"})
    assert Job.objects.get().params == {"campaign": str(campaign.uuid), "base_model": "small"}
    refused = client.post(compute, {"campaign": campaign.uuid, "base_model": "none"})
    assert refused.status_code == 400
    assert "no such base model" in refused.content.decode()


def test_what_can_be_chosen_has_two_to_choose_from() -> None:
    assert selectable(make_judged().study).as_dict() == {
        "base_models": ["large", "small"],
        "judge_groups": ["academia", "bar"],
    }
    alone = make_study()
    make_methods(alone, ("a", "b"), base_model="small")
    assert selectable(alone).as_dict() == {"base_models": [], "judge_groups": []}


# ---- other choices -----------------------------------------------------------------------------------------------


def test_fast_is_said_of_each_judges_own_pace() -> None:
    campaign = make_judged()
    kept = board(campaign, only=answers_in_time(campaign))
    assert board(campaign).cells.n_judgments - kept.cells.n_judgments == 1
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
    reported = {judge.pk: judge.median_seconds for judge in bench(campaign).judges.values()}
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
    assert "The ranking itself" in page
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
    row = sensitivity_of(ranked).result["variants"][0]
    assert (row["kind"], row["name"]) == ("metrics", "metrics on judged texts")
    assert row["changes"] == ["beyond"]
    assert row["facts"] == {"n_items": 3, "n_metrics": 1, "n_beyond": 0, "n_beyond_before": 1}
    told = what_changes({"variants": [row]})
    assert "Scored on the 3 judged texts alone, none of one metrics agree beyond chance" in told


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
    assert row["changes"] == ["leader", "order", "metric", "firsts"]
    assert (row["leaders"], row["best_metrics"], row["largest_rank_change"]) == (["b"], ["Other"], 1.0)
    scaled = Variant("judge", "Judge 2", 2 * base.strengths, 20)
    same = described(scaled, base, FIVE, compared_metrics())
    assert (same["changes"], same["tau"]) == ([], 1.0)
    assert best_metrics(np.full(5, np.nan), compared_metrics()) == BestMetrics()
    refused = described(
        Variant("judge", "x", np.full(5, np.nan), 0, undetermined="No."), base, FIVE, compared_metrics()
    )
    assert (refused["undetermined"], refused["changes"]) == ("No.", [])


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
    assert common_methods(both, ["a", "b", "c"], all_there).tolist() == all_there.tolist()
    # A single metric and its copy are one: there is nothing to compare on six methods.
    assert common_methods(both, ["a", "a", "c"], all_there).tolist() == last_three.tolist()


def test_of_too_few_methods_no_metric_is_called_the_best() -> None:
    base = Variant("base", "the ranking", np.array([2.0, 1.0, 0.0, -1.0, -2.0]), 30)
    part = Variant("base model", "x", np.array([np.nan, 0.5, 1.5, 1.0, -1.5]), 20)
    row = described(part, base, FIVE, compared_metrics())
    assert (row["leaders"], row["changes"]) == (["c"], ["leader", "order"])
    assert (row["best_metrics"], row["best_tau"], row["best_n_methods"]) == ([], None, 4)
    assert "no metric can reach .05" in row["best_undetermined"]


def test_the_page_names_what_changes_and_says_the_same_of_the_rest() -> None:
    campaign = make_judged()
    make_ranking_snapshot(campaign)
    make_sensitivity(campaign)
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/campaigns/{campaign.uuid}/results/").content.decode()
    shown = page[page.index('id="sensitivity"') :]
    assert "Another method leads under 1 of 1 other choices: \u2068without Judge 1\u2069." in shown
    assert "<strong>Another leads, ranks move by up to 1, another metric agrees best</strong>" in shown
    assert "Ranks move under 1 of 1: \u2068without Judge 1\u2069." in shown
    assert "1 choice has no answer." in shown
    assert "The methods fall into 2 groups." in shown
    assert "Of another snapshot" not in shown
    make_ranking_snapshot(campaign)
    assert "Of another snapshot" in client.get(f"/campaigns/{campaign.uuid}/results/").content.decode()


# ---- runs --------------------------------------------------------------------------------------------------------


def test_two_snapshots_of_the_same_seed_and_data_have_the_same_numbers() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=20, seed=7)
    first = Ranking.objects.get()
    client = signed_in(make_participant(campaign.study, "researcher"))
    again = {"campaign": campaign.uuid, "again": first.uuid, "seed": "same", "then": "1"}
    client.post(f"/studies/{campaign.study.uuid}/compute/", again)
    assert jobs.run_now(Job.objects.get(state="queued")).state == Job.State.DONE
    second = Ranking.objects.latest("pk")
    assert (second.seed, second.as_of, second.data_fingerprint) == (7, first.as_of, first.data_fingerprint)
    assert second.result["methods"] == first.result["methods"]
    page = client.get(f"/campaigns/{campaign.uuid}/runs/", {"first": first.uuid, "second": second.uuid})
    assert "Every strength, rank, τ-b and interval is the same to the ninth digit." in page.content.decode()


def test_what_another_seed_draws_anew_is_told_from_what_it_leaves() -> None:
    campaign = make_judged()
    rankings = [make_ranking_snapshot(campaign) for _ in range(2)]
    for ranking, low in zip(rankings, (0.5, 0.51), strict=True):
        drawn = {"value": 0.8, "interval": [low, 0.9], "p": 0.01}
        make_agreement_snapshot(ranking, metric("soft_f1", 0.8, kendall_tau_b=drawn), metric("po_jsd", 0.7))
    found = differences(*rankings)
    assert found.says.endswith("the same to the ninth digit; 1 interval or p, drawn anew, differs.")
    assert found.metrics is not None
    assert [row.cells[-1].beside for row in found.metrics.rows] == ["drawn anew", ""]
    assert found.told_apart is None


def test_two_snapshots_say_which_metrics_only_one_of_them_tells_apart() -> None:
    campaign = make_judged()
    rankings = [make_ranking_snapshot(campaign) for _ in range(3)]
    for ranking, near in zip(rankings, (0.04799, 0.0853, 0.04799), strict=True):
        compared = make_differences(near=near)
        compared["differences"]["kendall_tau_b"]["differences"][2]["at_floor"] = near < 0.05
        make_agreement_snapshot(ranking, **compared)
    found = differences(rankings[0], rankings[1])
    said = unmarked(found.says)
    assert "The first tells 3 pairs of metrics apart, the second 2: 1 pair differs." in said
    assert "Groups that are not told apart: 0 in the first, 1 in the second." in said
    assert found.told_apart is not None
    assert unmarked(found.told_apart.note) == "In the second alone are not told apart: soft f1 and po jsd."
    (row,) = found.told_apart.rows
    assert [cell.words for cell in row.cells] == ["≤ .048", ".085", "in the first alone"]
    client = signed_in(make_participant(campaign.study, "researcher"))
    asked = {"first": rankings[0].uuid, "second": rankings[1].uuid}
    assert "≤ .048" in client.get(f"/campaigns/{campaign.uuid}/runs/", asked).content.decode()
    same = differences(rankings[0], rankings[2])
    assert same.told_apart is None
    assert "Both tell 3 pairs of metrics apart, the same ones." in same.says
    assert "The groups that are not told apart are the same." in same.says


def test_again_with_a_new_seed_takes_the_same_choices_whatever_else_is_asked_for() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=20, seed=7, ties="davidson")
    client = signed_in(make_participant(campaign.study, "researcher"))
    computed = f"/studies/{campaign.study.uuid}/compute/"

    def ask(**entered: Any) -> Any:
        return client.post(computed, {"campaign": campaign.uuid} | entered)

    again = {"again": Ranking.objects.get().uuid, "seed": "new"}
    asked = ({}, again, again | {"seed": "same"})
    # Each beside the others; the second time each is led to its own.
    first, second = ([ask(**entered)["Location"] for entered in asked] for _ in range(2))
    assert first == second
    assert len(set(first)) == 3
    _plain, reseeded, same = (job.params for job in Job.objects.filter(state="queued").order_by("pk"))
    assert (reseeded["ties"], reseeded["n_resamples"]) == ("davidson", 20)
    assert reseeded["seed"] != 7
    assert (same["ties"], same["seed"]) == ("davidson", 7)
    assert "as_of" not in reseeded
    assert ask(**again | {"again": uuid4()}).status_code == 404


def test_runs_say_what_differs_and_what_came_since(django_assert_max_num_queries: Any) -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=20)
    run(campaign, "ranking", n_resamples=20, base_model="small")
    first, second = Ranking.objects.order_by("pk")
    make_import(campaign.study, Import.Kind.JUDGMENTS)
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/runs/"
    compared = client.get(address, {"first": first.uuid, "second": second.uuid}).content.decode()
    assert "Snapshot 1 beside snapshot 2" in compared
    assert "in one of the two alone" in compared
    for wrong, words in (({"first": "x", "second": second.uuid}, "one of those named is none"), (
        {"first": first.uuid, "second": first.uuid}, "Choose two different snapshots."
    )):  # fmt: skip
        assert words in client.get(address, wrong).content.decode()
    with django_assert_max_num_queries(16):
        page = client.get(address).content.decode()
    assert page.count("since then 1 import or withdrawal") == 2
    for _ in range(5):
        make_ranking_snapshot(campaign)
    with django_assert_max_num_queries(16):
        client.get(address)


def test_jobs_are_told_in_words() -> None:
    moment = timezone.now()
    done = Job(
        state="done", result={"undetermined": "too few."}, started_at=moment, finished_at=moment, attempts=2
    )
    assert job_words(done) == "No answer: too few. It ran for 1 second. It took 2 attempts."
    running = Job(state="running", progress_done=1, progress_total=4, progress_note="resampling")
    assert job_words(running) == "25 % done: resampling."
    assert job_words(Job(state="queued")) == "Waits for a worker."
    of_a_part = Job(params={"judge_group": "bar", "seed": 7})
    assert asked_words(of_a_part) == "judges of \u2068bar\u2069 · seed 7"
    assert asked_words(Job(params={})) == ""


def test_a_job_that_is_done_leads_to_the_part_that_was_asked_for() -> None:
    campaign = make_judged()
    job = run(campaign, "ranking", n_resamples=20, base_model="small")
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/jobs/{job.uuid}/").content.decode()
    assert f'href="/campaigns/{campaign.uuid}/results/?base_model=small&amp;judge_group="' in page
