"""Snapshots and their figures as a dashboard reads them; the bytes of figures stay where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.models import Job, Study
from metaeval.models import Campaign, Figure, JudgeReport, MetricAgreement, Ranking, Sensitivity
from metaeval.selectors.selections import EVERYTHING, Selection


@dataclass(frozen=True)
class FigureFile:
    """One drawn file of a figure, by what a page asks for."""

    uuid: UUID
    name: str
    theme: str
    media_type: str


def newest_ranking(campaign: Campaign, selection: Selection = EVERYTHING) -> Ranking | None:
    """The latest ranking, with `number`: which snapshot of the campaign it is, from 1."""
    rankings = Ranking.objects.filter(campaign=campaign, **asdict(selection))
    return _numbered(rankings).order_by("-pk").first()


def numbered_ranking(campaign: Campaign, uuid: UUID) -> Ranking | None:
    """The ranking of this address, with its `number`."""
    return _numbered(Ranking.objects.filter(campaign=campaign, uuid=uuid)).first()


# Beyond it nobody computes anew.
_MOST_LOOKED_AT = 200


def as_planned_before(ranking: Ranking, *, version: int) -> Ranking | None:
    """The latest ranking before this one that follows this version of the plan to the letter, with its `number`."""
    earlier = Ranking.objects.filter(campaign_id=ranking.campaign_id, pk__lt=ranking.pk, **asdict(EVERYTHING))
    planned = earlier.filter(result__plan__version=version, result__plan__added=False)
    return _numbered(planned).defer("result").order_by("-pk").first()


def latest_before(ranking: Ranking, is_wanted: Callable[[dict[str, Any]], bool]) -> Ranking | None:
    """The latest ranking of everything before this one whose parameters are wanted, with its `number`."""
    earlier = Ranking.objects.filter(
        campaign_id=ranking.campaign_id, pk__lt=ranking.pk, undetermined="", **asdict(EVERYTHING)
    ).order_by("-pk")
    for pk, parameters in earlier.values_list("pk", "parameters")[:_MOST_LOOKED_AT]:
        if is_wanted(parameters):
            return _numbered(Ranking.objects.filter(pk=pk)).first()
    return None


def _numbered(rankings: QuerySet[Ranking]) -> QuerySet[Ranking]:
    earlier = (
        Ranking.objects.filter(campaign=OuterRef("campaign"), pk__lte=OuterRef("pk"))
        .order_by()
        .values("campaign")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return rankings.select_related("campaign").annotate(
        number=Coalesce(Subquery(earlier, output_field=IntegerField()), 0)
    )


def snapshot_selection(ranking: Ranking) -> Selection:
    return Selection(ranking.base_model, ranking.judge_group)


def agreement_with_ranking(ranking: Ranking) -> MetricAgreement | None:
    """The latest metric agreement with this ranking; without one, the latest with an earlier one of the same kind."""
    known = MetricAgreement.objects.filter(
        campaign_id=ranking.campaign_id,
        ranking__pk__lte=ranking.pk,
        ranking__base_model=ranking.base_model,
        ranking__judge_group=ranking.judge_group,
    )
    return known.select_related("scoring").order_by("-ranking_id", "-pk").first()


def newest_sensitivity(ranking: Ranking) -> Sensitivity | None:
    """Of this ranking; without one, the latest of an earlier one of the same kind."""
    known = Sensitivity.objects.filter(
        campaign_id=ranking.campaign_id,
        ranking__pk__lte=ranking.pk,
        ranking__base_model=ranking.base_model,
        ranking__judge_group=ranking.judge_group,
    )
    return known.order_by("-ranking_id", "-pk").first()


def newest_judge_report(campaign: Campaign) -> JudgeReport | None:
    return JudgeReport.objects.filter(campaign=campaign).order_by("-pk").first()


def agreements_with_scores(study: Study) -> list[MetricAgreement]:
    """The latest metric agreement with each uploaded human score."""
    found: dict[int | None, MetricAgreement] = {}
    rows = MetricAgreement.objects.filter(study=study, against__isnull=False).select_related(
        "against", "scoring"
    )
    for row in rows.order_by("-pk")[:50]:
        found.setdefault(row.against_id, row)
    return list(found.values())


def figure_files(*snapshots: Ranking | MetricAgreement | None) -> list[FigureFile]:
    rankings = [snapshot.pk for snapshot in snapshots if isinstance(snapshot, Ranking)]
    agreements = [snapshot.pk for snapshot in snapshots if isinstance(snapshot, MetricAgreement)]
    rows = Figure.objects.filter(Q(ranking__in=rankings) | Q(metric_agreement__in=agreements))
    return [
        FigureFile(uuid=uuid, name=name, theme=theme, media_type=media_type)
        for uuid, name, theme, media_type in rows.order_by("pk").values_list(
            "uuid", "name", "theme", "media_type"
        )
    ]


def figures() -> QuerySet[Figure]:
    """Figures with the study they belong to."""
    return Figure.objects.select_related("ranking__study", "metric_agreement__study")


COMPUTED = ("metaeval", "judges", "sensitivity")


def unfinished_jobs(campaign: Campaign, selection: Selection = EVERYTHING) -> dict[str, Job]:
    """Of each kind, the computation of this campaign that is asked for and not over."""
    waiting = Job.objects.filter(
        study_id=campaign.study_id, kind__in=COMPUTED, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    # Read here, not asked of the database: looking into JSON differs from one to the other.
    wanted = str(campaign.uuid)
    found: dict[str, Job] = {}
    for job in waiting.order_by("-pk")[:50]:
        of_all = job.kind == "judges"
        if job.params.get("campaign") == wanted and (of_all or Selection.of(job.params) == selection):
            found.setdefault(job.kind, job)
    return found


def campaigns_with_judgments(study: Study) -> QuerySet[Campaign]:
    """Campaigns with the time and the state of their latest ranking."""
    latest = Ranking.objects.filter(campaign=OuterRef("pk"), **asdict(EVERYTHING)).order_by("-pk")
    return study.campaigns.annotate(
        ranked_as_of=Subquery(latest.values("as_of")[:1]),
        ranking_undetermined=Subquery(latest.values("undetermined")[:1]),
    )
