"""A campaign that was judged, for what is computed from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils import timezone

from annotations import jobs
from annotations.models import Import, Job, Participant
from metaeval.models import Campaign, Comparison, Judgment
from tests.making import (
    make_campaign,
    make_import,
    make_items,
    make_methods,
    make_study,
)


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
