"""The tables of a dashboard as files for programs: every digit, and where each number comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.models import Snapshot
from hlv.core.tabular.writing import CellValue, csv_text
from metaeval.exporters.judges import JUDGE_HEADER, judge_rows
from metaeval.exporters.results import (
    AGREEMENT_HEADER,
    DIFFERENCE_HEADER,
    GROUP_HEADER,
    SCORE_TABLE_HEADER,
    agreement_rows,
    difference_rows,
    group_rows,
    score_table_rows,
)
from metaeval.findings.pair_findings import PAIR_HEADER, pairs_table
from metaeval.findings.ranking_tables import RANKING_HEADER, ranking_table
from metaeval.models import Campaign, MetricAgreement, Ranking
from metaeval.results.file_rows import (
    METHOD_SCORE_HEADER,
    SENSITIVITY_HEADER,
    method_score_rows,
    sensitivity_rows,
)
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.ranking import read_ranking
from metaeval.selectors.snapshots import newest_judge_report, newest_sensitivity
from metaeval.views.results import campaign_for, snapshots_for

PROVENANCE_HEADER = ("snapshot", "as_of", "seed", "code_version")


@require_safe
@login_required
def campaign_table(request: HttpRequest, campaign_uuid: UUID, table: str) -> HttpResponse:
    """A table of the dashboard as a file."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = snapshots_for(request, campaign)
    text = _judges_csv(campaign) if table == "judges" else _table_csv(table, campaign, ranked, agreed)
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


def _table_csv(
    table: str, campaign: Campaign, ranked: Ranking | None, agreed: MetricAgreement | None
) -> Iterator[str] | None:
    of_agreement = OF_AGREEMENT.get(table)
    if table == "ranking" and ranked is not None:
        return _csv(ranked, RANKING_HEADER, ranking_table(read_ranking(ranked)).file_rows(RANKING_HEADER))
    if table == "pairs" and ranked is not None:
        result = read_ranking(ranked)
        rows = pairs_table(result, result.compared).file_rows(PAIR_HEADER)
        return None if result.pairs is None else _csv(ranked, PAIR_HEADER, rows)
    if of_agreement is not None and agreed is not None:
        (header, made, has_rows), found = of_agreement, read_agreement(agreed)
        return _csv(agreed, header, made(found, against=campaign.name)) if has_rows(found) else None
    if table == "scores" and agreed is not None and agreed.scoring is not None:
        return _csv(agreed.scoring, SCORE_TABLE_HEADER, score_table_rows(agreed.scoring.result))
    if table == "sensitivity" and ranked is not None:
        tried = newest_sensitivity(ranked)
        rows_of = None if tried is None else sensitivity_rows(tried.result, campaign=campaign.name)
        return None if tried is None or rows_of is None else _csv(tried, SENSITIVITY_HEADER, rows_of)
    return None


Rows = Callable[..., Iterator[tuple[CellValue, ...]]]
# Of each table its header, its rows, and whether a snapshot has it.
OF_AGREEMENT: dict[str, tuple[Sequence[str], Rows, Callable[[MetricAgreementResult], bool]]] = {
    "metric-agreement": (AGREEMENT_HEADER, agreement_rows, lambda _result: True),
    "metric-differences": (DIFFERENCE_HEADER, difference_rows, lambda result: bool(result.differences)),
    "metric-groups": (GROUP_HEADER, group_rows, lambda result: result.groups is not None),
    "metric-ranks": (METHOD_SCORE_HEADER, method_score_rows, lambda result: result.scores is not None),
}


def _judges_csv(campaign: Campaign) -> Iterator[str] | None:
    report = newest_judge_report(campaign)
    return None if report is None else _csv(report, JUDGE_HEADER, judge_rows(report.result))
