"""Planned campaigns: who meets whom on which text, and what is refused."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

import pytest

from annotations.models import ImportReversal, Item, Study
from metaeval.findings.campaign_summary import draft_notes
from metaeval.models import Campaign, Comparison, Method, Output, Run
from metaeval.services.campaigns import CampaignRefusedError, CampaignSpec, plan_campaign
from tests.making import (
    make_import,
    make_items,
    make_methods,
    make_output,
    make_outputs,
    make_participant,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")


def make_compared(*, n_items: int = 6) -> Study:
    """Five methods of one base model and two of another, of which two share a name."""
    study = make_study()
    methods = make_methods(study, NAMES, base_model="bert") + make_methods(
        study, NAMES[:2], base_model="llama"
    )
    make_outputs(methods, make_items(study, n_items))
    return study


def planned(study: Study, **wishes: object) -> list[Comparison]:
    plan_campaign(study, CampaignSpec(name="accuracy", **wishes), opened=True)  # type: ignore[arg-type]
    return list(Comparison.objects.order_by("position").select_related("low", "high"))


def refused(study: Study, **wishes: object) -> str:
    with pytest.raises(CampaignRefusedError) as refusal:
        planned(study, **wishes)
    assert not Comparison.objects.exists()
    return str(refusal.value)


def test_every_pair_of_a_group_meets_once_on_every_text() -> None:
    study = make_compared()
    compared = planned(study)
    pairs = {
        frozenset(pair)
        for base in ("bert", "llama")
        for pair in combinations(study.methods.filter(base_model=base).values_list("pk", flat=True), 2)
    }
    met = Counter((frozenset((one.low_id, one.high_id)), one.item_id) for one in compared)
    assert set(met) == {(pair, item.pk) for pair in pairs for item in study.items.all()}
    assert set(met.values()) == {1}
    assert {one.mode for one in compared} == {Comparison.Mode.ALL_PAIRS}
    assert [one.position for one in compared] == list(range(11 * 6))


def test_comparisons_come_in_another_order_than_pair_by_pair() -> None:
    compared = planned(make_compared(), group="bert")
    after_itself = sum(
        (one.low_id, one.high_id) == (other.low_id, other.high_id) for one, other in pairwise(compared)
    )
    assert after_itself < len(compared) / 3


def test_the_same_seed_gives_the_same_plan() -> None:
    study = make_compared()
    plans = [
        plan_campaign(study, CampaignSpec(name=name, items=2, seed=seed), opened=False)
        for name, seed in (("one", 5), ("two", 5), ("three", 6))
    ]
    drawn = [plan.compared.tolist() for plan in plans]
    assert drawn[0] == drawn[1] != drawn[2]


def test_opponents_and_texts_are_shared_out_evenly() -> None:
    compared = planned(make_compared(), group="bert", opponents=2, items=3)
    assert {one.mode for one in compared} == {Comparison.Mode.BALANCED}
    pairs = {(one.low_id, one.high_id) for one in compared}
    met = Counter(method for pair in pairs for method in pair)
    assert (len(pairs), set(met.values())) == (5, {2})
    uses = Counter(one.item_id for one in compared)
    assert max(uses.values()) - min(uses.values()) <= 1


def test_methods_of_different_groups_meet_only_on_request() -> None:
    compared = planned(make_compared(), methods=("alpha", "beta"), across_groups=True)
    assert len({(one.low_id, one.high_id) for one in compared}) == 6


def test_a_missing_output_is_named_and_a_withdrawn_one_is_missing() -> None:
    study = make_compared(n_items=2)
    (item,) = make_items(study, 1)
    beta = study.methods.get(base_model="bert", name="beta")
    make_outputs([method for method in study.methods.all() if method != beta], [item])
    batch = make_import(study, "outputs")
    Output.objects.create(run=beta.runs.get(), item=item, text="Housing.", import_batch=batch)
    ImportReversal.objects.create(batch=batch, withdrawn=True)
    assert "beta (bert) has no output for 1 text that other methods have (item-2)" in refused(study)
    assert not Campaign.objects.exists()


def test_texts_without_any_output_are_left_out_and_counted() -> None:
    study = make_compared(n_items=3)
    make_items(study, 2)
    plan = plan_campaign(study, CampaignSpec(name="accuracy", group="bert"), opened=True)
    assert plan.n_items == 3
    assert draft_notes(plan)[0] == "2 texts have no output of these methods and are left out."


def test_what_cannot_be_compared_is_refused() -> None:
    study = make_study()
    assert "no methods yet" in refused(study)
    alpha, beta = make_methods(study, ["alpha", "beta"])
    assert "no outputs" in refused(study)
    (item,) = make_items(study, 1)
    make_output(alpha, item, [0.2, 0.3, 0.5])
    Output.objects.create(run=Run.objects.create(method=beta), item=item, text="Housing.")
    assert "others distributions" in refused(study)
    Method.objects.create(study=study, name="alone", base_model="llama", position=9)
    assert "alone (llama) is the only method" in refused(study)


def test_a_campaign_without_a_question_keeps_the_usual_one_of_its_kind_of_outputs() -> None:
    of_labels, of_texts = make_compared(n_items=1), make_study()
    (item,) = make_items(of_texts, 1)
    for method in make_methods(of_texts, NAMES[:2]):
        Output.objects.create(run=Run.objects.create(method=method), item=item, text="Write first.")
    planned(of_labels)
    planned(of_texts)
    assert of_labels.campaigns.get().question == (
        "Which output says more accurately which labels fit this text?"
    )
    assert of_texts.campaigns.get().question == "Which output answers this text better?"


def test_a_name_is_planned_once() -> None:
    study = make_compared()
    planned(study)
    with pytest.raises(CampaignRefusedError, match="There is already a campaign 'accuracy'"):
        plan_campaign(study, CampaignSpec(name="accuracy"), opened=True)


def test_too_few_judges_and_quotas_that_end_early_are_said() -> None:
    study = make_compared()
    judge = make_participant(study, "judge")
    judge.quota = 4
    judge.save()
    left = make_participant(study, "judge")
    left.is_active = False
    left.save()
    wishes = CampaignSpec(name="accuracy", group="bert", judges_per_comparison=2)
    plan = plan_campaign(study, wishes, opened=True)
    assert (plan.n_judgments, plan.n_judges) == (120, 1)
    assert draft_notes(plan) == [
        "Each comparison wants 2 judges, and the study has 1.",
        "The quotas of the judges end after 4 judgments together.",
    ]


def test_a_large_plan_takes_no_more_reads_than_a_small_one(django_assert_max_num_queries: object) -> None:
    study = make_compared(n_items=40)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert len(planned(study)) == 440


def make_split(study: Study, *parts: str) -> None:
    """The first texts are of these parts."""
    for item, part in zip(study.items.order_by("position"), parts, strict=False):
        item.metadata = {"split": part}
        item.save(update_fields=["metadata"])


def test_a_campaign_compares_test_texts_only() -> None:
    study = make_compared()
    make_split(study, "train", "development", "test", "test", "Training")
    tested = set(study.items.filter(position__in=(2, 3)).values_list("pk", flat=True))
    plan = plan_campaign(study, CampaignSpec(name="tested", group="bert"), opened=False)
    assert set(plan.compared[:, 0].tolist()) == tested
    # The sixth text is of no part, so no campaign can know whether it trains.
    assert plan.n_not_tested == 4
    assert any("4 texts with outputs are no test texts" in note for note in draft_notes(plan))
    every = plan_campaign(study, CampaignSpec(name="all", group="bert", all_texts=True), opened=False)
    assert every.n_items == 6
    assert every.n_not_tested == 0


def test_without_training_texts_there_is_no_split() -> None:
    study = make_compared()
    make_split(study, "test", "test", "other")
    assert plan_campaign(study, CampaignSpec(name="a", group="bert"), opened=False).n_items == 6


def test_a_campaign_needs_outputs_for_test_texts() -> None:
    study = make_compared(n_items=3)
    make_split(study, "train", "train", "train")
    Item.objects.create(study=study, key="last", position=9, metadata={"split": "test"})
    assert "no outputs for test texts" in refused(study, group="bert")
