"""Whatever a metric agreement is computed from is in its data fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from annotations.models import Import
from hlv.stats.meta_evaluation.agreement_result import MetricScores
from metaeval.models import AutomaticJudge, Campaign, Judgment, Metric, MetricScore
from metaeval.results.ranking_options import RankingOptions
from metaeval.services.metric_agreement import agree_with_experts, agree_with_score
from metaeval.services.metric_scores import Named, uploaded_table
from metaeval.services.ranking import compute_ranking
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_items,
    make_methods,
    make_output,
    make_participant,
    make_study,
)
from tests.metaeval.test_label_weights import answer

pytestmark = pytest.mark.usefixtures("blank_figures")

OPTIONS = RankingOptions(n_resamples=0)
VALUES = np.array([0.1, 0.2, 0.3])
OF_ITEMS = np.array([[0.0, 0.2], [0.1, 0.3], [0.2, 0.4]])
ENTRY = Named(
    MetricScores("m", True, VALUES),
    label="m",
    origin="uploaded",
    hypothesis="m",
    of_items=OF_ITEMS,
    item_ids=np.array([3, 4]),
    observations=(np.array([0.1]), np.array([0.1, 0.3]), np.array([0.3])),
)


def printed(entry: Named) -> str:
    digest = hashlib.sha256()
    entry.update(digest)
    return digest.hexdigest()


CHANGES: dict[str, Callable[[Named], Named]] = {
    "another value": lambda e: replace(e, scores=replace(e.scores, values=np.array([0.1, 0.2, 0.4]))),
    "the last bit of a value": lambda e: replace(
        e, scores=replace(e.scores, values=np.nextafter(VALUES, 1.0))
    ),
    "a value that is missing": lambda e: replace(
        e, scores=replace(e.scores, values=np.array([0.1, 0.2, np.nan]))
    ),
    "another name": lambda e: replace(e, scores=replace(e.scores, name="n")),
    "another direction": lambda e: replace(e, scores=replace(e.scores, higher_is_better=False)),
    "another origin": lambda e: replace(e, origin="built-in"),
    "values of texts with the same means": lambda e: replace(e, of_items=OF_ITEMS[:, ::-1]),
    "no values of texts": lambda e: replace(e, of_items=None),
    "other texts": lambda e: replace(e, item_ids=np.array([3, 5])),
    "repeated values with the same means": lambda e: replace(
        e, observations=(np.array([0.1]), np.array([0.2, 0.2]), np.array([0.3]))
    ),
    "another method's repeats": lambda e: replace(
        e, observations=(np.array([0.1, 0.1]), np.array([0.3]), np.array([0.3]))
    ),
    "no repeats": lambda e: replace(e, observations=None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_ingredient_of_a_metric_is_in_the_fingerprint(change: str) -> None:
    assert printed(CHANGES[change](ENTRY)) != printed(ENTRY)
    assert printed(replace(ENTRY)) == printed(ENTRY)


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_a_score_table_with_uploads_has_them_in_its_fingerprint(change: str) -> None:
    methods = make_methods(make_study(), list("abc"))
    changed = CHANGES[change](ENTRY)

    one, other = (
        uploaded_table([entry], methods, n_resamples=0, built_in=None).fingerprint
        for entry in (ENTRY, changed)
    )

    # Of a score table uploads alone are a part.
    assert one != other


def add_score(
    campaign: Campaign, name: str, place: int, value: float, *, item: int | None, number: int = 0
) -> None:
    study = campaign.study
    metric, _ = Metric.objects.get_or_create(study=study, name=name, origin="uploaded")
    MetricScore.objects.create(
        metric=metric,
        method=study.methods.order_by("position")[place],
        item=None if item is None else study.items.order_by("position")[item],
        occurrence=number,
        value=value,
        import_batch=make_import(study, Import.Kind.SCORES),
    )


def make_world() -> Campaign:
    """Judged by people and a program, labelled, with outputs; a human score and a metric by texts, one without texts."""
    campaign = make_campaign(make_study())
    study = campaign.study
    items, methods = make_items(study, 3), make_methods(study, list("abc"))
    rng = np.random.default_rng(2)
    for item in items[:2]:
        answer(item, {"housing": 1.0}, {"contract": 1.0})
    for item in items:
        for method in methods:
            make_output(method, item, list(rng.uniform(0.1, 0.9, size=3)))
    judge = make_participant(study, "judge")
    for one, other in ((0, 1), (1, 2), (2, 0), (0, 1)):
        make_imported_judgment(
            campaign, winner=methods[one], loser=methods[other], judge=judge, item=items[one]
        )
    program = AutomaticJudge.objects.create(study=study, name="program")
    for judgment in list(Judgment.objects.all()):
        add_verdict(judgment, program)
    for place in range(3):
        for item in range(2):
            add_score(campaign, "human", place, float(rng.normal()), item=item)
            add_score(campaign, "bleu", place, float(rng.normal()), item=item)
            add_score(campaign, "bare", place, float(rng.normal()), item=None, number=item)
    return campaign


def add_verdict(judgment: Judgment, program: AutomaticJudge) -> None:
    Judgment.objects.create(
        comparison=judgment.comparison,
        automatic_judge=program,
        verdict=judgment.verdict,
        low_is_left=judgment.low_is_left,
        submitted_at=judgment.submitted_at,
        import_batch=judgment.import_batch,
    )


def with_experts(campaign: Campaign, **options: Any) -> str:
    chosen = replace(OPTIONS, **options)
    agreed = agree_with_experts(compute_ranking(campaign, chosen), chosen)
    assert agreed is not None
    return agreed.snapshot.data_fingerprint


def with_humans(campaign: Campaign, **options: Any) -> str:
    return agree_with_score(campaign.study, "human", replace(OPTIONS, **options)).snapshot.data_fingerprint


def add_judgment(campaign: Campaign) -> None:
    methods = list(campaign.study.methods.order_by("position"))
    judge = campaign.study.participants.get(role="judge")
    make_imported_judgment(campaign, winner=methods[0], loser=methods[2], judge=judge)


def add_judgment_of_the_program(campaign: Campaign) -> None:
    add_verdict(
        Judgment.objects.filter(automatic_judge=None).order_by("pk")[0],
        AutomaticJudge.objects.create(study=campaign.study, name="another"),
    )


def add_answer(campaign: Campaign) -> None:
    answer(campaign.study.items.order_by("position")[2], {"family": 1.0})


def add_run(campaign: Campaign) -> None:
    method, item = campaign.study.methods.all()[0], campaign.study.items.order_by("position")[0]
    make_output(method, item, [0.3, 0.3, 0.3], run="again")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "in_experts", "in_humans"),
    [
        (add_judgment, True, False),
        (add_judgment_of_the_program, True, False),
        (add_answer, True, False),
        (add_run, True, False),
        (lambda campaign: add_score(campaign, "human", 0, 1.0, item=2), True, True),
        (lambda campaign: add_score(campaign, "bleu", 1, 1.0, item=2), True, True),
        (lambda campaign: add_score(campaign, "bare", 2, 1.0, item=None, number=2), True, True),
        (lambda campaign: None, False, False),
    ],
)
def test_whatever_comes_changes_the_fingerprint_of_what_it_enters(
    change: Callable[[Campaign], None], in_experts: bool, in_humans: bool
) -> None:
    campaign = make_world()
    before = with_experts(campaign), with_humans(campaign)

    change(campaign)

    after = with_experts(campaign), with_humans(campaign)
    assert (after[0] != before[0], after[1] != before[1]) == (in_experts, in_humans)


@pytest.mark.django_db
def test_what_is_left_out_changes_the_fingerprint() -> None:
    campaign = make_world()

    assert with_humans(campaign, without_methods=("c",)) != with_humans(campaign)
    assert with_experts(campaign, without_methods=("c",)) != with_experts(campaign)
