"""Robustness of a metric agreement: without each method, on single judgments, and against the noise
ceiling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import isolated_figure, listed
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Medium,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    missing,
)
from hlv.stats.raters.disjoint_noise_ceiling import DisjointCeiling
from metaeval.results.metric_agreement import MetricAgreementResult, Verdicts
from metaeval.results.metric_differences import DECIMALS
from metaeval.results.metric_rows import Estimate, MetricRow, chance_of_tau

MOST_NAMED = 2
IN_FILES: Final[frozenset[Medium]] = frozenset()
CEILING_HEADER: Final = ("campaign", "compared_on", "r_of_quarters", "reliability", "ceiling")


def without_each_table(result: MetricAgreementResult) -> Table | None:
    """Of each metric, how far one method carries its τ-b; None where a snapshot does not say."""
    stored = result.without_each_method
    if stored is None or stored.undetermined:
        return None
    kept = {row.name: row.taus for row in stored.metrics}
    rows = [
        _without_row(row, row.tau, kept[row.name]) for row in result.rows if row.tau and kept.get(row.name)
    ]
    if not rows:
        return None
    heads = [
        _("Metric"),
        _("τ-b"),
        _("Chance level without"),
        _("Lowest without one method"),
        _("Highest without one method"),
    ]
    note = _(
        "Each metric is compared again without each method in turn. The third column names the methods "
        "without which τ-b drops to chance level. With fewer methods, τ-b must be higher. No p values: this "
        "is a sensitivity analysis."
    )
    note = " ".join([note, *leaders_without_each(result)])
    return Table(heads, rows, note, title=_("Agreement without each method"))


def leaders_without_each(result: MetricAgreementResult) -> list[str]:
    """The largest change of a τ-b by one method, and which metric comes first then; ties for that place all named."""
    whole = {row.name: row.tau.value for row in result.metrics if row.tau}
    without: dict[str, dict[str, float]] = {}
    for row in [] if result.without_each_method is None else result.without_each_method.metrics:
        for method, tau in row.taus.items() if row.name in whole else ():
            without.setdefault(method, {})[row.name] = tau
    if not without:
        return []
    method, name = max(
        ((method, name) for method, found in without.items() for name in found),
        key=lambda place: abs(without[place[0]][place[1]] - whole[place[1]]),
    )
    largest = _("τ-b changes most for %(metric)s: %(now)s without %(method)s instead of %(before)s.") % {
        "metric": listed(result.named([name])),
        "now": figure(without[method][name]),
        "method": listed([method]),
        "before": figure(whole[name]),
    }
    return [
        largest,
        *_leaders(result, _first(whole), {method: _first(found) for method, found in without.items()}),
    ]


def _leaders(
    result: MetricAgreementResult, first: Sequence[str], leaders: Mapping[str, Sequence[str]]
) -> list[str]:
    others: dict[tuple[str, ...], list[str]] = {}
    for method, leading in leaders.items():
        if not set(leading) & set(first):
            others.setdefault(tuple(leading), []).append(method)
    if others:
        return [
            ngettext(
                "First without %(methods)s: %(metrics)s.",
                "First without %(methods)s (each left out alone): %(metrics)s.",
                len(methods),
            )
            % {"methods": listed(methods), "metrics": listed(result.named(names))}
            for names, methods in others.items()
        ]
    lasting = [name for name in first if all(name in leading for leading in leaders.values())]
    names = {"metrics": listed(result.named(lasting or first))}
    if not lasting:
        words = _("%(metrics)s share the first place. None of them keeps it whichever method is left out.")
    elif len(first) == 1 and all(leading == first for leading in leaders.values()):
        words = _("Whichever method is left out, %(metrics)s still comes first.")
    else:
        words = ngettext(
            "Whichever method is left out, %(metrics)s still shares the first place.",
            "Whichever method is left out, %(metrics)s still share the first place.",
            len(lasting),
        )
    return [words % names]


def _first(taus: Mapping[str, float]) -> list[str]:
    """The metrics of the highest τ-b; equal to 1e-9 is equal."""
    return [name for name, tau in taus.items() if tau >= max(taus.values()) - 1e-9]


def _without_row(row: MetricRow, tau: Estimate, kept: Mapping[str, float]) -> TableRow:
    lowest, highest = min(kept.values()), max(kept.values())
    return TableRow(
        row.label,
        [
            Cell(tau.value),
            missing(_("chance level with all methods")) if row.is_within_chance else _carried_by(kept),
            _at(lowest, kept),
            _at(highest, kept),
        ],
    )


def _at(value: float, kept: Mapping[str, float]) -> Cell:
    methods = [name for name, tau in kept.items() if round(tau, DECIMALS) == round(value, DECIMALS)]
    return Cell(value, note=_("without %(names)s") % {"names": listed(methods, most=1)})


def _carried_by(kept: Mapping[str, float]) -> Cell:
    beyond = chance_of_tau(len(kept) - 1).beyond
    within = [name for name, tau in kept.items() if beyond is None or abs(tau) < beyond - 1e-9]
    if not within:
        return Cell(_("none"))
    if len(within) == len(kept):
        return Cell(_("any"), strong=True)
    return Cell(listed(within, most=MOST_NAMED), strong=True)


def verdicts_table(result: MetricAgreementResult) -> Table | None:
    """How often each metric has the verdict of the judge; None without metrics that score each text."""
    stored = result.verdicts
    if stored is None or stored.undetermined or not stored.answered:
        return None
    heads = [
        _("Metric"),
        _("Same verdict as the judge"),
        _("Correct on preferences"),
        _("Ties of all verdicts"),
        _("Judgments"),
    ]
    rows = [
        TableRow(
            result.labels.get(row.name, row.name),
            [
                estimate_cell(row.accuracy, row.accuracy_interval),
                estimate_cell(row.decided, row.decided_interval),
                Cell(row.always_tie),
                count_cell(row.n_judgments),
            ],
        )
        for row in stored.answered
    ]
    return Table(heads, rows, _verdicts_note(result, stored), title=_("Agreement on single judgments"))


def _verdicts_note(result: MetricAgreementResult, stored: Verdicts) -> str:
    sentences = [
        _(
            "Shares of single judgments, with 95 % bootstrap intervals. A small score difference counts as a "
            "tie; the threshold is fitted on other texts. For preferences only the sign counts: 0.50 is chance."
        )
    ]
    # In the order of the metrics: a database keeps the keys of an object in its own.
    if names := result.named(row.name for row in result.metrics if row.name in stored.left_out):
        sentences.append(
            _("Without a score for each text: %(names)s.") % {"names": listed(names, most=len(names))}
        )
    sentences += [
        _("Left out: %(name)s. %(why)s")
        % {"name": result.labels.get(row.name, row.name), "why": f"{row.undetermined.rstrip('.')}."}
        for row in stored.metrics
        if row.undetermined
    ]
    return " ".join(sentences)


def ceiling_table(found: DisjointCeiling) -> Table:
    rows = [
        (
            _("New judges, the same texts"),
            "the same texts",
            found.same_texts,
            found.reliability_same_texts,
            found.ceiling_same_texts,
        ),
        (_("New judges and new texts"), "new texts", found.disjoint, found.reliability, found.ceiling),
    ]
    return Table(
        [
            _("A perfect metric is compared on"),
            Column(_("r of two quarters"), names=("r_of_quarters",)),
            Column(_("Reliability"), names=("reliability",)),
            Column(_("Noise ceiling (r)"), names=("ceiling",)),
            Column("", names=("compared_on",), media=IN_FILES),
        ],
        [TableRow(name, [*map(Cell, values), Cell(key)]) for name, key, *values in rows],
    )


def ceiling_file_table(found: DisjointCeiling, *, campaign: str) -> Table:
    """The same, of one of several campaigns."""
    return replace(ceiling_table(found), everywhere={"campaign": campaign})


def ceiling_headline(found: DisjointCeiling) -> str:
    return _(
        "With other judges, a perfect metric would have a Pearson correlation of {same} on these texts and of {new} on "
        "new texts."
    ).format(same=isolated_figure(found.ceiling_same_texts), new=isolated_figure(found.ceiling))


def ceiling_note(found: DisjointCeiling, *, seed: int) -> str:
    return _(
        "Mean over {n} splits of {judges} judges and {texts} texts in halves (seed {seed}). The first row is inflated "
        "where methods do better on some texts: both halves see the same texts."
    ).format(n=found.n_splits - found.n_without_answer, judges=found.n_judges, texts=found.n_texts, seed=seed)
