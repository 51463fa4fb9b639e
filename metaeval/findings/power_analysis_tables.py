"""A forecast in words and rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import SHARE, counted
from hlv.core.rendering.tables import Cell, Column, Medium, Table, TableRow, count_cell, missing, share_cell
from hlv.stats.pairwise.sample_size import is_too_many
from hlv.stats.power.forecast import (
    ForecastResult,
    MetricTestPower,
    Separation,
    Share,
    Spread,
    StoredScenario,
    ignored_variation,
    metrics_undetermined,
    misses_coverage,
    needed_undetermined,
)
from metaeval.results.power_analysis import PlanForecast

IN_TERMINAL: Final[frozenset[Medium]] = frozenset({"terminal"})
PLANS: dict[str, str | Promise] = {
    "as planned": _lazy("As planned"),
    "2 x the judgments of the same judges": _lazy("Twice the judgments, same judges"),
    "2 x the judges, as many judgments each": _lazy("Twice the judges"),
    "4 x the judgments of the same judges": _lazy("Four times the judgments, same judges"),
    "4 x the judges, as many judgments each": _lazy("Four times the judges"),
}


def as_planned(found: PlanForecast) -> list[tuple[str, str]]:
    """The plan, as terms and what they are."""
    plan = found.plan
    return [
        (_("Methods"), str(plan.n_methods)),
        (_("Judges"), f"{plan.n_judges:,}"),
        (_("Judgments"), f"{plan.n_judgments:,}"),
        (_("Texts"), f"{plan.n_items:,}"),
        (_("Ties"), f"{plan.tie_share:.0%}"),
        (_("Best to worst"), _("%(n)s log odds") % {"n": f"{plan.spread:g}"}),
        (_("Judges differ by"), _("%(n)s log odds") % {"n": f"{plan.taste_sd:g}"}),
        (_("Texts differ by"), _("%(n)s log odds") % {"n": f"{plan.item_sd:g}"}),
        (
            _("Evenness of activity"),
            _("all judges equally active") if plan.evenness is None else f"{plan.evenness:g}",
        ),
        (
            _("Correlation of metrics"),
            _("%(better)s and %(worse)s with the truth")
            % {"better": f"{plan.better:g}", "worse": f"{plan.worse:g}"},
        ),
        (_("Simulations"), f"{found.n_simulations:,}"),
        (_("Seed"), str(found.seed)),
        # A forecast that an earlier version made does not say so.
        *([(_("Program"), found.code_version)] if found.code_version else []),
    ]


def size_words(plan: StoredScenario) -> str:
    """A plan in a list of forecasts."""
    n_judges, n_judgments = plan.n_judges, plan.n_judgments
    return ", ".join(
        [
            _("%(n)s methods") % {"n": f"{plan.n_methods:,}"},
            ngettext("%(n)s judge", "%(n)s judges", n_judges) % {"n": f"{n_judges:,}"},
            ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"},
        ]
    )


def order_headline(found: ForecastResult) -> str:
    if found.n_without_ranking == found.n_simulations:
        return _("Such a campaign would determine no ranking.")
    order = found.true_order
    if order is None:
        return _("All methods are equal, so there is no true order to find.")
    times = round(100 * order.share)
    return ngettext(
        "Such a campaign would find the true order %(n)s time in 100.",
        "Such a campaign would find the true order %(n)s times in 100.",
        times,
    ) % {"n": times}


def side_by_side(found: Sequence[PlanForecast]) -> Table:
    """A row for each way to spend the work."""
    coverage = any(misses_coverage(row) for row in found)
    columns: list[str | Column] = [
        _("Plan"),
        _("Judges"),
        _("Judgments"),
        _("Width of a 95 % interval"),
        *([_("Coverage of intervals"), _("Joint coverage")] if coverage else []),
        _("True order found"),
        _("Best method found"),
        Column(_("Mean τ-b with the truth"), media=IN_TERMINAL),
        _("Power to separate metrics"),
        _("False alarms"),
    ]
    rows = [
        TableRow(str(PLANS.get(row.name, row.name)), _cells(row, shows_coverage=coverage), _remark(row))
        for row in found
    ]
    title = _("Results of %(n)s") % {"n": counted(found[0].n_simulations, "simulations")}
    return Table(columns, rows, _note(found[0]), title=title)


def _cells(row: PlanForecast, *, shows_coverage: bool) -> list[Cell]:
    compared = row.metric_comparison
    # Earlier versions stored shares of simulations without a ranking, as if no test had found anything.
    tests = {} if compared is None or metrics_undetermined(row) is not None else compared.tests
    joint = tests.get("joint bootstrap", MetricTestPower())
    why = _("The methods are equal, so they have no true order.")
    alone = metrics_undetermined(row) or _("With so few or equal methods, metrics are not compared.")
    return [
        count_cell(row.plan.n_judges),
        count_cell(row.plan.n_judgments),
        _width(row.difference_width),
        *(
            [_bare_share(row.coverage.differences), _bare_share(row.coverage.together)]
            if shows_coverage
            else []
        ),
        _share(row.true_order, why),
        _share(row.true_best, why),
        missing(why) if row.tau_with_truth is None else Cell(row.tau_with_truth),
        _share(joint.power, alone),
        _share(joint.false_alarms, alone),
    ]


def _share(found: Share | None, reason: str) -> Cell:
    return missing(reason) if found is None else Cell(found.share, found.interval, SHARE)


def _bare_share(share: float | None) -> Cell:
    return share_cell(share, reason=_("No simulation gave an interval."))


def _width(found: Spread | None) -> Cell:
    if found is None:
        return missing(_("No simulation gave an interval."))
    return Cell(found.median, (found.low, found.high))


def _remark(row: PlanForecast) -> str:
    sentences = [_("intervals too narrow")] if ignored_variation(row.plan) is not None else []
    for n, words in (
        (row.n_without_ranking, _("no ranking in %(n)s of %(of)s simulations")),
        (row.n_without_interval, _("no interval in %(n)s of %(of)s")),
    ):
        if n:
            sentences.append(words % {"n": n, "of": row.n_simulations})
    return "; ".join(sentences)


def _note(row: PlanForecast) -> str:
    plan = row.plan
    return _(
        "Widths: median over method differences and simulations, with the middle 95 %% of them. Shares have "
        "95 %% simulation intervals. Metrics: one correlates %(better)s with the truth, the other %(worse)s "
        "(joint bootstrap). False alarms: how often two equally good metrics differ significantly."
    ) % {"better": f"{plan.better:g}", "worse": f"{plan.worse:g}"}


def metric_tests_table(found: PlanForecast) -> Table | None:
    """The tests of two metrics, as planned; None where metrics are not compared."""
    compared = found.metric_comparison
    if compared is None:
        return None
    why = compared.undetermined or _("undefined")
    rows = [
        TableRow(name, [_share(test.power, why), _share(test.wrong_one, why), _share(test.false_alarms, why)])
        for name, test in compared.tests.items()
    ]
    note = _("PERM-BOTH treats the human ranking as known. The joint bootstrap resamples it.")
    columns = [_("Test"), _("Better metric found"), _("Worse metric found"), _("False alarms")]
    return Table(columns, rows, note, title=_("Tests of two metrics, base scenario"))


def separation_table(found: PlanForecast) -> Table:
    rows = [
        TableRow(
            str(row.places),
            [Cell(row.log_odds), share_cell(row.share), *_needed(row, found)],
        )
        for row in found.separated_by_places_apart
    ]
    # Once beneath the table, not in each of its rows.
    reasons = dict.fromkeys(
        reason for row in found.separated_by_places_apart if (reason := _why_undetermined(row, found))
    )
    why = [_("Judgments needed: not determined. %(reason)s") % {"reason": reason} for reason in reasons]
    meaning = _(
        "For the true order, by tests with Holm correction for all pairs. Needed: total judgments that "
        "separate two methods this far apart with 80 % power, by more judges, each as active as planned, on "
        "proportionally more texts."
    )
    columns = [
        _("Rank distance"),
        _("Distance in log odds"),
        _("Significant"),
        _("Judgments needed"),
        _("Additional judgments"),
        _("Judges needed"),
    ]
    title = _("Power to separate methods, base scenario")
    return Table(columns, rows, " ".join([*why, meaning]), title=title)


def _why_undetermined(row: Separation, found: PlanForecast) -> str | None:
    """Also of a forecast that an earlier version made, which did not ask."""
    return needed_undetermined(found) or row.needed_undetermined


def _needed(row: Separation, found: PlanForecast) -> list[Cell]:
    judgments, judges = row.judgments_needed, row.judges_needed
    if _why_undetermined(row, found) is not None:
        return [Cell(_("undetermined"))] * 3
    if judgments is None or judges is None:
        return [missing(_("no number suffices"))] * 3
    planned = found.plan.n_judgments
    more = max(0, judgments - planned)
    still = Cell(_("not feasible")) if is_too_many(more, n_judgments=planned) else count_cell(more)
    return [count_cell(judgments), still, count_cell(judges)]
