"""What was computed of a campaign, what is being computed, and what came in since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import NullIf

from annotations.models import Annotation, Import, ImportReversal, Job
from metaeval.models import Campaign, MetricAgreement, Ranking, Sensitivity
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
