"""Significant differences between metrics: the line below the figure, and the tables of all pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from hlv.core.rendering.numbers import SIGNED, figure, p_text
from hlv.core.rendering.sentences import listed, reason
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing, p_cell
from metaeval.findings.choice_labels import null_words
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_differences import (
    Difference,
    Differences,
    GeneralDifference,
    SystemGeneralization,
)
from metaeval.results.metric_rows import LEVEL, Estimate

# Beyond these a line is no line any more; the table has all.
MOST_NAMED = 8
# What is exchanged: `hlv.stats.meta_evaluation.paired_permutation`.
NULL_WORDS = {
    "methods-xor-items": _lazy("for a random method or a random text, but not both"),
    "cells": _lazy("each score of a method on a text independently"),
    "methods": _lazy("whole methods, with all their texts"),
}


def significance_line(result: MetricAgreementResult) -> str:
    """Metrics without a significant difference from the best; empty in an older snapshot."""
    found = result.by_tau
    if found is None:
        return ""
    if found.undetermined or found.best is None:
        return _("Metrics were not compared with each other: %(why)s") % {"why": reason(found.undetermined)}
    if not found.tested:
        return _("Differences between metrics were not tested because %(why)s.") % {
            "why": reason(result.why_not_resampled)
        }
    if not found.decides:
        return no_verdict(found)
    best, alike = listed(result.named([found.best])), found.not_different_from_best
    untested = found.not_tested_with_best
    sentences = []
    if alike:
        sentences.append(
            (
                _("No significant difference from %(best)s, the highest τ-b: %(names)s.")
                if result.best_is_best_of_all
                else _(
                    "No significant difference from %(best)s, the highest τ-b of the %(n)s compared metrics: %(names)s."
                )
            )
            % {
                "best": best,
                "n": found.n_compared,
                "names": listed(result.named(alike), most=MOST_NAMED),
            }
        )
    elif len(untested) < len(found.ranked) - 1:
        sentences.append(
            _("%(best)s agrees significantly better than each other compared metric.") % {"best": best}
        )
    if untested:
        sentences.append(
            _("Not tested against %(best)s because %(why)s: %(names)s.")
            % {
                "best": best,
                "why": reason(result.why_not_resampled),
                "names": listed(result.named(untested), most=MOST_NAMED),
            }
        )
    return " ".join(sentences)


def no_verdict(found: Differences) -> str:
    """What the tests cannot decide, whatever the data are."""
    return _(
        "The tests cannot show which metric agrees better: the smallest adjusted p that is possible is %(p)s."
    ) % {"p": p_text(found.smallest_adjusted_p or 1.0)}


def differences_table(result: MetricAgreementResult) -> Table | None:
    """Every two metrics, the surest differences first; None where none were compared."""
    taus, pearsons = result.by_tau, result.by_pearson
    if taus is None or not taus.differences:
        return None
    given = pearsons.differences if pearsons else []
    linear = {(pair.first, pair.second): pair for pair in [*given, *(pair.turned for pair in given)]}
    exchanged = next((pair.second_test.test for pair in taus.differences if pair.second_test), "")
    heads = [_("Metrics"), _("τ-b difference"), _("Adjusted p"), _("Pearson difference"), _("Adjusted p")]
    heads += [_("Adjusted p of %(test)s (τ-b)") % {"test": exchanged}] if exchanged else []
    with_t = any(pair.williams_p is not None for pair in given)
    heads += [_("Adjusted p of Williams’ t (Pearson)")] if with_t else []
    rows = []
    better_first = [pair.turned if pair.difference < 0 else pair for pair in taus.differences]
    for pair in sorted(better_first, key=_most_significant_first):
        first, second = result.named([pair.first, pair.second])
        by_r = linear.get((pair.first, pair.second))
        cells = [*_cells(pair), *_cells(by_r)]
        cells += [p_cell(pair.second_adjusted_p)] if exchanged else []
        cells += [_williams_cell(by_r)] if with_t else []
        rows.append(TableRow(_("%(first)s and %(second)s") % {"first": first, "second": second}, cells))
    notes = [_note(taus, result.labels, with_williams=with_t), pearsons.williams_note if pearsons else ""]
    return Table(heads, rows, note=" ".join(filter(None, notes)))


def _most_significant_first(pair: Difference) -> tuple[float, float]:
    return (2.0 if pair.adjusted_p is None else pair.adjusted_p, -abs(pair.difference))


def _cells(pair: Difference | None) -> list[Cell]:
    if pair is None:
        return [missing(_("undefined")), missing(_("no p"))]
    return [estimate_cell(pair.difference, pair.interval, signed=True), adjusted_p_cell(pair)]


def adjusted_p_cell(pair: Difference) -> Cell:
    """Where no resample crossed 0 it is a bound, and marked as one."""
    shown = p_cell(pair.adjusted_p)
    return Cell(f"≤ {shown.words}") if pair.at_floor and shown.words[0] == "." else shown


def _williams_cell(pair: Difference | None) -> Cell:
    found = None if pair is None else pair.williams
    if found is None or found.t is None:
        return p_cell(None)
    note = _("t %(t)s, %(n)s d.f.") % {"t": figure(found.t, signed=True), "n": found.degrees}
    return replace(p_cell(found.adjusted_p), note=note)


def williams_words(result: MetricAgreementResult) -> str:
    """How many pairs of metrics differ by Williams' t, and its assumptions; empty without the test."""
    found = result.by_pearson
    tested = [pair for pair in found.differences if pair.williams_p is not None] if found else []
    if not found or not tested:
        return ""
    return (
        _(
            "Williams’ t of the Pearson correlations (%(degrees)s d.f.) finds a significant difference in "
            "%(significant)s of %(of)s pairs of metrics."
        )
        % {
            "degrees": tested[0].williams and tested[0].williams.degrees,
            "significant": sum((pair.williams_p or 0.0) < LEVEL for pair in tested),
            "of": len(tested),
        }
        + f" {found.williams_note}"
    )


