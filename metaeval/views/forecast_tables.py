"""A forecast in words and rows."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from annotations.charts.tables import Cell, Table, TableRow

PLANS: dict[str, str | Promise] = {
    "as planned": _lazy("As planned"),
    "2 x the judgments of the same judges": _lazy("Twice the judgments, same judges"),
    "2 x the judges, as many judgments each": _lazy("Twice the judges"),
    "4 x the judgments of the same judges": _lazy("Four times the judgments, same judges"),
    "4 x the judges, as many judgments each": _lazy("Four times the judges"),
}


def as_planned(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The plan, as terms and what they are."""
    plan = found["plan"]
    return [
        (_("Methods"), str(plan["n_methods"])),
        (_("Judges"), str(plan["n_judges"])),
        (_("Judgments"), f"{plan['n_judgments']:,}"),
        (_("Texts"), str(plan["n_items"])),
        (_("Ties"), f"{plan['tie_share']:.0%}"),
        (_("Best to worst"), _("%(n)s log odds") % {"n": f"{plan['spread']:g}"}),
        (_("Judges differ by"), _("%(n)s log odds") % {"n": f"{plan['taste_sd']:g}"}),
        (_("Simulations"), str(found["n_simulations"])),
        (_("Seed"), str(found["seed"])),
    ]


def side_by_side(found: list[dict[str, Any]]) -> Table:
    """A row for each way to spend the work."""
    heads = [
        _("Plan"),
        _("Judges"),
        _("Judgments"),
        _("Width of a 95 % interval"),
        _("True order found"),
        _("Best method found"),
        _("Metrics told apart"),
        _("False alarms"),
    ]
    rows = [TableRow(str(PLANS.get(row["name"], row["name"])), _cells(row), _remark(row)) for row in found]
    return Table(heads, rows, _note(found[0]))


def _cells(row: dict[str, Any]) -> list[Cell]:
    compared = row["metric_comparison"]
    joint = None if compared is None else compared["tests"]["joint bootstrap"]
    why = _("There is no order among equal methods.")
    alone = _("With so few methods, or equal ones, metrics are not compared.")
    return [
        Cell(str(row["plan"]["n_judges"])),
        Cell(f"{row['plan']['n_judgments']:,}"),
        _width(row["difference_width"]),
        _share(row["true_order"], why),
        _share(row["true_best"], why),
        _share(None if joint is None else joint["power"], alone),
        _share(None if joint is None else joint["false_alarms"], alone),
    ]


def _share(found: dict[str, Any] | None, reason: str) -> Cell:
    if found is None:
        return Cell("–", reason=reason)
    low, high = found["interval"]
    return Cell(f"{found['share']:.0%}", low=f"{low:.0%}", high=f"{high:.0%}")


def _width(found: dict[str, float] | None) -> Cell:
    if found is None:
        return Cell("–", reason=_("No simulation gave an interval."))
    return Cell(f"{found['median']:.2f}", low=f"{found['low']:.2f}", high=f"{found['high']:.2f}")


def _remark(row: dict[str, Any]) -> str:
    said = []
    if row["n_without_ranking"]:
        said.append(
            _("no ranking in %(n)s of %(of)s simulations")
            % {"n": row["n_without_ranking"], "of": row["n_simulations"]}
        )
    if row["n_without_interval"]:
        said.append(
            _("no interval in %(n)s of %(of)s") % {"n": row["n_without_interval"], "of": row["n_simulations"]}
        )
    return "; ".join(said)


def _note(row: dict[str, Any]) -> str:
    plan = row["plan"]
    return _(
        "Widths are medians over differences of strengths and simulations, with the middle 95 %% of them; shares have "
        "the interval that so many simulations leave. Metrics: one that correlates %(better)s with the truth told from "
        "one of %(worse)s by the joint bootstrap. False alarms: how often it tells two equally good ones apart."
    ) % {"better": f"{plan['better']:g}", "worse": f"{plan['worse']:g}"}


def separation_rows(found: dict[str, Any]) -> Table:
    heads = [
        _("Places apart"),
        _("Log odds apart"),
        _("Told apart"),
        _("Judgments needed"),
        _("Judgments still needed"),
        _("Judges needed"),
    ]
    rows = [
        TableRow(
            str(row["places"]),
            [Cell(f"{row['log_odds']:.2f}"), Cell(f"{row['share']:.0%}"), *_needed(row, found["plan"])],
        )
        for row in found["separated_by_places_apart"]
    ]
    return Table(
        heads,
        rows,
        _(
            "In the true order, by tests with Holm’s correction over all pairs. Needed: in all, to tell two methods that "
            "lie so far apart from each other by a chance of 80 % or more, with more judges, each as active as planned, on as many more "
            "texts."
        ),
    )


def _needed(row: dict[str, Any], plan: dict[str, Any]) -> list[Cell]:
    # A forecast that an earlier version made has no such number.
    judgments, judges = row.get("judgments_needed"), row.get("judges_needed")
    if judgments is None or judges is None:
        why = _("no number is enough") if "judgments_needed" in row else _("not computed then")
        return [Cell("–", reason=why) for _column in range(3)]
    more = max(0, judgments - plan["n_judgments"])
    return [Cell(f"{judgments:,}"), Cell(f"{more:,}"), Cell(f"{judges:,}")]
