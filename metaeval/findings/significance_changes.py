"""Two snapshots side by side: which metrics the one tells apart and the other does not."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import Cell, Table, TableRow, missing
from metaeval.findings.difference_tables import adjusted_p_cell
from metaeval.models import Ranking
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.metric_differences import (
    Difference,
    Differences,
)
from metaeval.selectors.snapshots import agreement_with_ranking

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
    changed = [key for key in dict.fromkeys([*one, *other]) if _apart(one, key) != _apart(other, key)]
    rows = [_row(one.get(key), other.get(key), labels) for key in changed]
    heads = [_("Metrics"), _("Adjusted p, first"), _("Adjusted p, second"), _("Significant")]
    counted, alone = _groups(found[0], found[1], labels)
    table = Table(heads, rows, note=alone) if rows else None
    return table, f"{_counted(one, other, len(changed))} {counted}"


def _pairs(found: Differences) -> Pairs:
    return {frozenset((pair.first, pair.second)): pair for pair in found.differences}


def _apart(pairs: Pairs, key: frozenset[str]) -> bool:
    return key in pairs and pairs[key].told_apart


def _row(a: Difference | None, b: Difference | None, labels: Mapping[str, str]) -> TableRow:
    pair = a or b
    names = [] if pair is None else [labels.get(key, key) for key in (pair.first, pair.second)]
    cells = [missing(_("not in this one")) if side is None else adjusted_p_cell(side) for side in (a, b)]
    where = _("only in the first") if a is not None and a.told_apart else _("only in the second")
    return TableRow(
        _("%(first)s and %(second)s") % dict(zip(("first", "second"), names, strict=True)),
        [*cells, Cell(where, strong=True)],
    )


def _counted(one: Pairs, other: Pairs, n_changed: int) -> str:
    numbers = [sum(pair.told_apart for pair in pairs.values()) for pairs in (one, other)]
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


def _groups(first: Differences, second: Differences, labels: Mapping[str, str]) -> tuple[str, str]:
    """How many sets of metrics are not told apart, and, as they may be long, by themselves those of one alone."""
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
