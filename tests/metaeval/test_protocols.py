"""How a campaign asks: repeats with sides changed, labels before the outputs, ties that nobody is asked about."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from annotations.assignment_leases import Waiting
from annotations.models import Annotation, Participant, Study
from hlv.stats.pairwise.comparisons import UNKNOWN
from metaeval.findings.campaign_summary import draft_notes
from metaeval.models import (
    Campaign,
    Comparison,
    Exposure,
    Judgment,
    Labelling,
    LabellingLabel,
    Method,
    Protocol,
    UnaskedTie,
)
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.exposures import OwnShare, campaign_coverage, judge_share
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.protocols import due_repeat
from metaeval.services.campaigns import CampaignRefusedError, CampaignSpec, paper_spec, plan_campaign
from metaeval.services.history import check_labellings
from metaeval.services.judges import JudgeOptions, report_on_judges
from metaeval.services.judging import (
    InvalidLabelsError,
    InvalidVerdictError,
    SubmittedLabels,
    SubmittedVerdict,
    record_judgment,
    record_labelling,
)
from metaeval.services.presentation import next_exposure, show_exposure
from metaeval.services.ranking import compute_ranking
from tests.making import (
    make_exposure,
    make_items,
    make_methods,
    make_output,
    make_outputs,
    make_participant,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_compared(*, n_items: int = 8, n_methods: int = 3, **fields: Any) -> Study:
    study = make_study(**fields)
    make_outputs(make_methods(study, [f"method {n}" for n in range(n_methods)]), make_items(study, n_items))
    return study


def planned(study: Study, **wishes: Any) -> Campaign:
    return plan_campaign(study, CampaignSpec(name="accuracy", **wishes), opened=True).campaign


def judge_all(campaign: Campaign, judge: Participant, verdict: str = "left") -> list[Exposure]:
    shown = []
    while isinstance(exposure := next_exposure(judge, campaign), Exposure):
        given = SubmittedVerdict(verdict, reason="unreadable" if verdict == "cannot" else "")
        record_judgment(exposure=exposure, client_key=uuid4(), submitted=given)
        shown.append(exposure)
    return shown


def test_a_share_of_pairs_comes_again_later_with_sides_changed() -> None:
    campaign = planned(make_compared(n_items=20), repeat_share=0.2)
    judge = make_participant(campaign.study, "judge")
    promised = judge_share(judge, campaign).n_own
    shown = judge_all(campaign, judge)
    repeats = [exposure for exposure in shown if exposure.repeats is not None]
    assert len(repeats) == 12 - 1 or len(repeats) == 12, "a fifth of 60, within one"
    assert judge_share(judge, campaign) == OwnShare(promised, promised, promised)
    assert len(shown) == promised
    for repeat in repeats:
        first = repeat.repeats
        assert first is not None
        assert repeat.comparison_id == first.comparison_id
        assert repeat.low_is_left != first.low_is_left
        assert (repeat.left_hash, repeat.right_hash) == (first.right_hash, first.left_hash)
        assert repeat.sequence - first.sequence > 2
    later = [r.sequence - r.repeats.sequence for r in repeats if r.repeats and r.sequence < 60]
    assert min(later) > 10


def test_repeats_take_no_seat_and_tell_of_the_judge_alone() -> None:
    campaign = planned(make_compared(), repeat_share=0.5)
    judge = make_participant(campaign.study, "judge")
    shown = judge_all(campaign, judge)
    n_repeats = sum(exposure.repeats_id is not None for exposure in shown)
    assert n_repeats >= 10
    assert Comparison.objects.filter(seats_taken=1).count() == 24
    assert comparison_counts(campaign).cells.n_judgments == 24
    assert (campaign_coverage(campaign).n_done, campaign_coverage(campaign).n_wanted) == (24, 24)
    judge_all(plan_campaign(campaign.study, CampaignSpec(name="two"), opened=True).campaign, judge)
    report = report_on_judges(campaign, JudgeOptions(n_resamples=0)).result
    assert (report["n_judgments"], report["n_repeats"]) == (24, n_repeats)
    consistency = report["judges"][0]["self_consistency"]
    assert (consistency["n_flipped"], consistency["same"], consistency["same_side"]) == (n_repeats, 0.0, 1.0)


def test_what_could_not_be_judged_does_not_come_again() -> None:
    campaign = planned(make_compared(), repeat_share=0.5)
    judge = make_participant(campaign.study, "judge")
    shown = judge_all(campaign, judge, "cannot")
    assert not any(exposure.repeats_id for exposure in shown)
    share = judge_share(judge, campaign)
    assert (share.n_done, share.n_own, share.is_over) == (len(shown), len(shown), True), (
        "not short of repeats"
    )


@pytest.mark.parametrize("verdict", ["cannot", "both"])
def test_asking_costs_no_more_queries_for_many_pairs_that_cannot_come_again(verdict: str) -> None:
    campaign = planned(make_compared(n_items=12), repeat_share=0.5)
    judge = make_participant(campaign.study, "judge")
    given, n_queries = SubmittedVerdict(verdict, reason="unreadable"), []
    for run in ("second", "third"):
        for step in range(14):
            if step == 10 and verdict == "both":
                # None of these ten, nor of those before, shows the same from now on.
                for method in campaign.study.methods.all():
                    for item in campaign.study.items.all():
                        make_output(method, item, [0.01, 0.5, 0.99], run=run)
            record_judgment(exposure=make_exposure(judge, campaign), client_key=uuid4(), submitted=given)
        with CaptureQueriesContext(connection) as asked:
            due = due_repeat(judge, campaign, campaign.protocol)
        assert due is None
        n_queries.append(len(asked))
    assert n_queries[0] == n_queries[1] <= 5


def test_left_and_right_are_balanced_exactly_within_each_judge_and_pair_and_over_repeats() -> None:
    campaign = planned(make_compared(n_items=5, n_methods=3), judges_per_comparison=2, repeat_share=0.25)
    for judge in [make_participant(campaign.study, "judge") for _ in range(2)]:
        judge_all(campaign, judge)
        sides: Counter[tuple[int, int, bool]] = Counter()
        for one in Exposure.objects.filter(participant=judge, repeats__isnull=True).select_related(
            "comparison"
        ):
            sides[one.comparison.low_id, one.comparison.high_id, one.low_is_left] += 1
        for low, high in {key[:2] for key in sides}:
            assert abs(sides[low, high, True] - sides[low, high, False]) == 1, "five texts: three and two"


def test_the_quota_of_a_campaign_ends_it_for_each_judge_and_the_lesser_one_holds() -> None:
    campaign = planned(make_compared(), quota=5)
    eager, tired = make_participant(campaign.study, "judge"), make_participant(campaign.study, "judge")
    tired.quota = 2
    tired.save()
    assert [len(judge_all(campaign, one)) for one in (eager, tired)] == [5, 2]
    assert next_exposure(eager, campaign) == Waiting("quota")
    assert judge_share(eager, campaign) == OwnShare(5, 5, 5)


# ---- ties that nobody is asked about -----------------------------------------------------------------


def make_alike() -> tuple[Study, list[Method]]:
    """Three methods on two texts; on the first, two of them say what looks the same."""
    study = make_study()
    items, methods = make_items(study, 2), make_methods(study)
    for number, method in enumerate(methods):
        make_output(method, items[0], [0.4, 0.1 + 0.3 * (number == 2), 0.25 + number / 1000])
        make_output(method, items[1], [0.1 * number, 0.5, 0.9])
    return study, methods


def test_outputs_that_look_the_same_count_as_a_tie_with_its_reason_and_nobody_is_asked() -> None:
    study, methods = make_alike()
    campaign = planned(study, identical="tie", judges_per_comparison=2)
    tie = UnaskedTie.objects.select_related("comparison__item").get()
    assert {tie.comparison.low_id, tie.comparison.high_id} == {methods[0].pk, methods[1].pk}
    assert (tie.reason, tie.comparison.item and tie.comparison.item.position) == ("identical outputs", 0)
    judges = [make_participant(study, "judge") for _ in range(2)]
    shown = [exposure.comparison_id for judge in judges for exposure in judge_all(campaign, judge)]
    assert len(shown) == 10
    assert tie.comparison_id not in shown
    assert campaign_coverage(campaign).percent == 100
    counted = comparison_counts(campaign)
    # As if both had been asked: as many ties as a comparison wants judges, one of each judge, on no side.
    assert (counted.cells.n_judgments, counted.cells.n_ties, counted.n_unasked) == (12, 2, 2)
    tied = counted.cells.first_is_left == UNKNOWN
    assert sorted(counted.cells.judge[tied].tolist()) == sorted(judge.pk for judge in judges)
    assert report_on_judges(campaign, JudgeOptions(n_resamples=0)).result["n_judgments"] == 10
    ranked = compute_ranking(campaign, RankingOptions(n_resamples=10)).snapshot.result
    assert (ranked["n_judgments"], ranked["n_unasked_ties"]) == (12, 2)


def test_identical_outputs_are_asked_about_where_the_campaign_says_so_and_are_counted_before() -> None:
    study, _methods = make_alike()
    plan = plan_campaign(study, CampaignSpec(name="accuracy"), opened=True)
    assert (plan.n_identical, len(plan.unasked), plan.n_judgments) == (1, 0, 6)
    assert any("look the same: judges are asked all the same." in note for note in draft_notes(plan))
    assert len(judge_all(plan.campaign, make_participant(study, "judge"))) == 6


# ---- labels before the outputs ------------------------------------------------------------------------


def make_asked(labels_first: str = "each-pair", **study: Any) -> tuple[Campaign, Participant, Exposure]:
    campaign = planned(make_compared(n_items=2, **study), labels_first=labels_first)
    judge = make_participant(campaign.study, "judge")
    return campaign, judge, make_exposure(judge, campaign)


def labelled(exposure: Exposure, *keys: str) -> Labelling:
    outcome = record_labelling(exposure=exposure, client_key=uuid4(), submitted=SubmittedLabels(keys))
    assert outcome.row is not None
    return outcome.row


def test_no_verdict_is_taken_before_the_labels() -> None:
    _campaign, _judge, exposure = make_asked()
    with pytest.raises(InvalidVerdictError, match="Choose the labels"):
        record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    labelled(exposure, "housing", "family")
    stored = record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    assert stored.status == 201
    assert [one.label.key for one in LabellingLabel.objects.all()] == ["housing", "family"]
    assert not Annotation.objects.exists()


def test_labels_are_stored_once_and_never_revised() -> None:
    _campaign, _judge, exposure = make_asked()
    key = uuid4()
    first = record_labelling(exposure=exposure, client_key=key, submitted=SubmittedLabels(("housing",)))
    again = record_labelling(exposure=exposure, client_key=key, submitted=SubmittedLabels(("housing",)))
    other = record_labelling(exposure=exposure, client_key=uuid4(), submitted=SubmittedLabels(("family",)))
    assert (first.status, again.status, other.status) == (201, 200, 409)
    assert other.row == first.row
    for row in (Labelling.objects.get(), LabellingLabel.objects.get(), Protocol.objects.get()):
        with pytest.raises(DatabaseError, match="never edited or deleted"), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete(using="default")


def test_a_label_that_is_named_twice_is_stored_once_and_is_what_was_sent() -> None:
    campaign, _judge, exposure = make_asked()
    labelled(exposure, "housing", "housing")
    assert LabellingLabel.objects.count() == 1
    assert check_labellings([campaign.study]).faults == []


def test_each_text_is_labelled_once_or_before_each_pair() -> None:
    for labels_first, wanted in (("each-text", 2), ("each-pair", 6)):
        campaign, judge, _exposure = make_asked(labels_first)
        while isinstance(exposure := next_exposure(judge, campaign), Exposure):
            try:
                labelled(exposure)
            except InvalidLabelsError:
                assert labels_first == "each-text"
            show_exposure(exposure)
            record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left"))
        assert Labelling.objects.filter(participant=judge).count() == wanted
        assert Judgment.objects.filter(participant=judge).count() == 6


@pytest.mark.parametrize(
    ("keys", "study", "sentence"),
    [
        (("tax",), {}, "no label 'tax'"),
        ((), {"task": Study.Task.SINGLE}, "Choose one label"),
        (("housing", "family"), {"task": Study.Task.SINGLE}, "Choose one label"),
    ],
)
def test_labels_that_are_none_are_refused_in_words(
    keys: tuple[str, ...], study: dict[str, Any], sentence: str
) -> None:
    _campaign, _judge, exposure = make_asked(**study)
    with pytest.raises(InvalidLabelsError, match=sentence):
        labelled(exposure, *keys)


# ---- what no campaign can have, and the paper's ---------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"repeat_share": 0.6}, "between 0 and 0.5"),
        ({"quota": 0}, "at least 1"),
        ({"labels_first": "always"}, "labels_first: Value 'always'"),
        ({"identical": "skip"}, "identical: Value 'skip'"),
        ({"explanation": "x" * 5001}, "more than 5000 characters"),
    ],
)
def test_what_no_protocol_can_have_is_refused_in_words(wishes: dict[str, Any], sentence: str) -> None:
    study = make_compared(n_items=1)
    with pytest.raises(CampaignRefusedError, match=sentence):
        planned(study, **wishes)
    assert not Campaign.objects.exists()


def test_the_paper_asks_for_labels_first_and_compares_within_base_models_on_80_texts() -> None:
    study = make_study()
    items = make_items(study, 81)
    for base in ("roberta", "llama"):
        make_outputs(make_methods(study, ("one", "two", "three"), base_model=base), items)
    plan = plan_campaign(study, paper_spec(name="accuracy"), opened=False)
    assert (plan.n_comparisons, plan.n_judgments, plan.protocol.labels_first) == (480, 480, "each-pair")
    assert {len(group) for group in plan.groups} == {3}
    assert plan.cost.hours == 8.0, "a minute each"


def test_texts_that_name_their_own_method_are_told_before_the_campaign_opens() -> None:
    study = make_study()
    items, methods = make_items(study, 1), make_methods(study, ("llama-2-7b", "plain"))
    for method, text in zip(methods, ("As Llama, I would write first.", "Write first."), strict=True):
        run = method.runs.create(name="1")
        run.outputs.create(item=items[0], text=text)
    plan = plan_campaign(study, CampaignSpec(name="letters"), opened=False)
    assert plan.naming_themselves == ("llama-2-7b: item-0",)
    assert any("names its own method" in note for note in draft_notes(plan))
