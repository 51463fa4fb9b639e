"""The tables of a dashboard as files for programs: every digit, and where each number comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.formats.writing import CellValue, csv_text
from annotations.models import Snapshot
from metaeval.exporters.judges import JUDGE_HEADER, judge_rows
from metaeval.exporters.results import (
    AGREEMENT_HEADER,
    DIFFERENCE_HEADER,
    RANKING_HEADER,
    SCORE_TABLE_HEADER,
    agreement_rows,
    difference_rows,
    ranking_rows,
    score_table_rows,
)
from metaeval.models import Campaign
from metaeval.selectors.snapshots import newest_agreement, newest_judge_report, newest_ranking
from metaeval.views.results import campaign_for

PROVENANCE_HEADER = ("snapshot", "as_of", "seed", "code_version")


@require_safe
@login_required
def campaign_table(request: HttpRequest, campaign_uuid: UUID, table: str) -> HttpResponse:
    """A table of the dashboard as a file."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    makers = {
        "metric-agreement": _agreement_csv,
        "metric-differences": _differences_csv,
        "judges": _judges_csv,
        "ranking": _ranking_csv,
        "scores": _scores_csv,
    }
    text = makers[table](campaign) if table in makers else None
    if text is None:
        raise Http404("No such table.")
    name = f"{slugify(campaign.study.slug)}-{table}.csv"
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _csv(snapshot: Snapshot, header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> Iterator[str]:
    origin = (str(snapshot.uuid), snapshot.as_of, snapshot.seed, snapshot.code_version)
    return csv_text((*PROVENANCE_HEADER, *header), ((*origin, *row) for row in rows))


def _ranking_csv(campaign: Campaign) -> Iterator[str] | None:
    ranked = newest_ranking(campaign)
    return None if ranked is None else _csv(ranked, RANKING_HEADER, ranking_rows(ranked.result))


def _agreement_csv(campaign: Campaign) -> Iterator[str] | None:
    agreed = newest_agreement(campaign)
    if agreed is None:
        return None
    return _csv(agreed, AGREEMENT_HEADER, agreement_rows(agreed.result, against=campaign.name))


def _differences_csv(campaign: Campaign) -> Iterator[str] | None:
    agreed = newest_agreement(campaign)
    if agreed is None or "differences" not in agreed.result:
        return None
    return _csv(agreed, DIFFERENCE_HEADER, difference_rows(agreed.result, against=campaign.name))


def _scores_csv(campaign: Campaign) -> Iterator[str] | None:
    agreed = newest_agreement(campaign)
    if agreed is None or agreed.scoring is None:
        return None
    return _csv(agreed.scoring, SCORE_TABLE_HEADER, score_table_rows(agreed.scoring.result))


def _judges_csv(campaign: Campaign) -> Iterator[str] | None:
    report = newest_judge_report(campaign)
    return None if report is None else _csv(report, JUDGE_HEADER, judge_rows(report.result))
