"""Tables of the agreement with human scores of texts: per grouping, between metrics, over systems, and of the systems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import COUNT, Form, P, written
from hlv.core.rendering.sentences import figure_with_interval, joined, listed, reason
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Medium,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    missing,
    p_cell,
)
from hlv.stats.meta_evaluation.grouped_agreement import ACCURACY, GroupedAgreement
from hlv.stats.meta_evaluation.score_cells import GROUPINGS, Grouping
from hlv.stats.meta_evaluation.segment_differences import SegmentDifference, SegmentDifferences
from metaeval.results.segment_agreement import (
    HumanSystem,
    MeanOverStudies,
    MetricSegments,
    SegmentAgreement,
    SystemAgreement,
)

COEFFICIENTS: Final = ("kendall_tau_b", "spearman", "pearson", ACCURACY)
ALPHA: Final = 0.05
DIGITS: Final = 3
# Columns of files alone.
IN_FILES: Final[frozenset[Medium]] = frozenset()
SEGMENT_HEADER: Final = (
    *("against", "grouping", "metric"),
    *(f"{name}{end}" for name in COEFFICIENTS for end in ("", "_low", "_high")),
    *("threshold", "n_groups", "n_constant", "undetermined"),
)
SEGMENT_DIFFERENCE_HEADER: Final = (
    *("against", "coefficient", "first", "second", "difference", "interval_low", "interval_high"),
    *("p", "adjusted_p", "n_texts", "n_units"),
)
SEGMENT_SYSTEMS_HEADER: Final = (
    *("against", "metric", "n_systems", "pearson", "absolute_pearson", "kendall_tau_b", "n_without_outliers"),
    *("pearson_without_outliers", "absolute_pearson_without_outliers", "kendall_tau_b_without_outliers"),
    *("soft_pairwise_accuracy", "soft_pairwise_accuracy_by_chance"),
)
HUMAN_SYSTEMS_HEADER: Final = (
    *("against", "system", "mean", "n_texts", "cluster", "best_rank", "worst_rank", "is_outlier"),
)


def segment_tables(result: SegmentAgreement) -> list[Table]:
    return [
        *grouping_tables(result),
        *difference_tables(result),
        systems_table(result),
        *([human_table(result)] if result.systems else []),
    ]


def grouping_tables(result: SegmentAgreement) -> list[Table]:
    """Per text first: the question that metrics are asked most."""
    return [_grouping_table(result, grouping) for grouping in sorted(GROUPINGS, key=_ORDER.index)]


_ORDER: Final[tuple[Grouping, ...]] = ("item", "system", "none")


def coefficient_words(name: str) -> str:
    return {
        "kendall_tau_b": _("Kendall τ-b"),
        "spearman": _("Spearman ρ"),
        "pearson": _("Pearson r"),
        ACCURACY: _("Accuracy with ties"),
    }[name]


def grouping_words(grouping: Grouping) -> str:
    return {
        "none": _("All texts of all systems together"),
        "item": _("Per text, over systems"),
        "system": _("Per system, over texts"),
    }[grouping]


def means_table(means: Sequence[MeanOverStudies], studies: Sequence[str]) -> Table:
    return Table(
        [_("Metric"), _("SPA"), _("Accuracy with ties, per text"), _("Mean of both")],
        [
            TableRow(
                mean.name,
                [
                    _bare(mean.soft, mean.undefined),
                    estimate_cell(
                        mean.accuracy, mean.accuracy_interval, digits=DIGITS, reason=mean.accuracy_rule
                    ),
                    _bare(mean.both, mean.undefined),
                ],
            )
            for mean in means
        ],
        title=_("Weighted means over {studies}").format(studies=listed(studies)),
    )


def segment_headline(result: SegmentAgreement) -> str:
    """The metric that agrees best per text, and how many pairs of metrics differ."""
    known = [
        (found.coefficients["kendall_tau_b"], metric.label)
        for metric in result.metrics
        if (found := metric.groupings.get("item")) and found.coefficients["kendall_tau_b"].value is not None
    ]
    if not known:
        return _("No metric has an agreement with {score} per text.").format(score=listed([result.against]))
    best, label = max(known, key=lambda one: one[0].value or 0.0)
    said = _("Per text, {metric} agrees best with {score} (mean τ-b {value}).").format(
        metric=listed([label]),
        score=listed([result.against]),
        value=figure_with_interval(best.value or 0.0, best.interval),
    )
    return f"{said} {_significance(result)}".rstrip()


def _significance(result: SegmentAgreement) -> str:
    tests = next((one for one in result.differences if one.coefficient == "kendall_tau_b"), None)
    if tests is None or not tests.pairs:
        return ""
    if tests.smallest_p > ALPHA:
        return _(
            "There are too few texts for a verdict between metrics: the smallest adjusted p possible is {p}."
        ).format(p=written(tests.smallest_p, P))
    n_different = sum(pair.adjusted_p < ALPHA for pair in tests.pairs)
    return ngettext(
        "{n} of {of} pair of metrics differs significantly (Holm correction).",
        "{n} of {of} pairs of metrics differ significantly (Holm correction).",
        len(tests.pairs),
    ).format(n=n_different, of=len(tests.pairs))


def segment_notes(result: SegmentAgreement) -> list[str]:
    """A few sentences: what was drawn, what the tests assume, and what is missing."""
    notes = []
    unit = {"items": _("texts"), "systems": _("systems"), "both": _("texts and systems")}[result.unit]
    drawn = _("documents, by the column {column}").format(column=result.documents)
    if result.n_resamples:
        notes.append(
            _("Intervals come from {n} bootstrap resamples of {unit} (seed {seed}), less their bias.").format(
                n=f"{result.n_resamples:,}", unit=drawn if result.documents else unit, seed=result.seed
            )
        )
    if result.differences:
        exchanged = _("documents") if result.documents else _("texts")
        notes.append(
            _(
                "Tests between metrics exchange whole {unit}. Null hypothesis: on each of them the two metrics agree "
                "equally well with people. Systems and human scores are fixed."
            ).format(unit=exchanged)
        )
    notes.append(
        _("SPA is soft pairwise accuracy from paired permutations. Outliers are systems by the rule of WMT.")
    )
    notes.append(_("|r| is for metrics without a direction: it also rewards a metric that is upside down."))
    notes += [note for note in (result.why_no_outliers, result.why_no_differences) if note]
    notes += map(reason, result.notes)
    notes += [f"{metric.label}: {metric.undetermined}" for metric in result.metrics if metric.undetermined]
    return notes


def _grouping_table(result: SegmentAgreement, grouping: Grouping) -> Table:
    coefficients = [
        Column(
            coefficient_words(name),
            interval=_("95 % interval"),
            names=(name, f"{name}_low", f"{name}_high"),
        )
        for name in COEFFICIENTS
    ]
    return Table(
        [
            Column(_("Metric"), names=("metric",)),
            *coefficients,
            _("Tie threshold"),
            Column(_("Groups"), names=("n_groups",)),
            Column(_("Left out (constant)"), names=("n_constant",)),
            Column("", names=("threshold",), media=IN_FILES),
            Column("", names=("undetermined",), media=IN_FILES),
        ],
        [
            TableRow(metric.label, _cells(metric.groupings[grouping]))
            for metric in result.metrics
            if grouping in metric.groupings
        ],
        title=grouping_words(grouping),
        everywhere={"against": result.against, "grouping": grouping},
    )


def _cells(found: GroupedAgreement) -> list[Cell]:
    tau = found.coefficients["kendall_tau_b"]
    shown = [found.coefficients[name] for name in COEFFICIENTS]
    why = joined(dict.fromkeys(one.rule for one in shown if one.value is None))
    return [
        *(estimate_cell(one.value, one.interval, digits=DIGITS, reason=one.rule) for one in shown),
        missing(_("no pair")) if found.threshold is None else Cell(f"{found.threshold:.4g}"),
        count_cell(tau.n_groups),
        count_cell(tau.n_constant),
        Cell(found.threshold),
        Cell(why or None),
    ]


def difference_tables(result: SegmentAgreement) -> list[Table]:
    """A table of the tests between metrics for each coefficient per text."""
    return [_difference_table(result, found) for found in result.differences if found.pairs]


def _difference_table(result: SegmentAgreement, found: SegmentDifferences) -> Table:
    words = (
        _("all {n} exchanges") if found.exact else _("{n} random exchanges")
    ).format(n=f"{found.n_permutations:,}")  # fmt: skip
    note = _("p is two-sided, from {exchanges}; adjusted over {n} pairs.").format(
        exchanges=words, n=len(found.pairs)
    )
    if found.smallest_p > ALPHA:
        note += " " + _("No verdict: the smallest adjusted p possible is {p}.").format(
            p=written(found.smallest_p, P)
        )
    return Table(
        [
            _("Metrics"),
            Column(
                _("Difference"),
                interval=_("95 % interval"),
                names=("difference", "interval_low", "interval_high"),
            ),
            Column(_("p"), names=("p",)),
            Column(_("Adjusted p"), names=("adjusted_p",)),
            Column(_("Texts"), names=("n_texts",)),
            Column(_("Documents") if result.documents else _("Exchanged"), names=("n_units",)),
            Column("", names=("first",), media=IN_FILES),
            Column("", names=("second",), media=IN_FILES),
        ],
        [_difference_row(result, pair) for pair in found.pairs],
        note=note,
        title=_("Differences between metrics per text: {coefficient}").format(
            coefficient=coefficient_words(found.coefficient)
        ),
        everywhere={"against": result.against, "coefficient": found.coefficient},
    )


def _difference_row(result: SegmentAgreement, pair: SegmentDifference) -> TableRow:
    first, second = (
        " = ".join(result.labels.get(name, name) for name in side) for side in (pair.first, pair.second)
    )
    difference = estimate_cell(pair.difference, pair.interval, signed=True, digits=DIGITS)
    return TableRow(
        _("{first} − {second}").format(first=first, second=second),
        [
            difference,
            p_cell(pair.p),
            p_cell(pair.adjusted_p),
            count_cell(pair.n_texts),
            count_cell(pair.n_units),
            Cell(first),
            Cell(second),
        ],
    )


def systems_table(result: SegmentAgreement) -> Table:
    """Mean scores of systems: all of them, and without the outliers."""
    return Table(
        [
            Column(_("Metric"), names=("metric",)),
            Column(_("Systems"), names=("n_systems",)),
            Column(_("Pearson r"), names=("pearson",)),
            Column(_("|r|"), names=("absolute_pearson",)),
            Column(_("Kendall τ-b"), names=("kendall_tau_b",)),
            Column(_("Without outliers"), names=("n_without_outliers",)),
            Column(_("their r"), names=("pearson_without_outliers",)),
            Column(_("their |r|"), names=("absolute_pearson_without_outliers",)),
            Column(_("their τ-b"), names=("kendall_tau_b_without_outliers",)),
            Column(_("SPA"), names=("soft_pairwise_accuracy",)),
            Column(_("SPA by chance"), names=("soft_pairwise_accuracy_by_chance",)),
        ],
        [
            TableRow(metric.label, _system_cells(metric, metric.systems))
            for metric in result.metrics
            if metric.systems
        ],
        title=_("Mean scores of systems"),
        everywhere={"against": result.against},
    )


def _system_cells(metric: MetricSegments, systems: SystemAgreement) -> list[Cell]:
    without = systems.without_outliers or {}
    their_r = without.get("pearson")
    return [
        count_cell(systems.n_systems),
        *(
            _bare(value)
            for value in (systems.full["pearson"], systems.strength, systems.full["kendall_tau_b"])
        ),
        count_cell(systems.n_without_outliers),
        *(
            _bare(value)
            for value in (their_r, None if their_r is None else abs(their_r), without.get("kendall_tau_b"))
        ),
        _bare(metric.soft.value) if metric.soft else missing(metric.why_no_soft),
        _bare(metric.soft.chance) if metric.soft else missing(metric.why_no_soft),
    ]


def _bare(value: float | None, reason: str = "") -> Cell:
    return missing(reason or _("undefined")) if value is None else Cell(value, form=Form(digits=DIGITS))


def human_table(result: SegmentAgreement) -> Table:
    return Table(
        [
            Column(_("System"), names=("system",)),
            Column(_("Mean of {score}").format(score=result.against), names=("mean",)),
            Column(_("Texts"), names=("n_texts",)),
            Column(_("Cluster"), names=("cluster",)),
            _("Ranks"),
            Column(_("Outlier"), names=("is_outlier",)),
            Column("", names=("best_rank",), media=IN_FILES),
            Column("", names=("worst_rank",), media=IN_FILES),
        ],
        [TableRow(system.name, _human_cells(system)) for system in result.systems],
        title=_("Systems by human score (clusters: Wilcoxon rank-sum test, p < .05, without a correction)"),
        everywhere={"against": result.against},
    )


def _human_cells(system: HumanSystem) -> list[Cell]:
    ranks = (
        str(system.best_rank)
        if system.best_rank == system.worst_rank
        else f"{system.best_rank}–{system.worst_rank}"
    )
    return [
        Cell(system.mean, form=Form(digits=DIGITS)),
        Cell(system.n_texts, form=COUNT),
        Cell(system.cluster, form=COUNT),
        Cell(ranks),
        Cell(_("yes") if system.is_outlier else _("no")),
        Cell(system.best_rank),
        Cell(system.worst_rank),
    ]
