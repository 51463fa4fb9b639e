"""What holds of metrics in general, on the page of results: a line, the agreement, and every two metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import SIGNED, p_text
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing, p_cell
from metaeval.findings.null_hypotheses import null_words
from metaeval.results.methods_like_these import GeneralDifference, MethodsLikeThese
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_rows import Estimate

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
        tables.append((_("Agreement on methods like these"), _agreement(taus, pearsons, labels)))
        if taus.differences:
            tables.append((_("Differences on methods like these"), _differences(taus, pearsons, labels)))
    return GeneralSection(general_line(taus), tables)


def general_line(found: MethodsLikeThese) -> str:
    """How many differences hold of metrics in general, or why there is no verdict."""
    if found.undetermined:
        return found.undetermined
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


def _leading(found: MethodsLikeThese) -> str | None:
    return next((test for test in TESTS if test in found.smallest), None)


def _agreement(taus: MethodsLikeThese, pearsons: MethodsLikeThese, labels: Mapping[str, str]) -> Table:
    rows = [
        TableRow(labels.get(key, key), [_estimate(tau), _estimate(pearsons.estimates.get(key))])
        for key, tau in sorted(taus.estimates.items(), key=lambda found: -found[1].value)
    ]
    note = _(
        "95 %% intervals for methods like these: %(test)s of %(n)s methods%(clusters)s. They are wider than "
        "those for these methods because other methods may agree differently."
    ) % {
        "test": _("Boot-Both") if "Boot-Both" in taus.smallest else _("Boot-Systems"),
        "n": taus.n_methods,
        "clusters": _(", resampled by their %(n)s base models") % {"n": taus.n_clusters}
        if taus.n_clusters < taus.n_methods
        else "",
    }
    return Table([_("Metric"), _("τ-b"), _("Pearson")], rows, note=note)


def _differences(taus: MethodsLikeThese, pearsons: MethodsLikeThese, labels: Mapping[str, str]) -> Table:
    shown = [test for test in TESTS if test in taus.smallest or test in pearsons.smallest]
    linear = {(pair.first, pair.second): pair for pair in pearsons.differences}
    heads = [_("Metrics"), _("τ-b difference")]
    heads += [_("Adjusted p of %(test)s (τ-b)") % {"test": test} for test in shown]
    heads += [_("Pearson difference")]
    heads += [_("Adjusted p of %(test)s (Pearson)") % {"test": test} for test in shown]
    rows = []
    for pair in sorted(taus.differences, key=lambda pair: _surest_first(pair, shown)):
        names = _("%(first)s and %(second)s") % {
            "first": labels.get(pair.first, pair.first),
            "second": labels.get(pair.second, pair.second),
        }
        by_r = linear.get((pair.first, pair.second))
        rows.append(TableRow(names, [*_cells(pair, shown), *_cells(by_r, shown)]))
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


def _surest_first(pair: GeneralDifference, tests: Sequence[str]) -> tuple[float, float]:
    found = map(pair.adjusted_p, tests)
    return (next((p for p in found if p is not None), 2.0), -abs(pair.difference))


def _cells(pair: GeneralDifference | None, tests: Sequence[str]) -> list[Cell]:
    if pair is None:
        return [missing(_("undefined")) for _place in range(1 + len(tests))]
    return [Cell(pair.difference, form=SIGNED), *(p_cell(pair.adjusted_p(test)) for test in tests)]


def _estimate(found: Estimate | None) -> Cell:
    return missing(_("undefined")) if found is None else estimate_cell(found.value, found.interval)
