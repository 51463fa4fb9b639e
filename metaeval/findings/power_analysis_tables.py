"""A forecast in words and rows."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import SHARE
from hlv.core.rendering.tables import Cell, Table, TableRow, missing, share_cell
from hlv.stats.pairwise.sample_size import is_too_many
from hlv.stats.power.cautions import (
    left_out,
    metrics_undetermined,
    misses_coverage,
    needed_undetermined,
)

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
        (_("Judges"), f"{plan['n_judges']:,}"),
        (_("Judgments"), f"{plan['n_judgments']:,}"),
        (_("Texts"), f"{plan['n_items']:,}"),
        (_("Ties"), f"{plan['tie_share']:.0%}"),
        (_("Best to worst"), _("%(n)s log odds") % {"n": f"{plan['spread']:g}"}),
        (_("Judges differ by"), _("%(n)s log odds") % {"n": f"{plan['taste_sd']:g}"}),
        (_("Texts differ by"), _("%(n)s log odds") % {"n": f"{plan['item_sd']:g}"}),
        (
            _("Evenness of activity"),
            _("all equally active") if plan["evenness"] is None else f"{plan['evenness']:g}",
        ),
        (
            _("Metrics correlate"),
            _("%(better)s and %(worse)s with the truth")
            % {"better": f"{plan['better']:g}", "worse": f"{plan['worse']:g}"},
        ),
        (_("Simulations"), f"{found['n_simulations']:,}"),
        (_("Seed"), str(found["seed"])),
        # A forecast that an earlier version made does not say so.
        *([(_("Program"), found["code_version"])] if "code_version" in found else []),
    ]


def size_words(plan: dict[str, Any]) -> str:
    """A plan in a list of forecasts."""
    n_judges, n_judgments = plan["n_judges"], plan["n_judgments"]
    return ", ".join(
        [
            _("%(n)s methods") % {"n": f"{plan['n_methods']:,}"},
            ngettext("%(n)s judge", "%(n)s judges", n_judges) % {"n": f"{n_judges:,}"},
            ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"},
        ]
    )


def order_headline(found: dict[str, Any]) -> str:
    if found["n_without_ranking"] == found["n_simulations"]:
        return _("Such a campaign would give no ranking at all.")
    order = found["true_order"]
    if order is None:
        return _("With equal methods there is no order to find.")
    times = round(100 * order["share"])
    return ngettext(
        "Such a campaign would find the true order %(n)s time of 100.",
        "Such a campaign would find the true order %(n)s times of 100.",
        times,
    ) % {"n": times}


def side_by_side(found: list[dict[str, Any]]) -> Table:
    """A row for each way to spend the work."""
    shows_coverage = any(misses_coverage(row) for row in found)
    heads = [
        _("Plan"),
        _("Judges"),
        _("Judgments"),
        _("Width of a 95 % interval"),
        *([_("Intervals that hold the truth"), _("All hold it together")] if shows_coverage else []),
        _("True order found"),
        _("Best method found"),
        _("Metrics told apart"),
        _("False alarms"),
    ]
    rows = [
        TableRow(
            str(PLANS.get(row["name"], row["name"])),
            _cells(row, shows_coverage=shows_coverage),
            _remark(row),
        )
        for row in found
    ]
    return Table(heads, rows, _note(found[0]))


def _cells(row: dict[str, Any], *, shows_coverage: bool) -> list[Cell]:
    compared = row["metric_comparison"]
    coverage = row["coverage"]
    joint = None if compared is None else compared["tests"]["joint bootstrap"]
    why = _("There is no order among equal methods.")
    alone = metrics_undetermined(row) or _("With so few methods, or equal ones, metrics are not compared.")
    # Of earlier versions there are shares of simulations without a ranking, as if no test had found anything.
    if metrics_undetermined(row) is not None:
        joint = None
    return [
        Cell(f"{row['plan']['n_judges']:,}"),
        Cell(f"{row['plan']['n_judgments']:,}"),
        _width(row["difference_width"]),
        *([_bare_share(coverage[name]) for name in ("differences", "together")] if shows_coverage else []),
        _share(row["true_order"], why),
        _share(row["true_best"], why),
        _share(None if joint is None else joint["power"], alone),
        _share(None if joint is None else joint["false_alarms"], alone),
    ]


def _share(found: dict[str, Any] | None, reason: str) -> Cell:
    if found is None:
        return missing(reason)
    low, high = found["interval"]
    return Cell(found["share"], (low, high), SHARE)


def _bare_share(share: float | None) -> Cell:
    return share_cell(share, reason=_("No simulation gave an interval."))


def _width(found: dict[str, float] | None) -> Cell:
    if found is None:
        return missing(_("No simulation gave an interval."))
    return Cell(found["median"], (found["low"], found["high"]))


def _remark(row: dict[str, Any]) -> str:
    said = [_("intervals too narrow")] if left_out(row["plan"]) is not None else []
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
            [Cell(f"{row['log_odds']:.2f}"), Cell(f"{row['share']:.0%}"), *_needed(row, found)],
        )
        for row in found["separated_by_places_apart"]
    ]
    # Once beneath the table, not in each of its rows.
    reasons = dict.fromkeys(
        reason for row in found["separated_by_places_apart"] if (reason := _why_undetermined(row, found))
    )
    why = [_("Judgments needed are undetermined: %(reason)s") % {"reason": reason} for reason in reasons]
    meaning = _(
        "In the true order, by tests with Holm’s correction over all pairs. Needed: in all, to tell two methods that "
        "lie so far apart from each other by a chance of 80 % or more, with more judges, each as active as planned, on as many more "
        "texts."
    )
    return Table(heads, rows, " ".join([*why, meaning]))


def _why_undetermined(row: dict[str, Any], found: dict[str, Any]) -> str | None:
    """Also of a forecast that an earlier version made, which did not ask."""
    return needed_undetermined(found) or row.get("needed_undetermined")


def _needed(row: dict[str, Any], found: dict[str, Any]) -> list[Cell]:
    # A forecast that an earlier version made has no such number, or one that should not have been said.
    judgments, judges = row.get("judgments_needed"), row.get("judges_needed")
    if _why_undetermined(row, found) is not None:
        return [Cell(_("undetermined")) for _column in range(3)]
    if judgments is None or judges is None:
        why = _("no number is enough") if "judgments_needed" in row else _("not computed then")
        return [missing(why) for _column in range(3)]
    planned = found["plan"]["n_judgments"]
    more = max(0, judgments - planned)
    still = Cell(_("out of reach") if is_too_many(more, n_judgments=planned) else f"{more:,}")
    return [Cell(f"{judgments:,}"), still, Cell(f"{judges:,}")]
