"""The demonstration study: invented requests for legal help, and simulated people who label and judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.demo.judging import (
    ComparisonDraw,
    JudgmentDraw,
    OutputDraw,
    comparison_draws,
    draw_judged_requests,
    draw_judgments,
    draw_memberships,
    draw_plan,
    output_draws,
)
from hlv.demo.labelling import AnnotationDraw, draw_annotations
from hlv.demo.study import SEED, Request, requests


@dataclass(frozen=True)
class Demonstration:
    """Everything that is said and done in the demonstration study.

    `judged` are the ids of the requests in the campaign; `plan_seed` is the seed of the judges' orders.
    """

    requests: tuple[Request, ...]
    annotations: tuple[AnnotationDraw, ...]
    outputs: tuple[OutputDraw, ...]
    judged: tuple[str, ...]
    comparisons: tuple[ComparisonDraw, ...]
    judgments: tuple[JudgmentDraw, ...]
    plan_seed: int


def simulate_demonstration(seed: int = SEED) -> Demonstration:
    """Draw the demonstration; the same seed gives the same people, answers, outputs and judgments."""
    # A stream for each stage: a change in one leaves the draws of the others as they were.
    labelling, methods, choosing, planning, judging = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)
    )
    texts = requests()
    memberships = draw_memberships(texts, methods)
    judged = draw_judged_requests(texts, choosing)
    judged_texts = tuple(texts[n] for n in judged)
    plan = draw_plan(planning)
    shown = memberships.mean(axis=1)[:, list(judged)]
    return Demonstration(
        requests=texts,
        annotations=draw_annotations(texts, labelling),
        outputs=output_draws(texts, memberships),
        judged=tuple(request.id for request in judged_texts),
        comparisons=comparison_draws(judged_texts, plan),
        judgments=draw_judgments(judged_texts, shown, plan, judging),
        plan_seed=plan.order_seed,
    )
