"""A campaign of two base models with the same four training methods, for what is said of each by itself."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from annotations.models import Participant
from metaeval.models import AutomaticJudge, Campaign, Judgment, Method
from tests.making import make_campaign, make_imported_judgment, make_methods, make_study, make_uploaded_metric

NAMES = ("a", "b", "c", "d")
WINS = np.array([[0, 6, 4, 5], [3, 0, 5, 4], [2, 2, 0, 5], [2, 1, 3, 0]])
# What the metric of both base models gives the methods of each.
SCORES = {"small": [4.0, 3.0, 2.0, 1.0], "large": [3.0, 4.0, 1.0, 2.0]}


def make_grouped(*, met: bool, automatic: bool = False, scored: bool = True, **study: Any) -> Campaign:
    """Each method of the small base model met its twin of the large one, or no method met one of the other.

    The metric “everywhere” scores all methods, “small only” those of the small one; without `scored` there is one that
    gives all the same.
    """
    campaign = make_campaign(make_study(**{"task": "none", "labels": (), "slug": "grouped"} | study))
    judges = Participant.objects.bulk_create(
        Participant(
            study=campaign.study,
            role="judge",
            number=n,
            source=f"judge {n}",
            group="bar" if n < 3 else "academia",
        )
        for n in range(1, 5)
    )
    methods: dict[str, list[Method]] = {
        base: make_methods(campaign.study, NAMES, base_model=base) for base in SCORES
    }
    turn = 0

    def judge(winner: Method, loser: Method) -> None:
        nonlocal turn
        make_imported_judgment(campaign, winner=winner, loser=loser, judge=judges[turn % len(judges)])
        turn += 1

    for of_base in methods.values():
        for i, j in product(range(4), repeat=2):
            for _ in range(WINS[i, j]):
                judge(of_base[i], of_base[j])
    if met:
        for small, large in zip(methods["small"], methods["large"], strict=True):
            for winner, loser in ((large, small), (large, small), (small, large)):
                judge(winner, loser)
    every = [method for of_base in methods.values() for method in of_base]
    for name, values in (
        (
            ("everywhere", [*SCORES["small"], *SCORES["large"]]),
            ("small only", [1.0, 2.0, 3.0, 4.0, *[None] * 4]),
        )
        if scored
        else (("constant", [1.0] * 8),)
    ):
        metric = make_uploaded_metric(campaign.study, every, values)
        metric.name = name
        metric.save()
    if automatic:
        _judge_automatically(campaign)
    return campaign


def _judge_automatically(campaign: Campaign) -> None:
    """A program that says what people said."""
    program = AutomaticJudge.objects.create(study=campaign.study, name="program")
    Judgment.objects.bulk_create(
        Judgment(
            comparison=judgment.comparison,
            automatic_judge=program,
            verdict=judgment.verdict,
            low_is_left=judgment.low_is_left,
            submitted_at=judgment.submitted_at,
            import_batch=judgment.import_batch,
        )
        for judgment in list(Judgment.objects.filter(automatic_judge=None))
    )