def _note(found: Differences, labels: Mapping[str, str], *, with_williams: bool) -> str:
    sentences = [
        _(
            "Agreement of the first metric minus that of the second, with 95 % intervals from the joint "
            "bootstrap. p values have Holm’s correction for all pairs. Copies of one metric count once."
        )
    ]
    sentences += [
        _("Left out: %(name)s. %(why)s") % {"name": labels.get(key, key), "why": f"{why.rstrip('.')}."}
        for key, why in found.reasons.items()
    ]
    sentences += [
        *map(reason, found.notes),
        smallest_words(found),
        exchanged_words(found),
        *map(reason, found.second_test_notes),
    ]
    sentences.append(null_words(*found.tests, *(["Williams"] if with_williams else [])))
    return " ".join(filter(None, sentences))


def smallest_words(found: Differences) -> str:
    """The smallest adjusted p that is attainable; nothing in a snapshot that does not say."""
    if found.smallest_adjusted_p is None:
        return ""
    return _("Smallest possible adjusted p: %(p)s.") % {"p": p_text(found.smallest_adjusted_p)}


def _times(found: Differences) -> str:
    """How often the second test exchanged scores: it goes on where a decision is open."""
    second = (pair.second_test for pair in found.second_tested)
    numbers = [test.n_exchanges for test in second if test is not None and test.n_exchanges]
    numbers = numbers or [found.n_permutations or 0]
    least, most = min(numbers), max(numbers)
    if found.exchanged_all:
        return _("all %(n)s permutations") % {"n": f"{most:,}"}
    if least == most:
        return _("%(n)s permutations") % {"n": f"{most:,}"}
    return _("%(least)s to %(most)s permutations") % {"least": f"{least:,}", "most": f"{most:,}"}


def exchanged_words(found: Differences) -> str:
    """What the second test permuted, and how many pairs differ; empty where it was not computed."""
    tested = found.second_tested
    if not tested or found.null is None or found.null not in NULL_WORDS:
        return ""
    facts = {
        "test": tested[0].second_test and tested[0].second_test.test,
        "null": found.null,
        "words": NULL_WORDS[found.null],
        "n": _times(found),
        "significant": sum(
            pair.second_adjusted_p < LEVEL for pair in tested if pair.second_adjusted_p is not None
        ),
        "of": len(tested),
        "p": p_text(found.smallest_second_p or 1.0),
    }
    if not found.second_decides:
        return (
            _(
                "%(test)s permutes scores under the null hypothesis “%(null)s” (%(words)s), %(n)s. It cannot decide: "
                "the smallest possible adjusted p is %(p)s."
            )
            % facts
        )
    return (
        _(
            "%(test)s permutes scores under the null hypothesis “%(null)s” (%(words)s), %(n)s. It finds a "
            "significant τ-b difference in %(significant)s of %(of)s pairs of metrics. It is reported for comparison "
            "only."
        )
        % facts
    )


# In the order in which tables show them; sentences name the first that was done. In simulations all three keep their
# level, and the first finds most differences of tau-b where methods are few.
TESTS: Final = ("PERM-SYSTEMS", "Boot-Systems", "Boot-Both")


@dataclass(frozen=True)
class GeneralSection:
    """A line, and tables where there is an answer."""

    line: str
    tables: list[tuple[str, Table]]


def general_section(result: MetricAgreementResult) -> GeneralSection | None:
    """None in a snapshot that does not say."""
    by_tau, by_pearson = result.by_tau, result.by_pearson
    taus = None if by_tau is None else by_tau.methods_like_these
    pearsons = None if by_pearson is None else by_pearson.methods_like_these
    if taus is None or pearsons is None:
        return None
    labels = result.labels
    tables = []
    if not taus.undetermined:
        tables.append((_("Agreement on methods like these"), _general_agreement(taus, pearsons, labels)))
        if taus.differences:
            tables.append(
                (_("Differences on methods like these"), _general_differences(taus, pearsons, labels))
            )
    return GeneralSection(general_line(taus), tables)


