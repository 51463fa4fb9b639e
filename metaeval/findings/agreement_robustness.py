"""What a metric agreement rests on: one method left out in turn, and what the metric says of single verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing
from metaeval.results.chance_of_tau import chance_of_tau
from metaeval.results.metric_differences import DECIMALS, metric_labels
from metaeval.results.result_rows import Estimate, MetricRow, read_estimate, read_metrics

MOST_NAMED = 2


def without_each_table(result: Mapping[str, Any]) -> Table | None:
    """Of each metric, how far one method carries its τ-b; None where a snapshot does not say."""
    stored = result.get("without_each_method")
    if not isinstance(stored, Mapping) or stored.get("undetermined"):
        return None
    kept = {
        str(row["name"]): {
            str(one["method"]): float(one["kendall_tau_b"])
            for one in row["without"]
            if one["kendall_tau_b"] is not None
        }
        for row in stored["metrics"]
    }
    rows = [
        _without_row(row, row.tau, kept[row.key])
        for row in read_metrics(result)
        if row.tau and kept.get(row.key)
    ]
    if not rows:
        return None
    heads = [
        _("Metric"),
        _("τ-b"),
        _("May be chance without"),
        _("Lowest without one method"),
        _("Highest without one method"),
    ]
    note = _(
        "Each metric again without each of its methods in turn. The third column names the methods without which a τ-b that is "
        "beyond chance would be within what chance gives for one method fewer; fewer methods ask for a higher τ-b. No p, no "
        "correction: this shows what a finding rests on."
    )
    return Table(heads, rows, note)


def _without_row(row: MetricRow, tau: Estimate, kept: Mapping[str, float]) -> TableRow:
    lowest, highest = min(kept.values()), max(kept.values())
    return TableRow(
        row.name,
        [
            Cell(figure(tau.value)),
            missing(_("chance may do it with all")) if row.chance_may_do_it else _carried_by(kept),
            _at(lowest, kept),
            _at(highest, kept),
        ],
    )


def _at(value: float, kept: Mapping[str, float]) -> Cell:
    methods = [name for name, tau in kept.items() if round(tau, DECIMALS) == round(value, DECIMALS)]
    return Cell(figure(value), beside=_("without %(names)s") % {"names": listed(methods, most=1)})


def _carried_by(kept: Mapping[str, float]) -> Cell:
    beyond = chance_of_tau(len(kept) - 1).beyond
    within = [name for name, tau in kept.items() if beyond is None or abs(tau) < beyond - 1e-9]
    if not within:
        return Cell(_("none of them"))
    if len(within) == len(kept):
        return Cell(_("any of them"), strong=True)
    return Cell(listed(within, most=MOST_NAMED), strong=True)


def verdicts_table(result: Mapping[str, Any]) -> Table | None:
    """Of each metric with a score of each text, how often it says what the judge said; None without any."""
    stored = result.get("verdicts")
    if not isinstance(stored, Mapping) or stored.get("undetermined"):
        return None
    labels = metric_labels(result)
    known = [row for row in stored["metrics"] if not row["undetermined"]]
    if not known:
        return None
    known.sort(key=lambda row: -float(row["accuracy"]))
    heads = [
        _("Metric"),
        _("Says what the judge said"),
        _("Right about preferences"),
        _("Ties of all verdicts"),
        _("Judgments"),
    ]
    rows = [
        TableRow(
            labels.get(str(row["name"]), str(row["name"])),
            [
                _share(row, "accuracy"),
                _share(row, "decided"),
                Cell(figure(float(row["always_tie"]))),
                Cell(f"{int(row['n_judgments']):,}"),
            ],
        )
        for row in known
    ]
    return Table(heads, rows, _verdicts_note(stored, labels))


def _share(row: Mapping[str, Any], name: str) -> Cell:
    found = read_estimate({"value": row[name], "interval": row.get(f"{name}_interval")})
    return missing(_("undefined")) if found is None else estimate_cell(found.value, found.interval)


def _verdicts_note(stored: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    said = [
        _(
            "Shares of single verdicts, with 95 % resampling intervals. A small difference of scores counts as a tie; how small is "
            "fitted on other texts. About preferences, the sign alone counts: 0.50 is a coin."
        )
    ]
    names = [labels.get(str(key), str(key)) for key in stored.get("left_out") or {}]
    if names:
        said.append(_("Without a score of each text: %(names)s.") % {"names": listed(names, most=len(names))})
    said += [
        _("Left out: %(name)s. %(why)s")
        % {
            "name": labels.get(str(row["name"]), str(row["name"])),
            "why": f"{str(row['undetermined']).rstrip('.')}.",
        }
        for row in stored["metrics"]
        if row["undetermined"]
    ]
    return " ".join(said)
