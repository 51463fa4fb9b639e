"""One table of the metric agreement of several criteria, campaigns and studies, from their snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from annotations.jobs import JobRefusedError
from annotations.models import Study
from hlv.core.tabular.writing import iso
from hlv.stats.meta_evaluation.family_correction import Cell, correct_over_tables, smallest_p_of
from metaeval.models import Campaign, MetricAgreement
from metaeval.results.agreement_over_campaigns import (
    AgreementCell,
    AgreementOverCampaigns,
    AgreementSource,
    MetricOverCampaigns,
)
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.metric_rows import LEVEL, AgreementTable, MetricRow
from metaeval.selectors.scores import corrected_directions
from metaeval.selectors.snapshots import agreement_with_ranking, agreements_with_scores, newest_ranking

# A metric of one name and origin is the same in all studies.
Key = tuple[str, str]


@dataclass(frozen=True, eq=False)
class _Column:
    source: AgreementSource
    table: AgreementTable

    @cached_property
    def by_key(self) -> dict[Key, MetricRow]:
        return {(row.name, row.origin): row for row in self.table.metrics}


def newest_agreement(campaign: Campaign) -> MetricAgreement | None:
    """The metric agreement of the newest ranking of a whole campaign; of an earlier one where that has none."""
    ranking = newest_ranking(campaign)
    return None if ranking is None else agreement_with_ranking(ranking)


def newest_agreements(study: Study) -> list[MetricAgreement]:
    """Of each campaign of a study, and of each human score that metrics were compared with."""
    campaigns = [newest_agreement(campaign) for campaign in study.campaigns.order_by("pk")]
    scores = sorted(agreements_with_scores(study), key=lambda one: one.against.name if one.against else "")
    return [*filter(None, campaigns), *scores]


def agreement_over_campaigns(
    snapshots: Sequence[MetricAgreement],
    *,
    statistic: str = "kendall_tau_b",
    metrics: Sequence[str] = (),
    by_base_model: bool = False,
) -> AgreementOverCampaigns:
    """The agreement of each metric in each snapshot, with Holm's correction over all cells.

    Parameters
    ----------
    snapshots
        A column each, in this order; a snapshot twice is there once.
    statistic
        One of `MEASURES`.
    metrics
        Names; none named: all, without the human scores that a column of the same study compares with.
    by_base_model
        A column for each base model within a snapshot. A snapshot of one base model has one column.

    Raises
    ------
    JobRefusedError
        If there is no snapshot, or a name is no metric of any of them.
    """
    distinct = list({snapshot.pk: snapshot for snapshot in snapshots}.values())
    if not distinct:
        raise JobRefusedError("There is no metric agreement yet: compute one with hlv metaeval.")
    columns = _titled([column for one in distinct for column in _columns(one, by_base_model=by_base_model)])
    keys, left_out = _rows_of(columns, metrics)
    cells = [[_cell(column, key, statistic) for column in columns] for key in keys]
    family = correct_over_tables(
        [_tested(column, number, key, statistic) for key in keys for number, column in enumerate(columns)]
    )
    adjusted = iter(family.adjusted_p)
    floors = [floor for floor in family.smallest_adjusted_p if floor is not None]
    return AgreementOverCampaigns(
        statistic=statistic,
        columns=[column.source for column in columns],
        rows=[
            _row(columns, key, [replace(cell, adjusted_p=next(adjusted)) for cell in of_key])
            for key, of_key in zip(keys, cells, strict=True)
        ],
        n_tests=family.n_tests,
        smallest_adjusted_p=min(floors, default=None),
        n_undecidable=sum(floor >= LEVEL for floor in floors),
        left_out=left_out,
    )


def _columns(snapshot: MetricAgreement, *, by_base_model: bool) -> list[_Column]:
    result = read_agreement(snapshot)
    source = AgreementSource(
        study=snapshot.study.slug,
        campaign=result.campaign if snapshot.against is None else "",
        against="" if snapshot.against is None else snapshot.against.name,
        title="",
        snapshot=str(snapshot.uuid),
        as_of=iso(snapshot.as_of),
        seed=snapshot.seed,
        code_version=snapshot.code_version,
        n_methods=result.n_methods or len(result.methods),
        n_judgments=result.n_judgments,
        undetermined=snapshot.undetermined,
        corrected=corrected_directions(snapshot.study_id, since=snapshot.as_of),
    )
    if not by_base_model or result.grouped is None:
        return [_Column(source, result)]
    return [
        _Column(
            replace(
                source,
                base_model=table.group,
                n_methods=table.n_methods,
                n_judgments=_n_judgments(table.n_judgments, result),
                undetermined="" if table.has_answer else table.undetermined or "",
            ),
            table,
        )
        for table in result.grouped.each
    ]


def _n_judgments(own: int | None, result: MetricAgreementResult) -> int | None:
    """Where groups are on the scale of all methods, all judgments made it."""
    return result.n_judgments if own is None else own


def _titled(columns: Sequence[_Column]) -> list[_Column]:
    """A study is named where there are several."""
    several = len({column.source.study for column in columns}) > 1
    found = []
    for column in columns:
        source = column.source
        parts = [source.study if several else "", source.campaign or source.against, source.base_model]
        found.append(_Column(replace(source, title=" · ".join(filter(None, parts))), column.table))
    return found


def _rows_of(columns: Sequence[_Column], metrics: Sequence[str]) -> tuple[list[Key], list[str]]:
    """Metrics in the order in which they come, and the human scores that are left out."""
    keys = list(dict.fromkeys(key for column in columns for key in column.by_key))
    names = {name for name, _origin in keys}
    if unknown := sorted(set(metrics) - names):
        raise JobRefusedError(
            f"No metric agreement has a metric {unknown[0]!r}; known are {', '.join(sorted(names))}."
        )
    if metrics:
        return [key for name in dict.fromkeys(metrics) for key in keys if key[0] == name], []
    human = {(column.source.against, "uploaded") for column in columns if column.source.against}
    return [key for key in keys if key not in human], sorted({name for name, _origin in human & set(keys)})


def _cell(column: _Column, key: Key, statistic: str) -> AgreementCell:
    row = column.by_key.get(key)
    if row is None:
        return AgreementCell(undetermined=column.source.undetermined)
    found = row.coefficients.get(statistic)
    why = (None if found is None else found.undetermined) or row.undetermined or ""
    return AgreementCell(coefficient=found, n_methods=row.n_methods, undetermined=why)


def _tested(column: _Column, number: int, key: Key, statistic: str) -> Cell:
    row = column.by_key.get(key)
    found = None if row is None else row.coefficients.get(statistic)
    if row is None or found is None or found.value is None or found.p is None:
        return Cell(str(number), "", None)
    n_methods = row.n_methods or column.source.n_methods
    return Cell(str(number), row.hypothesis, found.p, smallest_p_of(statistic, n_methods, found.p_from))


def _row(columns: Sequence[_Column], key: Key, cells: list[AgreementCell]) -> MetricOverCampaigns:
    first = next(column.by_key[key] for column in columns if key in column.by_key)
    return MetricOverCampaigns(
        name=first.name,
        label=first.label,
        origin=first.origin,
        higher_is_better=first.higher_is_better,
        cells=cells,
    )
