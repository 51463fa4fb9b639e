"""Which metrics the data tell apart: the line under the figure, and the table of every two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from annotations.charts.drawing import figure
from annotations.charts.tables import Cell, Table, TableRow
from annotations.science.wording import p_words
from metaeval.charts.chance import LEVEL
from metaeval.charts.differences import Difference, Differences, metric_labels, read_differences
from metaeval.views.null_hypotheses import null_words
from metaeval.views.phrases import listed, spelled

# Beyond these a line is no line any more; the table has all.
MOST_NAMED = 8
# What is exchanged: `metaeval.science.metric_swaps`.
NULL_WORDS = {
    "methods-xor-items": _lazy("where a drawn method or a drawn text is hit, but not both"),
    "cells": _lazy("each score of a method on a text by a coin of its own"),
    "methods": _lazy("whole methods, with all their texts"),
}


def told_apart_line(result: Mapping[str, Any]) -> str:
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
    if not found.decides:
        return no_verdict(found)
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


def no_verdict(found: Differences) -> str:
    """What the tests cannot decide, whatever the data are."""
    return _(
        "No verdict on which metric agrees better: the smallest adjusted p that is attainable is %(p)s."
    ) % {"p": p_words(found.smallest_p or 1.0)}


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
    notes = [_note(taus, labels, with_williams=with_t), pearsons.williams_note if pearsons else ""]
    return Table(heads, rows, note=" ".join(filter(None, notes)))


def _surest_first(pair: Difference) -> tuple[float, float]:
    return (2.0 if pair.adjusted_p is None else pair.adjusted_p, -abs(pair.by.value))


def _cells(pair: Difference | None) -> list[Cell]:
    if pair is None:
        return [Cell("–", reason=_("undefined")), Cell("–", reason=_("no p"))]
    value = figure(pair.by.value, signed=True)
    if pair.by.low is None or pair.by.high is None:
        difference = Cell(value, beside=_("no interval"))
    else:
        low, high = figure(pair.by.low, signed=True), figure(pair.by.high, signed=True)
        difference = Cell(value, low=low, high=high)
    return [difference, adjusted_p_cell(pair)]


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
    return Cell(p_words(pair.williams.adjusted_p), beside=beside)


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
        return Cell("–", reason=_("no p"))
    return Cell(p_words(value))


def _note(found: Differences, labels: Mapping[str, str], *, with_williams: bool) -> str:
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
    said += [*found.notes, smallest_words(found), exchanged_words(found), *found.second_test_notes]
    said.append(null_words(*tests_of(found), *(["Williams"] if with_williams else [])))
    return " ".join(filter(None, said))


def tests_of(found: Differences) -> list[str]:
    """The names of the tests that were done, the first ones first."""
    tests = [pair.test for pair in found.pairs] + [pair.second_test for pair in found.pairs]
    return [test for test in dict.fromkeys(tests) if test]


def smallest_words(found: Differences) -> str:
    """The smallest adjusted p that is attainable; nothing in a snapshot that does not say."""
    if found.smallest_p is None:
        return ""
    return _("Smallest adjusted p that is attainable: %(p)s.") % {"p": p_words(found.smallest_p)}


def _times(found: Differences) -> str:
    """How often the second test exchanged scores: it goes on where a decision is open."""
    numbers = [pair.n_exchanges for pair in found.second_tested if pair.n_exchanges]
    least, most = min(numbers, default=found.n_permutations), max(numbers, default=found.n_permutations)
    if found.exchanged_all:
        return _("all %(n)s ways") % {"n": f"{most:,}"}
    if least == most:
        return _("%(n)s times") % {"n": f"{most:,}"}
    return _("%(least)s to %(most)s times") % {"least": f"{least:,}", "most": f"{most:,}"}


def exchanged_words(found: Differences) -> str:
    """What the second test exchanged, and how many pairs it tells apart; nothing where it was not done."""
    tested = found.second_tested
    if not tested or found.null not in NULL_WORDS:
        return ""
    facts = {
        "test": tested[0].second_test,
        "null": found.null,
        "words": NULL_WORDS[found.null],
        "n": _times(found),
        "apart": sum(pair.second_adjusted_p < LEVEL for pair in tested if pair.second_adjusted_p is not None),
        "of": len(tested),
        "p": p_words(found.smallest_second_p or 1.0),
    }
    if not found.second_decides:
        return (
            _(
                "%(test)s exchanges the scores of texts under the null hypothesis “%(null)s” (%(words)s), %(n)s: there is no "
                "verdict, for the smallest adjusted p that is attainable is %(p)s."
            )
            % facts
        )
    return (
        _(
            "%(test)s exchanges the scores of texts under the null hypothesis “%(null)s” (%(words)s), %(n)s: it tells apart "
            "%(apart)s of %(of)s pairs of metrics by τ-b, and decides nothing."
        )
        % facts
    )
