"""What was computed of a campaign, what is being computed, and what came in since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import NullIf

from annotations.models import Annotation, Import, ImportReversal, Item, Job, Participant, Study
from metaeval.models import AnalysisPlan, Campaign, Judgment, Method, MetricAgreement, Ranking, Sensitivity
from metaeval.selectors.campaigns import keys_of_campaigns
from metaeval.selectors.judgments import FIRST_VERDICTS, current_judgments

KINDS = ("metaeval", "ranking", "judges", "sensitivity")
# Older ones are still there; nobody pages through them here.
MOST_JOBS = 200


def campaign_jobs(campaign: Campaign) -> list[Job]:
    """The newest first, with who asked."""
    asked = Job.objects.filter(study_id=campaign.study_id, kind__in=KINDS).select_related("created_by")
    # Read here, not asked of the database: looking into JSON differs from one to the other.
    wanted = str(campaign.uuid)
    return [job for job in asked.order_by("-pk")[: 5 * MOST_JOBS] if job.params.get("campaign") == wanted][
        :MOST_JOBS
    ]


def _text_of(name: str) -> NullIf:
    """A text of a result; SQLite calls a null of JSON by its name."""
    return NullIf(KT(f"result__{name}"), Value("null", output_field=TextField()))


def campaign_rankings(campaign: Campaign) -> QuerySet[Ranking]:
    """Without their results, which are large, but for the unit `drawn` and `interval_method`; with what was made of each."""
    return (
        Ranking.objects.filter(campaign=campaign)
        .defer("result")
        .select_related("job")
        .annotate(
            has_agreement=Exists(MetricAgreement.objects.filter(ranking=OuterRef("pk"))),
            has_sensitivity=Exists(Sensitivity.objects.filter(ranking=OuterRef("pk"))),
            drawn=_text_of("resampling_unit"),
            interval_method=_text_of("interval_method"),
        )
        .order_by("-pk")
    )


@dataclass(frozen=True)
class Since:
    """What came after a snapshot and may change it."""

    n_judgments: int = 0
    n_answers: int = 0
    n_imports: int = 0


def since(campaign: Campaign, rankings: Sequence[Ranking]) -> dict[int, Since]:
    """Of each snapshot by its key; four queries, whatever their number."""
    if not rankings:
        return {}

    earliest = min(ranking.as_of for ranking in rankings)

    def counted(rows: QuerySet[Any], moment: str) -> dict[str, int]:
        wanted = {
            f"n_{ranking.pk}": Count("pk", filter=Q(**{f"{moment}__gt": ranking.as_of}))
            for ranking in rankings
        }
        # Most rows are older than every snapshot shown, and are not looked at.
        found: dict[str, int] = rows.filter(**{f"{moment}__gt": earliest}).order_by().aggregate(**wanted)
        return found

    study = campaign.study
    judgments = counted(current_judgments(campaign).filter(FIRST_VERDICTS), "received_at")
    answers = counted(Annotation.objects.filter(item__study=study), "received_at")
    # One that came in a few rows at a time is counted once: when all of it was there.
    imports = counted(
        Import.objects.filter(study=study).exclude(reversals__reason=ImportReversal.CAME), "created_at"
    )
    reversals = counted(
        ImportReversal.objects.filter(batch__study=study).exclude(reason=ImportReversal.COMING), "created_at"
    )
    return {
        ranking.pk: Since(judgments[key], answers[key], imports[key] + reversals[key])
        for ranking in rankings
        if (key := f"n_{ranking.pk}")
    }


def preregistrations(campaign: Campaign, *, as_of: datetime | None = None) -> QuerySet[AnalysisPlan]:
    """All versions, the first one first."""
    plans = AnalysisPlan.objects.filter(campaign=campaign).select_related("frozen_by").order_by("version")
    return plans if as_of is None else plans.filter(frozen_at__lte=as_of)


def newest_preregistration(campaign: Campaign, *, as_of: datetime | None = None) -> AnalysisPlan | None:
    """The version in force, at a time or now."""
    return preregistrations(campaign, as_of=as_of).last()


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
