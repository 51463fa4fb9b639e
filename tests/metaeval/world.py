"""A study with everything that a job of results can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone

from annotations.models import Import
from metaeval.models import (
    Campaign,
    Judgment,
    Metric,
    MetricScore,
)
from tests.making import (
    make_import,
    make_imported_judgment,
    make_items,
    make_output,
)
from tests.metaeval.judged import make_judged
from tests.metaeval.test_label_weights import answer

DRAWS = 40


def upload(
    campaign: Campaign, name: str, values: np.ndarray[Any, Any], *, higher_is_better: bool = True
) -> None:
    """Scores (M, N) of the methods on the texts."""
    study = campaign.study
    metric, _ = Metric.objects.get_or_create(
        study=study, name=name, origin="uploaded", defaults={"higher_is_better": higher_is_better}
    )
    batch = make_import(study, Import.Kind.SCORES)
    MetricScore.objects.bulk_create(
        MetricScore(metric=metric, method=method, item=item, value=values[m, n], import_batch=batch)
        for m, method in enumerate(study.methods.order_by("position"))
        for n, item in enumerate(study.items.order_by("position"))
        if m < len(values) and n < values.shape[1]
    )


@dataclass(frozen=True)
class World:
    campaign: Campaign
    # Before the newest judgment, and the newest scores of each kind.
    earlier: str


def make_world() -> World:
    """Judged, labelled with certainties, with outputs and two uploaded scores: each option changes something."""
    campaign = make_judged()
    study = campaign.study
    study.asks_certainty = True
    study.save()
    rng = np.random.default_rng(1)
    # How far judges agree is said of five texts or more.
    for item in make_items(study, 2):
        for number, judge in enumerate(study.participants.filter(role="judge").order_by("number")):
            first, second = (study.methods.order_by("position")[place] for place in (0, 1))
            if number % 3:
                first, second = second, first
            make_imported_judgment(
                campaign, winner=first, loser=second, judge=judge, item=item, active_ms=9000
            )
    for place, item in enumerate(study.items.order_by("position")):
        item.metadata = {"document": f"d{place // 2}"}
        item.save()
        answer(item, {"housing": 1.0}, {"contract": 0.2 + 0.1 * place}, {"housing": 0.4, "family": 0.9})
        for method in study.methods.order_by("position"):
            make_output(method, item, list(rng.uniform(0.1, 0.9, size=3)))
    values = rng.normal(size=(3, 4, 6))
    upload(campaign, "human", values[0] + np.arange(4)[:, None])
    upload(campaign, "bleu", values[1])
    upload(campaign, "chrf", values[2])
    earlier = timezone.now().isoformat()
    judgment = Judgment.objects.order_by("-pk")[0]
    for one, other in ((0, 3), (1, 3), (0, 2)):
        methods = list(study.methods.order_by("position"))
        make_imported_judgment(
            campaign,
            winner=methods[one],
            loser=methods[other],
            judge=judgment.participant,
            item=judgment.comparison.item,
            active_ms=9000,
        )
    upload(campaign, "late", rng.normal(size=(4, 6)))
    return World(campaign, earlier)
