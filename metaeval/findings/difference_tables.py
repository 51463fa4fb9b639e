"""Which metrics the data tell apart: the line under the figure, and the table of every two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from hlv.core.rendering.numbers import figure, p_text
from hlv.core.rendering.sentences import listed, spelled
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing
from metaeval.results.chance_of_tau import LEVEL
from metaeval.results.metric_differences import Difference, Differences, metric_labels, read_differences

# Beyond these a line is no line any more; the table has all.
MOST_NAMED = 8
# What is exchanged: `hlv.stats.meta_evaluation.paired_permutation`.
NULL_WORDS = {
    "methods-xor-items": _lazy("where a drawn method or a drawn text is hit, but not both"),
    "cells": _lazy("each score of a method on a text by a coin of its own"),
    "methods": _lazy("whole methods, with all their texts"),
}


def significance_line(result: Mapping[str, Any]) -> str:
    """Which metrics cannot be told apart from the best; nothing in a snapshot that does not say."""
    found, labels = read_differences(result), metric_labels(result)
    if found is None:
        return ""
    if found.undetermined or found.best is None:
        return _("Metrics are not compared with one another: %(why)s") % {"why": found.undetermined}
    if not found.tested:
        return _("Differences between metrics were not tested, because %(why)s.") % {
            "why": found.why_untested
        }
    best, alike = listed([labels.get(found.best, found.best)]), found.not_told_from_best
    untested = found.not_tested_with_best
    said = []
    if alike:
        said.append(
            (
                _("Not told apart from %(best)s, the highest τ-b: %(names)s.")
                if found.best_of_all
                else _(
                    "Not told apart from %(best)s, the highest τ-b of the %(n)s that were compared with one another: %(names)s."
                )
            )
            % {
                "best": best,
                "n": spelled(found.n_compared),
                "names": listed([labels.get(key, key) for key in alike], most=MOST_NAMED),
            }
        )
    elif len(untested) < len(found.ranked) - 1:
        said.append(_("%(best)s agrees better than each other metric that was compared.") % {"best": best})
    if untested:
        said.append(
            _("Not tested against %(best)s, because %(why)s: %(names)s.")
            % {
                "best": best,
                "why": found.why_untested,
                "names": listed([labels.get(key, key) for key in untested], most=MOST_NAMED),
            }
        )
    return " ".join(said)


def differences_table(result: Mapping[str, Any]) -> Table | None:
    """Every two metrics, the surest differences first; None where none were compared."""
    taus, pearsons = read_differences(result), read_differences(result, "pearson")
    if taus is None or not taus.pairs:
        return None
    labels = metric_labels(result)
    given = pearsons.pairs if pearsons else []
    linear = {(pair.first, pair.second): pair for pair in [*given, *(pair.turned for pair in given)]}
    exchanged = next((pair.second_test for pair in taus.pairs if pair.second_test), "")
    heads = [_("Metrics"), _("τ-b difference"), _("Adjusted p"), _("Pearson difference"), _("Adjusted p")]
    heads += [_("Adjusted p of %(test)s (τ-b)") % {"test": exchanged}] if exchanged else []
    with_t = any(pair.williams for pair in given)
    heads += [_("Adjusted p of Williams’ t (Pearson)")] if with_t else []
    rows = []
    better_first = [pair.turned if pair.by.value < 0 else pair for pair in taus.pairs]
    for pair in sorted(better_first, key=_surest_first):
        names = _("%(first)s and %(second)s") % {
            "first": labels.get(pair.first, pair.first),
            "second": labels.get(pair.second, pair.second),
        }
        by_r = linear.get((pair.first, pair.second))
        cells = [*_cells(pair), *_cells(by_r)]
        cells += [_p(pair.second_adjusted_p)] if exchanged else []
        cells += [_williams_cell(by_r)] if with_t else []
        rows.append(TableRow(names, cells))
    notes = [_note(taus, labels), pearsons.williams_note if pearsons else ""]
    return Table(heads, rows, note=" ".join(filter(None, notes)))


def _surest_first(pair: Difference) -> tuple[float, float]:
    return (2.0 if pair.adjusted_p is None else pair.adjusted_p, -abs(pair.by.value))


def _cells(pair: Difference | None) -> list[Cell]:
    if pair is None:
        return [missing(_("undefined")), missing(_("no p"))]
    return [estimate_cell(pair.by.value, pair.by.interval, signed=True), adjusted_p_cell(pair)]


def adjusted_p_cell(pair: Difference) -> Cell:
    """Where no resample crossed 0 it is a bound, and marked as one."""
    shown = _p(pair.adjusted_p)
    return Cell(f"≤ {shown.words}") if pair.at_floor and shown.words[0] == "." else shown


def _williams_cell(pair: Difference | None) -> Cell:
    if pair is None or pair.williams is None:
        return _p(None)
    beside = _("t %(t)s, %(n)s d.f.") % {
        "t": figure(pair.williams.t, signed=True),
        "n": pair.williams.degrees,
    }
    return Cell(p_text(pair.williams.adjusted_p), beside=beside)


def williams_words(result: Mapping[str, Any]) -> str:
    """How many pairs of metrics Williams' t tells apart, and what it assumes; nothing where there is none."""
    found = read_differences(result, "pearson")
    tested = [pair.williams for pair in found.pairs if pair.williams] if found else []
    if not found or not tested:
        return ""
    return (
        _(
            "Williams’ t of the Pearson correlations, with %(degrees)s d.f., tells apart %(apart)s of %(of)s pairs of metrics."
        )
        % {
            "degrees": tested[0].degrees,
            "apart": sum(test.adjusted_p < LEVEL for test in tested),
            "of": len(tested),
        }
        + f" {found.williams_note}"
    )


def _p(value: float | None) -> Cell:
    if value is None:
        return missing(_("no p"))
    return Cell(p_text(value))


def _note(found: Differences, labels: Mapping[str, str]) -> str:
    said = [
        _(
            "The agreement of the first metric less that of the second, with the 95 % interval of the joint bootstrap; "
            "p adjusted by Holm’s rule over all pairs. Copies of one measure count once."
        )
    ]
    said += [
        _("Left out: %(name)s. %(why)s") % {"name": labels.get(key, key), "why": f"{why.rstrip('.')}."}
        for key, why in found.left_out.items()
    ]
    said += [*found.notes, exchanged_words(found), *found.second_test_notes]
    return " ".join(filter(None, said))


def exchanged_words(found: Differences) -> str:
    """What the second test exchanged, and how many pairs it tells apart; nothing where it was not done."""
    tested = found.second_tested
    if not tested or found.null not in NULL_WORDS:
        return ""
    return _(
        "%(test)s exchanges the scores of texts under the null hypothesis “%(null)s” (%(words)s), %(n)s times: it tells "
        "apart %(apart)s of %(of)s pairs of metrics by τ-b, and decides nothing."
    ) % {
        "test": tested[0].second_test,
        "null": found.null,
        "words": NULL_WORDS[found.null],
        "n": f"{found.n_permutations:,}",
        "apart": sum(pair.second_adjusted_p < LEVEL for pair in tested if pair.second_adjusted_p is not None),
        "of": len(tested),
    }
