"""Studies whose metrics are compared with several campaigns and human scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from annotations.models import Participant, Study
from metaeval.models import Campaign, Method
from tests.making import make_campaign, make_imported_judgment, make_methods, make_study, make_uploaded_metric

N_METHODS = 7


def make_several(
    slug: str,
    campaigns: Mapping[str, Sequence[int]],
    metrics: Mapping[str, Sequence[float]],
    *,
    base_models: bool = False,
) -> Study:
    """A study of 7 methods: each campaign by the places of its methods, best first, and each metric by its values.

    With `base_models` the first four methods are of one and the last three of another.
    """
    study = make_study(slug=slug, task="none", labels=())
    names = [f"method {place}" for place in range(N_METHODS)]
    methods = (
        [
            *make_methods(study, names[:4], base_model="small"),
            *make_methods(study, names[4:], base_model="large"),
        ]
        if base_models
        else make_methods(study, names)
    )
    judges = Participant.objects.bulk_create(
        Participant(study=study, role="judge", number=n, source=f"judge {n}") for n in range(1, 5)
    )
    for name, order in campaigns.items():
        _judge(make_campaign(study, name), [methods[place] for place in order], judges)
    for name, values in metrics.items():
        metric = make_uploaded_metric(study, methods, values)
        metric.name = name
        metric.save()
    return study


def _judge(campaign: Campaign, ordered: Sequence[Method], judges: Sequence[Participant]) -> None:
    """Each pair five times: the better one wins four."""
    rng = np.random.default_rng(len(campaign.name))
    for place, better in enumerate(ordered):
        for worse in ordered[place + 1 :]:
            lost = int(rng.integers(5))
            for turn in range(5):
                winner, loser = (worse, better) if turn == lost else (better, worse)
                make_imported_judgment(campaign, winner=winner, loser=loser, judge=judges[turn % len(judges)])