def general_line(found: SystemGeneralization) -> str:
    """How many differences hold of metrics in general, or why there is no verdict."""
    if found.undetermined:
        return reason(found.undetermined)
    test = _leading(found)
    if not found.differences or test is None:
        return ""
    if not found.decides(test):
        return _(
            "For methods like these the tests cannot decide: the smallest possible adjusted p of %(test)s for "
            "%(n)s pairs of metrics is %(p)s."
        ) % {"n": len(found.differences), "test": test, "p": p_text(found.smallest.get(test, 1.0))}
    return _(
        "For methods like these, %(test)s finds a significant τ-b difference in %(n)s of %(of)s pairs of "
        "metrics."
    ) % {
        "test": test,
        "n": found.n_different(test),
        "of": len(found.differences),
    }


def _leading(found: SystemGeneralization) -> str | None:
    return next((test for test in TESTS if test in found.smallest), None)


def _general_agreement(
    taus: SystemGeneralization, pearsons: SystemGeneralization, labels: Mapping[str, str]
) -> Table:
    rows = [
        TableRow(labels.get(key, key), [_estimate(tau), _estimate(pearsons.estimates.get(key))])
        for key, tau in sorted(taus.estimates.items(), key=lambda found: -found[1].value)
    ]
    words = (
        _(
            "95 %% intervals for methods like these: %(test)s of %(n)s methods, resampled by their %(clusters)s "
            "base models. They are wider than those for these methods because other methods may agree differently."
        )
        if taus.n_clusters < taus.n_methods
        else _(
            "95 %% intervals for methods like these: %(test)s of %(n)s methods. They are wider than those for "
            "these methods because other methods may agree differently."
        )
    )
    note = words % {
        "test": _("Boot-Both") if "Boot-Both" in taus.smallest else _("Boot-Systems"),
        "n": taus.n_methods,
        "clusters": taus.n_clusters,
    }
    return Table([_("Metric"), _("τ-b"), _("Pearson")], rows, note=note)


def _general_differences(
    taus: SystemGeneralization, pearsons: SystemGeneralization, labels: Mapping[str, str]
) -> Table:
    shown = [test for test in TESTS if test in taus.smallest or test in pearsons.smallest]
    linear = {(pair.first, pair.second): pair for pair in pearsons.differences}
    heads = [_("Metrics"), _("τ-b difference")]
    heads += [_("Adjusted p of %(test)s (τ-b)") % {"test": test} for test in shown]
    heads += [_("Pearson difference")]
    heads += [_("Adjusted p of %(test)s (Pearson)") % {"test": test} for test in shown]
    rows = []
    for pair in sorted(taus.differences, key=lambda pair: _most_significant_general(pair, shown)):
        names = _("%(first)s and %(second)s") % {
            "first": labels.get(pair.first, pair.first),
            "second": labels.get(pair.second, pair.second),
        }
        by_r = linear.get((pair.first, pair.second))
        rows.append(TableRow(names, [*_general_cells(pair, shown), *_general_cells(by_r, shown)]))
    smallest = "; ".join(
        _("%(test)s %(tau)s (τ-b), %(r)s (Pearson)")
        % {
            "test": test,
            "tau": p_text(taus.smallest.get(test, 1.0)),
            "r": p_text(pearsons.smallest.get(test, 1.0)),
        }
        for test in shown
    )
    note = _(
        "Smallest possible adjusted p: %(smallest)s. If it is not below .05, the test cannot decide."
    ) % {"smallest": smallest}
    if "Boot-Systems" in shown and taus.n_clusters < taus.n_methods:
        note += (
            " "
            + _(
                "With few base models, Boot-Systems finds differences too often (7 to 11 %% of equal metrics in "
                "simulations with 8): use PERM-SYSTEMS."
            )
            % {}
        )
    return Table(heads, rows, note=f"{note} {null_words(*shown)}")


def _most_significant_general(pair: GeneralDifference, tests: Sequence[str]) -> tuple[float, float]:
    found = map(pair.adjusted_p, tests)
    return (next((p for p in found if p is not None), 2.0), -abs(pair.difference))


def _general_cells(pair: GeneralDifference | None, tests: Sequence[str]) -> list[Cell]:
    if pair is None:
        return [missing(_("undefined")) for _place in range(1 + len(tests))]
    return [Cell(pair.difference, form=SIGNED), *(p_cell(pair.adjusted_p(test)) for test in tests)]


def _estimate(found: Estimate | None) -> Cell:
    return missing(_("undefined")) if found is None else estimate_cell(found.value, found.interval)
