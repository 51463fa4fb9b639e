"""Tables of the agreement with human scores of texts: per grouping, over systems, and of the systems themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import COUNT, Form
from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import Cell, Table, TableRow, count_cell, estimate_cell, missing
from hlv.stats.meta_evaluation.grouped_agreement import ACCURACY, GroupedAgreement
from hlv.stats.meta_evaluation.score_cells import GROUPINGS, Grouping
from metaeval.results.segment_agreement import (
    HumanSystem,
    MeanOverStudies,
    MetricSegments,
    SegmentAgreement,
    SystemAgreement,
)

COEFFICIENTS: Final = ("kendall_tau_b", "spearman", "pearson", ACCURACY)


def segment_tables(result: SegmentAgreement) -> list[Table]:
    return [
        *(_grouping_table(result, grouping) for grouping in GROUPINGS),
        _systems_table(result),
        *([_human_table(result)] if result.systems else []),
    ]


def means_table(means: Sequence[MeanOverStudies], studies: Sequence[str]) -> Table:
    return Table(
        [_("Metric"), _("SPA"), _("Accuracy with ties, per text"), _("Mean of both")],
        [
            TableRow(
                mean.name, [_bare(value, mean.undefined) for value in (mean.soft, mean.accuracy, mean.both)]
            )
            for mean in means
        ],
        title=_("Weighted means over {studies}").format(studies=listed(studies)),
    )


def segment_notes(result: SegmentAgreement) -> list[str]:
    """A few sentences: what was drawn, and what is missing."""
    notes = []
    unit = {"items": _("texts"), "systems": _("systems"), "both": _("texts and systems")}[result.unit]
    drawn = _("documents, by the column {column}").format(column=result.documents)
    notes.append(
        _("Intervals come from {n} bootstrap resamples of {unit} (seed {seed}), less their bias.").format(
            n=f"{result.n_resamples:,}", unit=drawn if result.documents else unit, seed=result.seed
        )
    )
    notes.append(
        _("SPA is soft pairwise accuracy from paired permutations. Outliers are systems by the rule of WMT.")
    )
    if result.why_no_outliers:
        notes.append(result.why_no_outliers)
    notes += [f"{metric.name}: {metric.undetermined}" for metric in result.metrics if metric.undetermined]
    return notes


def _grouping_table(result: SegmentAgreement, grouping: Grouping) -> Table:
    titles = {
        "none": _("All texts of all systems together"),
        "item": _("Per text, over systems"),
        "system": _("Per system, over texts"),
    }
    return Table(
        [
            _("Metric"), _("Kendall τ-b"), _("Spearman ρ"), _("Pearson r"), _("Accuracy with ties"), _("Tie threshold"),
            _("Groups"), _("Left out (constant)"),
        ],
        [
            TableRow(metric.name, _cells(metric.groupings[grouping]))
            for metric in result.metrics
            if grouping in metric.groupings
        ],
        title=titles[grouping],
    )  # fmt: skip


def _cells(found: GroupedAgreement) -> list[Cell]:
    tau = found.coefficients["kendall_tau_b"]
    return [
        *(
            estimate_cell(one.value, one.interval, digits=3, reason=one.rule)
            for one in map(found.coefficients.__getitem__, COEFFICIENTS)
        ),
        missing(_("no pair")) if found.threshold is None else Cell(f"{found.threshold:.4g}"),
        count_cell(tau.n_groups),
        count_cell(tau.n_constant),
    ]


def _systems_table(result: SegmentAgreement) -> Table:
    return Table(
        [
            _("Metric"), _("Systems"), _("Pearson r"), _("|r|"), _("Kendall τ-b"), _("Without outliers"),
            _("their r"), _("their τ-b"), _("SPA"), _("SPA by chance"),
        ],
        [TableRow(metric.name, _system_cells(metric, metric.systems)) for metric in result.metrics if metric.systems],
        title=_("Mean scores of systems"),
    )  # fmt: skip


def _system_cells(metric: MetricSegments, systems: SystemAgreement) -> list[Cell]:
    without = systems.without_outliers or {}
    return [
        count_cell(systems.n_systems),
        *(
            _bare(value)
            for value in (systems.full["pearson"], systems.strength, systems.full["kendall_tau_b"])
        ),
        count_cell(systems.n_without_outliers),
        *(_bare(without.get(name)) for name in ("pearson", "kendall_tau_b")),
        _bare(metric.soft.value) if metric.soft else missing(metric.why_no_soft),
        _bare(metric.soft.chance) if metric.soft else missing(metric.why_no_soft),
    ]


def _bare(value: float | None, reason: str = "") -> Cell:
    return missing(reason or _("undefined")) if value is None else Cell(value, form=Form(digits=3))


def _human_table(result: SegmentAgreement) -> Table:
    return Table(
        [_("System"), _("Mean of {score}").format(score=result.against), _("Texts"), _("Cluster"), _("Ranks"), _("Outlier")],
        [TableRow(system.name, _human_cells(system)) for system in result.systems],
        title=_("Systems by human score (clusters: Wilcoxon rank-sum test, p < .05, without a correction)"),
    )  # fmt: skip


def _human_cells(system: HumanSystem) -> list[Cell]:
    ranks = (
        str(system.best_rank)
        if system.best_rank == system.worst_rank
        else f"{system.best_rank}–{system.worst_rank}"
    )
    return [
        Cell(system.mean, form=Form(digits=3)),
        Cell(system.n_texts, form=COUNT),
        Cell(system.cluster, form=COUNT),
        Cell(ranks),
        Cell(_("yes") if system.is_outlier else _("no")),
    ]
