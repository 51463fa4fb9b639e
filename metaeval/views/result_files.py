"""The tables of a dashboard as files for programs: every digit, and where each number comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.models import Snapshot
from annotations.submit_responses import reply_with_figure
from hlv.core.figures.drawing import as_file, on_paper
from hlv.core.figures.figure_files import ON_DEMAND, PNG, SVG
from hlv.core.rendering.tables import file_rows
from hlv.core.tabular.writing import CellValue, csv_text
from metaeval.exporters.results import (
    AGREEMENT_HEADER,
    DIFFERENCE_HEADER,
    GROUP_HEADER,
    agreement_rows,
    difference_rows,
    group_rows,
)
from metaeval.exporters.supplementary import PROVENANCE_HEADER
from metaeval.figures import strength_scores
from metaeval.findings.judge_findings import JUDGE_HEADER, judges_table
from metaeval.findings.outlier_tables import OUTLIER_HEADER, outlier_rows
from metaeval.findings.pair_findings import PAIR_HEADER, pairs_table
from metaeval.findings.ranking_tables import RANKING_HEADER, ranking_table
from metaeval.findings.score_tables import SCORE_HEADER, metric_table
from metaeval.findings.sensitivity_findings import SENSITIVITY_HEADER, sensitivity_table
from metaeval.models import Campaign, Figure, MetricAgreement, Ranking
from metaeval.results.judges import read_judges
from metaeval.results.method_scores import METHOD_SCORE_HEADER, method_score_rows, method_scores
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.ranking import read_ranking, read_sensitivity
from metaeval.results.scoring import read_scoring
from metaeval.selectors.snapshots import figures, newest_judge_report, newest_sensitivity
from metaeval.views.results import campaign_for, download, snapshots_for


@require_safe
@login_required
def campaign_table(request: HttpRequest, campaign_uuid: UUID, table: str) -> HttpResponse:
    """A table of the dashboard as a file."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = snapshots_for(request, campaign)
    text = _judges_csv(campaign) if table == "judges" else _table_csv(table, campaign, ranked, agreed)
    if text is None:
        raise Http404("No such table.")
    # Joined: a table of a snapshot is small.
    return download("".join(text), name=f"{slugify(campaign.study.slug)}-{table}.csv", media_type="text/csv")


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
        scored = read_scoring(agreed.scoring)
        tables = (metric_table(metric, n_resamples=scored.n_asked) for metric in scored.metrics)
        return _csv(agreed.scoring, SCORE_HEADER, file_rows(tables, SCORE_HEADER))
    if table == "sensitivity" and ranked is not None:
        tried = newest_sensitivity(ranked)
        if tried is None:
            return None
        choices = sensitivity_table(read_sensitivity(tried), most_judges=None, campaign=campaign.name)
        return _csv(tried, SENSITIVITY_HEADER, choices.file_rows(SENSITIVITY_HEADER))
    return None


Rows = Callable[..., Iterator[tuple[CellValue, ...]]]
# Of each table its header, its rows, and whether a snapshot has it.
OF_AGREEMENT: dict[str, tuple[Sequence[str], Rows, Callable[[MetricAgreementResult], bool]]] = {
    "metric-agreement": (AGREEMENT_HEADER, agreement_rows, lambda _result: True),
    "metric-differences": (DIFFERENCE_HEADER, difference_rows, lambda result: bool(result.differences)),
    "metric-groups": (GROUP_HEADER, group_rows, lambda result: result.groups is not None),
    "metric-outliers": (OUTLIER_HEADER, outlier_rows, lambda result: result.outliers is not None),
    "metric-ranks": (METHOD_SCORE_HEADER, method_score_rows, lambda result: result.scores is not None),
}


def _judges_csv(campaign: Campaign) -> Iterator[str] | None:
    report = newest_judge_report(campaign)
    if report is None:
        return None
    return _csv(report, JUDGE_HEADER, judges_table(read_judges(report)).file_rows(JUDGE_HEADER))


@require_safe
@login_required
def figure(request: HttpRequest, figure_uuid: UUID) -> HttpResponse:
    """Shown in a page, or saved as a file with `?download`; as PNG or PDF where only its SVG was kept with `?as=`."""
    found = figures().filter(uuid=figure_uuid).first()
    if found is None:
        raise Http404("No such figure.")
    snapshot = found.ranking or found.metric_agreement or found.supplementary_analysis
    if snapshot is None:
        raise Http404("No such figure.")
    policy.require(request.user, snapshot.study, policy.Action.SEE_RESULTS)
    content, media_type = bytes(found.content), found.media_type
    if "as" in request.GET:
        content, media_type = _drawn_as(request.GET["as"], content, media_type)
    elif "download" in request.GET and media_type == SVG:
        content = as_file(content)
    theme = "" if found.theme == "light" else f"-{found.theme}"
    response = reply_with_figure(
        content,
        media_type,
        name=f"{slugify(snapshot.study.slug)}-{_file_stem(found)}{theme}",
        download="download" in request.GET,
        printed="printed" in request.GET,
    )
    # A drawing of sixty methods is a fifth of its size then; the other kinds are compressed already.
    return _compressed(request, response) if media_type == SVG else response


def _file_stem(found: Figure) -> str:
    """A figure of one metric is named after the metric, not after its place."""
    if found.metric_agreement is None or not found.name.startswith(strength_scores.NAME):
        return found.name
    metric = strength_scores.metric_of(method_scores(read_agreement(found.metric_agreement)), found.name)
    return f"{strength_scores.NAME}-{slugify(metric)}" if slugify(metric) else found.name


def _drawn_as(asked: str, content: bytes, media_type: str) -> tuple[bytes, str]:
    if media_type != SVG or asked not in ON_DEMAND:
        raise Http404("No such figure.")
    drawing = on_paper(as_file(content))
    return (drawing.png if ON_DEMAND[asked] == PNG else drawing.pdf), ON_DEMAND[asked]


def _compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    packed: HttpResponse = gzip_page(lambda _request: response)(request)
    return packed
