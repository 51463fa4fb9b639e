"""What a forecast begins with, and those that were made."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from annotations.models import Item, Job, Participant, Study
from metaeval.models import Campaign, Judgment, Method
from metaeval.selectors.campaigns import keys_of_campaigns

FORECASTS_SHOWN = 20
# Of a study that has nothing yet.
FIRST_PLAN = {"n_methods": 9, "n_judges": 12, "n_judgments": 2400, "n_items": 80}


def first_plan(study: Study) -> dict[str, int]:
    """The study as it stands, where it stands already."""
    there = {
        "n_methods": Method.objects.filter(study=study).count(),
        "n_judges": Participant.objects.filter(
            study=study, role=Participant.Role.JUDGE, is_active=True
        ).count(),
        "n_judgments": Judgment.objects.filter(
            comparison__campaign__in=keys_of_campaigns(study), automatic_judge__isnull=True
        ).count(),
        "n_items": Item.objects.filter(study=study).count(),
    }
    least = {"n_methods": 2, "n_judges": 1, "n_judgments": 1, "n_items": 1}
    return {name: there[name] if there[name] >= least[name] else usual for name, usual in FIRST_PLAN.items()}


def finished_forecasts(study: Study) -> list[Job]:
    """The latest, newest first."""
    done = Job.objects.filter(study=study, kind="forecast", state=Job.State.DONE)
    return list(done.order_by("-pk")[:FORECASTS_SHOWN])


@dataclass(frozen=True)
class CampaignSize:
    """Of the largest group of methods that meet one another."""

    n_methods: int
    n_judges: int
    n_judgments: int
    n_items: int


def campaign_size(campaign: Campaign) -> CampaignSize:
    """How large what is planned is, judged by those who judge now; where nobody does, by as many as are wanted."""
    asked = campaign.comparisons.filter(is_asked=True)
    pairs = list(asked.order_by().values_list("low_id", "high_id").annotate(n=Count("pk")))
    groups = _groups([(low, high) for low, high, _n in pairs])
    largest = max(groups, key=len, default=frozenset[int]())
    n_judges = Participant.objects.filter(
        study=campaign.study_id, role=Participant.Role.JUDGE, is_active=True, user__isnull=False
    ).count()
    return CampaignSize(
        n_methods=max(2, len(largest)),
        n_judges=max(1, n_judges, campaign.judges_per_comparison),
        n_judgments=max(
            1, sum(n for low, _high, n in pairs if low in largest) * campaign.judges_per_comparison
        ),
        n_items=max(1, asked.order_by().values("item_id").distinct().count()),
    )


def _groups(pairs: list[tuple[int, int]]) -> list[frozenset[int]]:
    """Methods that pairs join."""
    groups: list[frozenset[int]] = []
    for pair in pairs:
        touching = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touching]
        groups.append(frozenset(pair).union(*touching))
    return groups


def newest_forecast_of(campaign: Campaign) -> Job | None:
    """The latest that was simulated for this campaign."""
    return (
        Job.objects.filter(
            study=campaign.study_id,
            kind="forecast",
            state=Job.State.DONE,
            params__campaign=str(campaign.uuid),
        )
        .order_by("-pk")
        .first()
    )
