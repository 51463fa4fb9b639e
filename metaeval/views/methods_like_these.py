"""What holds of metrics in general, on the page of results: a line, the agreement, and every two metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from annotations.charts.drawing import figure
from annotations.charts.tables import Cell, Table, TableRow
from annotations.science.wording import p_words
from metaeval.charts.differences import metric_labels
from metaeval.charts.methods_like_these import (
    GeneralDifference,
    MethodsLikeThese,
    read_methods_like_these,
)
from metaeval.charts.tables import Estimate
from metaeval.views.null_hypotheses import null_words

# In the order in which tables show them; sentences name the first that was done. In simulations all three keep their
# level, and the first finds most differences of tau-b where methods are few.
TESTS: Final = ("PERM-SYSTEMS", "Boot-Systems", "Boot-Both")


@dataclass(frozen=True)
class GeneralSection:
    """A line, and tables where there is an answer."""

    line: str
    tables: list[tuple[str, Table]]


def general_section(result: Mapping[str, Any]) -> GeneralSection | None:
    """None in a snapshot that does not say."""
    taus, pearsons = read_methods_like_these(result), read_methods_like_these(result, "pearson")
    if taus is None or pearsons is None:
        return None
    labels = metric_labels(result)
    tables = []
    if not taus.undetermined:
        tables.append((_("Agreement on methods like these"), _agreement(taus, pearsons, labels)))
        if taus.pairs:
            tables.append((_("Differences on methods like these"), _differences(taus, pearsons, labels)))
    return GeneralSection(general_line(taus), tables)


def general_line(found: MethodsLikeThese) -> str:
    """How many differences hold of metrics in general, or why there is no verdict."""
    if found.undetermined:
        return found.undetermined
    test = _leading(found)
    if not found.pairs or test is None:
        return ""
    if not found.decides(test):
        return _(
            "For methods like these there is no verdict: the smallest adjusted p of %(n)s pairs of metrics that "
            "%(test)s can give is %(p)s."
        ) % {"n": len(found.pairs), "test": test, "p": p_words(found.smallest.get(test, 1.0))}
    return _("For methods like these, %(test)s finds %(n)s of %(of)s pairs of metrics different by τ-b.") % {
        "test": test,
        "n": found.n_different(test),
        "of": len(found.pairs),
    }


def _leading(found: MethodsLikeThese) -> str | None:
    return next((test for test in TESTS if test in found.smallest), None)


def _agreement(taus: MethodsLikeThese, pearsons: MethodsLikeThese, labels: Mapping[str, str]) -> Table:
    rows = [
        TableRow(labels.get(key, key), [_estimate(tau), _estimate(pearsons.metrics.get(key))])
        for key, tau in sorted(taus.metrics.items(), key=lambda found: -found[1].value)
    ]
    note = _(
        "95 %% intervals for methods like these: %(test)s of %(n)s methods%(clusters)s. They are wider than those for "
        "these methods, because other methods may agree differently."
    ) % {
        "test": _("Boot-Both") if "Boot-Both" in taus.smallest else _("Boot-Systems"),
        "n": taus.n_methods,
        "clusters": _(", drawn by their %(n)s base models") % {"n": taus.n_clusters}
        if taus.n_clusters < taus.n_methods
        else "",
    }
    return Table([_("Metric"), _("τ-b"), _("Pearson")], rows, note=note)


def _differences(taus: MethodsLikeThese, pearsons: MethodsLikeThese, labels: Mapping[str, str]) -> Table:
    shown = [test for test in TESTS if test in taus.smallest or test in pearsons.smallest]
    linear = {(pair.first, pair.second): pair for pair in pearsons.pairs}
    heads = [_("Metrics"), _("τ-b difference")]
    heads += [_("Adjusted p of %(test)s (τ-b)") % {"test": test} for test in shown]
    heads += [_("Pearson difference")]
    heads += [_("Adjusted p of %(test)s (Pearson)") % {"test": test} for test in shown]
    rows = []
    for pair in sorted(taus.pairs, key=lambda pair: _surest_first(pair, shown)):
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
            "tau": p_words(taus.smallest.get(test, 1.0)),
            "r": p_words(pearsons.smallest.get(test, 1.0)),
        }
        for test in shown
    )
    note = _("Smallest adjusted p that is attainable: %(smallest)s; not below .05 there is no verdict.") % {
        "smallest": smallest
    }
    if "Boot-Systems" in shown and taus.n_clusters < taus.n_methods:
        note += (
            " "
            + _(
                "With few base models Boot-Systems finds differences too often (7 to 11 %% of equal metrics in simulations with 8): "
                "rely on PERM-SYSTEMS."
            )
            % {}
        )
    return Table(heads, rows, note=f"{note} {null_words(*shown)}")


def _surest_first(pair: GeneralDifference, tests: Sequence[str]) -> tuple[float, float]:
    p = next((pair.adjusted_p[test] for test in tests if pair.adjusted_p.get(test) is not None), None)
    return (2.0 if p is None else p, -abs(pair.difference))


def _cells(pair: GeneralDifference | None, tests: Sequence[str]) -> list[Cell]:
    if pair is None:
        return [Cell("–", reason=_("undefined")) for _place in range(1 + len(tests))]
    found = [pair.adjusted_p.get(test) for test in tests]
    return [
        Cell(figure(pair.difference, signed=True)),
        *(Cell("–", reason=_("no p")) if p is None else Cell(p_words(p)) for p in found),
    ]


def _estimate(found: Estimate | None) -> Cell:
    if found is None:
        return Cell("–", reason=_("undefined"))
    if found.low is None or found.high is None:
        return Cell(figure(found.value), beside=_("no interval"))
    return Cell(figure(found.value), low=figure(found.low), high=figure(found.high))
