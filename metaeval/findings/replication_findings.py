"""What a replication shows: one table across data sets, the answers to the paper's questions, and what was not run."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import counted
from hlv.core.rendering.tables import Cell, Table, TableRow
from metaeval.findings.method_tables import methods_by_metrics, methods_by_studies
from metaeval.results.replication import DataSetReplication, PairConclusion, Replication

HEADLINE_METRIC: Final = "po_jsd"


def conclusions_table(one: DataSetReplication) -> Table:
    """Each pair by each metric, with the range of the intervals over all rules."""
    rows = []
    for pair in one.conclusions:
        low = min(found.interval[0] for found in pair.differences)
        high = max(found.interval[1] for found in pair.differences)
        rows.append(
            TableRow(
                pair.label,
                [
                    Cell(f"{pair.first} − {pair.second}"),
                    Cell(f"{low:+.3f} to {high:+.3f}"),
                    Cell(_relation(pair)),
                ],
            )
        )
    return Table(
        [_("Metric"), _("Pair"), _("95 % intervals, all rules"), _("Under every rule")],
        rows,
        title=_("{data}: paired differences").format(data=one.name),
    )


def _relation(pair: PairConclusion) -> str:
    words = {
        "better": _("{first} is better"),
        "worse": _("{second} is better"),
        "undecided": _("no conclusion"),
    }[pair.relation].format(first=pair.first, second=pair.second)
    return _("{words}; equivalent").format(words=words) if pair.is_equivalent else words


def replication_tables(found: Replication) -> list[Table]:
    """The table across data sets, then of each data set its metrics and its pairs."""
    first_rule = {one.name: one.tables[found.rules[0]] for one in found.data_sets}
    tables = [methods_by_studies(first_rule, HEADLINE_METRIC)]
    for one in found.data_sets:
        whole = methods_by_metrics(one.tables[found.rules[0]])
        tables.append(Table(whole.columns, whole.rows, title=f"{one.name}: {whole.title}"))
        tables.append(conclusions_table(one))
    return tables


def answers(found: Replication) -> list[str]:
    """The paper's questions: only what every selection rule gives."""
    return [
        _question(
            found, _("Soft and repeated labels against the majority vote"), [("SL", "MV"), ("ReL", "MV")]
        ),
        _question(
            found, _("Soft labels against metrics as losses"), [("SL", "JSD"), ("SL", "SmF1"), ("SL", "SMF1")]
        ),
        _equivalence(found, ("SL", "ReL")),
        _agreement(found),
        _("Not run: {names}. Add --details for the reasons.").format(
            names=", ".join(one.name for one in found.not_run)
        ),
    ]


def _question(found: Replication, question: str, pairs: Sequence[tuple[str, str]]) -> str:
    """By all metrics: each data set with its conclusions, or that it has none."""
    parts = []
    for one in found.data_sets:
        known = [pair for pair in one.conclusions if (pair.first, pair.second) in pairs]
        clear = [_shown(pair) for pair in known if pair.relation != "undecided"]
        nothing = _("no conclusion by any metric") if known else _("not trained")
        parts.append(f"{one.name}: {', '.join(clear) or nothing}")
    return _("{question}. {parts}.").format(question=question, parts="; ".join(parts))


def _shown(pair: PairConclusion) -> str:
    better, worse = (pair.first, pair.second) if pair.relation == "better" else (pair.second, pair.first)
    low = min(one.interval[0] for one in pair.differences)
    high = max(one.interval[1] for one in pair.differences)
    return _("{better} is better than {worse} by {metric} ({pair}: {low:+.3f} to {high:+.3f})").format(
        better=better,
        worse=worse,
        metric=pair.label,
        pair=f"{pair.first} − {pair.second}",
        low=low,
        high=high,
    )


def _equivalence(found: Replication, pair: tuple[str, str]) -> str:
    """By which metrics two methods are equivalent, on each data set."""
    first, second = pair
    parts = []
    for one in found.data_sets:
        labels = [
            known.label
            for known in one.conclusions
            if (known.first, known.second) == pair and known.is_equivalent
        ]
        parts.append(f"{one.name}: {', '.join(labels) or _('by no metric')}")
    return _("{first} and {second} are equivalent within ±{margin:g} by these metrics. {parts}.").format(
        first=first, second=second, margin=found.margin, parts="; ".join(parts)
    )


def _agreement(found: Replication) -> str:
    ends = [
        (pair.low, pair.high)
        for one in found.data_sets
        for pair in one.metric_pairs
        if pair.low is not None and pair.high is not None
    ]
    if not ends:
        return _("No two metrics order the methods.")
    return _(
        "Agreement of metrics on the order of methods (Kendall’s τ-b): from {low:+.2f} to {high:+.2f} over pairs of "
        "metrics, data sets and rules; half of the pairs reach {middle:+.2f} under every rule."
    ).format(
        low=min(low for low, _high in ends),
        high=max(high for _low, high in ends),
        middle=median(low for low, _high in ends),
    )


def replication_notes(found: Replication) -> list[str]:
    """The data behind the figures, and why parts were not run."""
    notes = [
        _(
            "A conclusion needs p < .05 after Holm correction in the same direction under every selection rule ({rules}). "
            "Intervals are paired and cover all rules. Equivalent: every interval lies within ±{margin:g}."
        ).format(rules=", ".join(found.rules), margin=found.margin),
        _(
            "{runs} per method, {resamples}, seed {seed}. Claims are about these trained models; claims about methods "
            "need at least five repeated partitions. This is a replication: encoders differ from the paper’s."
        ).format(
            runs=counted(found.n_runs, "runs"),
            resamples=counted(found.n_resamples, "resamples"),
            seed=found.seed,
        ),
    ]
    notes += [
        _("{name}: {train} training, {dev} dev and {test} test texts.").format(
            name=one.name, train=f"{one.n_train:,}", dev=f"{one.n_dev:,}", test=f"{one.n_test:,}"
        )
        + (f" {one.note}" if one.note else "")
        for one in found.data_sets
    ]
    notes += [
        _("{name}: {others} are the same as {first} on these labels.").format(
            name=one.name, first=first, others=", ".join(others)
        )
        for one in found.data_sets
        for first, *others in one.same
    ]
    notes += [
        _("Not run: {name}, because {why}.").format(name=one.name, why=one.why) for one in found.not_run
    ]
    return notes
