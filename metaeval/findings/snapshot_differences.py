"""Two snapshots of a campaign: what differs in the data, in the choices and in the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import RANK, figure
from hlv.core.rendering.sentences import listed, reason
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing
from hlv.stats.labels.distributions import EQUAL
from metaeval.findings.choice_labels import WEIGHTS_WORDS, left_out_words
from metaeval.findings.difference_tables import adjusted_p_cell
from metaeval.models import Ranking
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.metric_differences import (
    Difference,
)
from metaeval.results.metric_differences import (
    Differences as MetricDifferences,
)
from metaeval.results.metric_rows import Estimate
from metaeval.results.ranking import MethodRow, read_ranking
from metaeval.selectors.selections import Exclusions
from metaeval.selectors.snapshots import agreement_with_ranking

# As results are compared everywhere: beyond these, a difference is rounding.
DECIMALS = 9


@dataclass(frozen=True)
class Differences:
    """Each table holds what both have; rows that differ are marked."""

    first: Ranking
    second: Ranking
    summary: str
    made_of: Table
    methods: Table | None
    metrics: Table | None
    significance: Table | None = None


def differences(first: Ranking, second: Ranking) -> Differences:
    rows = [*_data_rows(first, second), *_choice_rows(first, second)]
    metrics = _metrics(first, second)
    methods, n_moved, n_changed, n_wider = _methods(first, second)
    significance, significance_words = significance_changes(first, second)
    return Differences(
        first,
        second,
        summary=" ".join(
            filter(
                None,
                [
                    _says(
                        first,
                        second,
                        n_moved=n_moved,
                        n_changed=n_changed,
                        n_metrics=metrics[1],
                        n_intervals=n_wider + metrics[2],
                    ),
                    significance_words,
                ],
            )
        ),
        made_of=Table([_("Inputs"), _("First"), _("Second"), _("Alike")], rows),
        methods=methods,
        metrics=metrics[0],
        significance=significance,
    )


def _row(words: str, one: object, other: object) -> TableRow:
    alike = Cell(_("the same")) if one == other else Cell(_("differs"), strong=True)
    return TableRow(words, [Cell(_shown(one)), Cell(_shown(other)), alike])


def _shown(value: object) -> str:
    return "–" if value in (None, "") else f"{value:,}" if isinstance(value, int) else str(value)


def _data_rows(first: Ranking, second: Ranking) -> list[TableRow]:
    one, other = read_ranking(first), read_ranking(second)
    return [
        _row(_("Data fingerprint"), first.data_fingerprint[:12], second.data_fingerprint[:12]),
        _row(
            _("As of"),
            date_format(first.as_of, "DATETIME_FORMAT"),
            date_format(second.as_of, "DATETIME_FORMAT"),
        ),
        _row(_("Judgments"), one.n_judgments, other.n_judgments),
        _row(_("Judges"), one.n_judges, other.n_judges),
        _row(_("Texts"), one.n_items, other.n_items),
        _row(_("Methods"), len(one.methods), len(other.methods)),
    ]


CHOICES = ("model", "ties", "ridge", "resample", "n_resamples", "base_model", "judge_group")


def _choice_rows(first: Ranking, second: Ranking) -> list[TableRow]:
    names = {
        "model": _("Model"),
        "ties": _("Tie rule"),
        "ridge": _("Prior"),
        "resample": _("Resampling unit"),
        "n_resamples": _("Resamples"),
        "base_model": _("Base model"),
        "judge_group": _("Judge group"),
    }
    one, other = first.parameters, second.parameters
    rows = [_row(names[key], one.get(key) or None, other.get(key) or None) for key in CHOICES]
    return [
        *rows,
        _row(
            _("Weights of human labels"),
            *(str(WEIGHTS_WORDS[given.get("weights", EQUAL)]) for given in (one, other)),
        ),
        _row(
            _("Verdicts left out"),
            *("; ".join(left_out_words(Exclusions.of(given))) for given in (one, other)),
        ),
        # A seed is a name: no thousands in it.
        _row(_("Seed"), str(first.seed), str(second.seed)),
        _row(_("Program"), first.code_version, second.code_version),
    ]


def _methods(first: Ranking, second: Ranking) -> tuple[Table | None, int, int, int]:
    """With how many methods have another rank, another strength, another interval of either."""
    one = {row.name: row for row in read_ranking(first).ranked}
    other = {row.name: row for row in read_ranking(second).ranked}
    if not one or not other:
        return None, 0, 0, 0
    rows, n_moved, n_changed, n_intervals = [], 0, 0, 0
    for name in list(dict.fromkeys([*one, *other])):
        a, b = one.get(name), other.get(name)
        if a is None or b is None:
            rows.append(_in_one_alone(name, a, b))
            n_changed += 1
            continue
        change = round(b.strength.value - a.strength.value, DECIMALS)
        n_changed += change != 0
        n_moved += a.rank != b.rank
        n_intervals += _ends(a.strength) != _ends(b.strength) or a.rank_interval != b.rank_interval
        rows.append(
            TableRow(
                name,
                [
                    _strength(a.strength),
                    _strength(b.strength),
                    Cell(_("the same")) if change == 0 else Cell(_small(change), strong=True),
                    _rank(a.rank),
                    Cell(f"{b.rank:g}", strong=a.rank != b.rank),
                ],
            )
        )
    heads = [
        _("Method"),
        _("Strength, first"),
        _("Strength, second"),
        _("Change"),
        _("Rank, first"),
        _("Rank, second"),
    ]
    return Table(heads, rows), n_moved, n_changed, n_intervals


def _in_one_alone(name: str, a: MethodRow | None, b: MethodRow | None) -> TableRow:
    strengths = [_strength(None if row is None else row.strength) for row in (a, b)]
    ranks = [_rank(None if row is None else row.rank) for row in (a, b)]
    return TableRow(name, [*strengths, Cell(_("only in one of the two"), strong=True), *ranks])


def _ends(estimate: Estimate) -> tuple[float | None, ...]:
    """What is drawn of an estimate: its interval, and how surely it is beyond chance."""
    drawn = (estimate.low, estimate.high, estimate.p)
    return tuple(None if end is None else round(end, DECIMALS) for end in drawn)


def _strength(estimate: Estimate | None) -> Cell:
    if estimate is None:
        return missing(_("not in this one"))
    return estimate_cell(estimate.value, estimate.interval, signed=True)


def _rank(rank: float | None) -> Cell:
    return missing(_("not in this one")) if rank is None else Cell(rank, form=RANK)


def _small(change: float) -> str:
    """A change that two digits do not show is shown by its size."""
    return figure(change, signed=True) if abs(change) >= 0.005 else f"{change:+.1e}".replace("-", "−")


def _metrics(first: Ranking, second: Ranking) -> tuple[Table | None, int, int]:
    """With how many metrics have another τ-b, and another interval or p of it."""
    agreements = agreement_with_ranking(first), agreement_with_ranking(second)
    if agreements[0] is None or agreements[1] is None:
        return None, 0, 0
    one, other = ({row.name: row for row in read_agreement(found).rows} for found in agreements if found)
    rows, n_changed, n_intervals = [], 0, 0
    for key in dict.fromkeys([*one, *other]):
        a, b = one.get(key), other.get(key)
        taus = a.tau if a else None, b.tau if b else None
        name = (a or b).label if (a or b) else key  # type: ignore[union-attr]
        if taus[0] is None or taus[1] is None:
            n_changed += (taus[0] is None) != (taus[1] is None)
            change = Cell(_("undefined in one of the two"), strong=True)
            if taus[0] is None and taus[1] is None:
                change = Cell(_("the same"))
        else:
            by = round(taus[1].value - taus[0].value, DECIMALS)
            n_changed += by != 0
            is_recomputed = _ends(taus[0]) != _ends(taus[1])
            n_intervals += is_recomputed
            recomputed = (
                _("recomputed") if _tau(taus[0]) != _tau(taus[1]) else _("recomputed, equal to 2 digits")
            )
            change = Cell(_("the same"), note=recomputed if is_recomputed else "")
            change = change if by == 0 else Cell(_small(by), strong=True)
        rows.append(TableRow(name, [_tau(taus[0]), _tau(taus[1]), change]))
    return Table([_("Metric"), _("τ-b, first"), _("τ-b, second"), _("Change")], rows), n_changed, n_intervals


def _tau(estimate: Estimate | None) -> Cell:
    return missing(_("undefined")) if estimate is None else estimate_cell(estimate.value, estimate.interval)


def _says(
    first: Ranking, second: Ranking, *, n_moved: int, n_changed: int, n_metrics: int, n_intervals: int
) -> str:
    for ranking in (first, second):
        if ranking.undetermined:
            return _("Snapshot %(n)s has no ranking: %(why)s") % {
                "n": getattr(ranking, "number", ""),
                "why": reason(ranking.undetermined),
            }
    if not n_changed and not n_metrics:
        if not n_intervals:
            return _("Every strength, rank, τ-b and interval is equal to 9 decimals.")
        return ngettext(
            "Every strength, rank and τ-b is equal to 9 decimals; %(n)s interval or p was recomputed and differs.",
            "Every strength, rank and τ-b is equal to 9 decimals; %(n)s intervals or p were recomputed and "
            "differ.",
            n_intervals,
        ) % {"n": n_intervals}
    sentences = [
        ngettext("%(n)s rank differs.", "%(n)s ranks differ.", n_moved) % {"n": n_moved}
        if n_moved
        else _("No rank differs.")
    ]
    leaders = [_leader(ranking) for ranking in (first, second)]
    if leaders[0] != leaders[1]:
        sentences.append(
            _("%(one)s leads in the first, %(other)s in the second.")
            % {"one": listed([leaders[0]]), "other": listed([leaders[1]])}
        )
    if n_metrics:
        sentences.append(
            ngettext("The τ-b of %(n)s metric differs.", "The τ-b of %(n)s metrics differs.", n_metrics)
            % {"n": n_metrics}
        )
    return " ".join(sentences)


def _leader(ranking: Ranking) -> str:
    return next(iter(read_ranking(ranking).names), "")


Pairs = Mapping[frozenset[str], Difference]


def significance_changes(first: Ranking, second: Ranking) -> tuple[Table | None, str]:
    """The differences of τ-b that one of them alone shows, and a sentence; nothing where metrics were not compared."""
    agreed = agreement_with_ranking(first), agreement_with_ranking(second)
    if agreed[0] is None or agreed[1] is None:
        return None, ""
    results = [read_agreement(one) for one in agreed if one is not None]
    found = [result.by_tau for result in results]
    if found[0] is None or found[1] is None or not (found[0].tested and found[1].tested):
        return None, ""
    one, other = (_pairs(differences) for differences in (found[0], found[1]))
    labels = results[1].labels | results[0].labels
    changed = [
        key
        for key in dict.fromkeys([*one, *other])
        if _is_significant(one, key) != _is_significant(other, key)
    ]
    rows = [_significance_row(one.get(key), other.get(key), labels) for key in changed]
    heads = [_("Metrics"), _("Adjusted p, first"), _("Adjusted p, second"), _("Significant")]
    counted, alone = _groups(found[0], found[1], labels)
    table = Table(heads, rows, note=alone) if rows else None
    return table, f"{_counted(one, other, len(changed))} {counted}"


def _pairs(found: MetricDifferences) -> Pairs:
    return {frozenset((pair.first, pair.second)): pair for pair in found.differences}


def _is_significant(pairs: Pairs, key: frozenset[str]) -> bool:
    return key in pairs and pairs[key].is_significant


def _significance_row(a: Difference | None, b: Difference | None, labels: Mapping[str, str]) -> TableRow:
    pair = a or b
    names = [] if pair is None else [labels.get(key, key) for key in (pair.first, pair.second)]
    cells = [missing(_("not in this one")) if side is None else adjusted_p_cell(side) for side in (a, b)]
    where = _("only in the first") if a is not None and a.is_significant else _("only in the second")
    return TableRow(
        _("%(first)s and %(second)s") % dict(zip(("first", "second"), names, strict=True)),
        [*cells, Cell(where, strong=True)],
    )


def _counted(one: Pairs, other: Pairs, n_changed: int) -> str:
    numbers = [sum(pair.is_significant for pair in pairs.values()) for pairs in (one, other)]
    if not n_changed:
        return ngettext(
            "Both find the same %(n)s significant difference between metrics.",
            "Both find the same %(n)s significant differences between metrics.",
            numbers[0],
        ) % {"n": numbers[0]}
    return ngettext(
        "The first finds %(one)s significant differences between metrics, the second %(other)s: %(n)s pair "
        "differs.",
        "The first finds %(one)s significant differences between metrics, the second %(other)s: %(n)s pairs "
        "differ.",
        n_changed,
    ) % {"one": numbers[0], "other": numbers[1], "n": n_changed}


def _groups(
    first: MetricDifferences, second: MetricDifferences, labels: Mapping[str, str]
) -> tuple[str, str]:
    """How many groups of metrics do not differ significantly; separately, because long, those of one snapshot only."""
    sets = [{frozenset(group): group for group in found.groups_with_copies} for found in (first, second)]
    if sets[0].keys() == sets[1].keys():
        return _("The groups without significant differences are the same."), ""
    alone = [
        words % {"names": listed([labels.get(key, key) for key in sets[side][group]], most=len(group))}
        for side, words in (
            (0, _("Only in the first without significant differences: %(names)s.")),
            (1, _("Only in the second without significant differences: %(names)s.")),
        )
        for group in sets[side]
        if group not in sets[1 - side]
    ]
    counted = _("Groups without significant differences: %(one)s in the first, %(other)s in the second.") % {
        "one": len(sets[0]),
        "other": len(sets[1]),
    }
    return counted, " ".join(alone)
