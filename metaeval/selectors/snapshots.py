"""Snapshots and their figures as a dashboard reads them; the bytes of figures stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, NullIf

from annotations.models import Annotation, Import, ImportReversal, Item, Job, Participant, Study
from hlv.core.figures.figure_files import FigureFile
from metaeval.models import (
    AnalysisPlan,
    Campaign,
    Figure,
    JudgeReport,
    Judgment,
    Method,
    MetricAgreement,
    Ranking,
    Sensitivity,
    SupplementaryAnalysis,
)
from metaeval.selectors.campaigns import campaign_keys
from metaeval.selectors.judgments import FIRST_VERDICTS, current_judgments
from metaeval.selectors.selections import EVERYTHING, Selection


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


def latest_before(ranking: Ranking, is_wanted: Callable[[dict[str, object]], bool]) -> Ranking | None:
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


def computed_selections(campaign: Campaign) -> set[Selection]:
    """The parts of a campaign that have a snapshot."""
    names = Ranking.objects.filter(campaign=campaign).order_by().values_list("base_model", "judge_group")
    return {Selection(*row) for row in names.distinct()}


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


def figure_files(*snapshots: Ranking | MetricAgreement | SupplementaryAnalysis | None) -> list[FigureFile]:
    rankings = [snapshot.pk for snapshot in snapshots if isinstance(snapshot, Ranking)]
    agreements = [snapshot.pk for snapshot in snapshots if isinstance(snapshot, MetricAgreement)]
    analyses = [snapshot.pk for snapshot in snapshots if isinstance(snapshot, SupplementaryAnalysis)]
    rows = Figure.objects.filter(
        Q(ranking__in=rankings) | Q(metric_agreement__in=agreements) | Q(supplementary_analysis__in=analyses)
    )
    columns = rows.order_by("pk").values_list("uuid", "name", "theme", "media_type")
    return [FigureFile(*row) for row in columns]


def figures() -> QuerySet[Figure]:
    """Figures with the study they belong to."""
    return Figure.objects.select_related(
        "ranking__study", "metric_agreement__study", "supplementary_analysis__study"
    )


def newest_analyses(study: Study, campaign: Campaign | None) -> dict[str, SupplementaryAnalysis]:
    """The latest supplementary analysis of each kind: of the study, and of the campaign where there is one."""
    rows = SupplementaryAnalysis.objects.filter(study=study).filter(
        Q(campaign__isnull=True) | Q(campaign=campaign)
    )
    newest = rows.order_by().values("kind").annotate(newest=Max("pk")).values("newest")
    found = SupplementaryAnalysis.objects.filter(pk__in=newest).select_related("against", "campaign")
    return {analysis.kind: analysis for analysis in found}


def analysis_by_uuid(uuid: UUID) -> SupplementaryAnalysis | None:
    rows = SupplementaryAnalysis.objects.select_related("study", "campaign", "against")
    return rows.filter(uuid=uuid).first()


OF_STUDY = frozenset({SupplementaryAnalysis.Kind.SEGMENTS, SupplementaryAnalysis.Kind.ANNOTATORS})
OF_SELECTION = frozenset({"metaeval", "sensitivity"})
OF_RANKING = OF_SELECTION | {"judges"}
COMPUTED = OF_STUDY | OF_RANKING | {SupplementaryAnalysis.Kind.CEILING}


def unfinished_jobs(
    study: Study, campaign: Campaign | None, selection: Selection = EVERYTHING
) -> dict[str, Job]:
    """Of each kind, the computation of the study or of this campaign that is asked for and not over."""
    waiting = Job.objects.filter(
        study=study, kind__in=COMPUTED, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    found: dict[str, Job] = {}
    for job in waiting.order_by("-pk")[:50]:
        is_of_part = job.kind not in OF_SELECTION or Selection.of(job.params) == selection
        if job.kind in OF_STUDY or (campaign is not None and is_of_part and _is_of(job, campaign)):
            found.setdefault(job.kind, job)
    return found


def _is_of(job: Job, campaign: Campaign) -> bool:
    """Not asked of the database: looking into JSON differs from one to the other."""
    named: object = job.params.get("campaign")
    return named == str(campaign.uuid)


def campaigns_with_judgments(study: Study) -> QuerySet[Campaign]:
    """Campaigns with the time and the state of their latest ranking."""
    latest = Ranking.objects.filter(campaign=OuterRef("pk"), **asdict(EVERYTHING)).order_by("-pk")
    return study.campaigns.annotate(
        ranked_as_of=Subquery(latest.values("as_of")[:1]),
        ranking_undetermined=Subquery(latest.values("undetermined")[:1]),
    )


KINDS = ("metaeval", "ranking", "judges", "sensitivity", "noise-ceiling")
# Older ones are still there; nobody pages through them here.
MOST_JOBS = 200


def campaign_jobs(campaign: Campaign) -> list[Job]:
    """The newest first, with who asked."""
    asked = Job.objects.filter(study_id=campaign.study_id, kind__in=KINDS).select_related("created_by")
    return [job for job in asked.order_by("-pk")[: 5 * MOST_JOBS] if _is_of(job, campaign)][:MOST_JOBS]


def newest_request(campaign: Campaign) -> Job | None:
    """The job that was asked for last and ranks the whole campaign."""
    asked = Job.objects.filter(study_id=campaign.study_id, kind__in=("metaeval", "ranking")).order_by("-pk")
    return next(
        (job for job in asked[:50] if _is_of(job, campaign) and Selection.of(job.params) == EVERYTHING), None
    )


def campaigns_judged_since_ranked() -> list[tuple[Campaign, Ranking]]:
    """Campaigns whose newest ranking may be older than their newest judgment, each with that ranking."""
    newest = Judgment.objects.filter(exposure__isnull=False).order_by("-pk").values("received_at")[:1]
    latest = Ranking.objects.filter(campaign=OuterRef("campaign"), **asdict(EVERYTHING)).order_by("-pk")
    older = Ranking.objects.filter(pk=Subquery(latest.values("pk")[:1]), as_of__lt=Subquery(newest))
    return [(ranking.campaign, ranking) for ranking in older.select_related("campaign__study")]


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
USUAL_SIZES = {"n_methods": 9, "n_judges": 12, "n_judgments": 2400, "n_items": 80}


def usual_sizes(study: Study) -> dict[str, int]:
    """The study as it stands, where it stands already."""
    there = {
        "n_methods": Method.objects.filter(study=study).count(),
        "n_judges": Participant.objects.filter(
            study=study, role=Participant.Role.JUDGE, is_active=True
        ).count(),
        "n_judgments": Judgment.objects.filter(
            comparison__campaign__in=campaign_keys(study), automatic_judge__isnull=True
        ).count(),
        "n_items": Item.objects.filter(study=study).count(),
    }
    least = {"n_methods": 2, "n_judges": 1, "n_judgments": 1, "n_items": 1}
    return {name: there[name] if there[name] >= least[name] else usual for name, usual in USUAL_SIZES.items()}


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
