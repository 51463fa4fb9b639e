"""What the figures of a round show and how sure it is, in sentences made from the numbers and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.figures.rounds import two_alphas
from annotations.models import Study
from annotations.selectors.progress import ItemCoverage, Pace
from hlv.core.rendering.numbers import figure
from hlv.stats.labels.completion_forecast import NoProjectionError, projected_end

DAY = "j F Y"


def headline(covered: ItemCoverage, *, from_files: bool) -> str:
    if not covered.n_items:
        return _("There are no texts to answer yet.")
    if from_files and not covered.n_answers:
        return _("The answers came from files: nobody has answered here.")
    if covered.n_complete == covered.n_items:
        return _("Every text has the answers that are wanted.")
    words = (
        _("%(n)s of %(of)s answers wanted of people here are there; %(complete)s. Others came from files.")
        if from_files
        else _("%(n)s of %(of)s answers are there; %(complete)s.")
    )
    return words % {
        "n": f"{covered.n_answers:,}",
        "of": f"{covered.n_wanted:,}",
        "complete": ngettext(
            "%(n)s of %(of)s texts is complete", "%(n)s of %(of)s texts are complete", covered.n_complete
        )
        % {"n": f"{covered.n_complete:,}", "of": f"{covered.n_items:,}"},
    }


def coverage_reading(covered: ItemCoverage, *, from_files: bool) -> list[str]:
    none = covered.n_items_by_answers.get(0, 0)
    said = [
        ngettext(
            "%(n)s text has the number of answers that is wanted, %(wanted)s.",
            "%(n)s texts have the number of answers that is wanted, %(wanted)s.",
            covered.n_complete,
        )
        % {"n": f"{covered.n_complete:,}", "wanted": covered.wanted}
    ]
    if none:
        words = (
            ngettext("%(n)s text has none of people here.", "%(n)s texts have none of people here.", none)
            if from_files
            else ngettext("%(n)s text has none yet.", "%(n)s texts have none yet.", none)
        )
        said.append(words % {"n": f"{none:,}"})
    return said


def pace_reading(found: Pace) -> str:
    if not found.n_answers:
        return _("Nobody has answered here yet.")
    words = (
        ngettext(
            "%(n)s answer came in these four weeks and today; before today %(per_day)s a day.",
            "%(n)s answers came in these four weeks and today; before today %(per_day)s a day.",
            found.n_answers,
        )
        if found.ends_today
        else ngettext(
            "%(n)s answer came in these four weeks, %(per_day)s a day.",
            "%(n)s answers came in these four weeks, %(per_day)s a day.",
            found.n_answers,
        )
    )
    return words % {"n": f"{found.n_answers:,}", "per_day": f"{found.per_day:,.1f}"}


def projection(study: Study, covered: ItemCoverage, found: Pace, *, since: date | None) -> list[str]:
    """When the round may end, with its caution; or why nothing is said of it."""
    if covered.n_remaining == 0:
        return [_("Nothing is wanted any more, so there is no end to project.")]
    if study.state != Study.State.OPEN:
        return [_("Annotating is not open, so no end is projected.")]
    if since is None or not found.ends_today:
        return [_("Nobody has answered here in the last four weeks, so no end is projected.")]
    weeks = found.whole_weeks(since=since)
    try:
        end = projected_end(weeks, remaining=covered.n_remaining)
    except NoProjectionError:
        return [_("An end is projected after the first whole week with answers: fewer days say too little.")]
    today = found.days[-1][0]
    return [
        _("If days to come are like the last %(days)s, the %(n)s answers still wanted are there by %(end)s.")
        % {"days": end.n_days, "n": f"{covered.n_remaining:,}", "end": _day(today, end.days)},
        _("The ups and downs of these days allow anything from %(first)s to %(last)s.")
        % {"first": _day(today, end.earliest), "last": _day(today, end.latest)}
        if end.latest is not None
        else _("These days are so uneven that %(first)s is the earliest and no latest can be said.")
        % {"first": _day(today, end.earliest)},
        _("Rounds slow down when quotas are reached: the real end is rather later than earlier."),
    ]


def _day(today: date, days: int) -> str:
    # Beyond a lifetime a date says nothing.
    return date_format(today + timedelta(days=min(days, 36_500)), DAY)


def agreement_reading(result: Mapping[str, Any]) -> list[str]:
    alpha = result["krippendorff_alpha"]
    if alpha["value"] is None:
        return [str(alpha["undetermined"])]
    said = [
        _("Krippendorff’s alpha of all answers is %(alpha)s: 0 is what chance gives, 1 is everybody alike.")
        % {"alpha": with_interval(alpha)}
    ]
    entered = result["entered"]
    said.append(
        _("From %(answers)s answers to %(items)s texts, %(two)s of them with two answers or more.")
        % {
            "answers": f"{entered['n_answers']:,}",
            "items": f"{entered['n_items']:,}",
            "two": f"{entered['n_items_with_two_or_more']:,}",
        }
    )
    return [*said, *two_alphas(result)]


def with_interval(stored: Mapping[str, Any]) -> str:
    if stored["interval"] is None:
        return _("%(value)s, no interval") % {"value": isolated(stored["value"])}
    low, high = stored["interval"]
    return _("%(value)s, %(low)s to %(high)s") % {
        "value": isolated(stored["value"]),
        "low": isolated(low),
        "high": isolated(high),
    }


def isolated(value: float) -> str:
    """Two digits whose sign stays before them in a line that runs from right to left."""
    return f"\u2066{figure(value)}\u2069"


def no_growth(result: Mapping[str, Any]) -> str:
    """Why no growth is drawn."""
    if result["growth"]:
        return _("There is nothing to draw until more texts have answers of two people.")
    return _("Labels that came as counts have no order in which they came.")


def growth_reading(points: Sequence[Mapping[str, Any]], *, n_from_files: int) -> list[str]:
    """Whether the last half of the answers moved the value out of where half of them had it."""
    if not points:
        return []
    if not n_from_files:
        return [_course(points, in_time=True)]
    return [
        _course(points, in_time=False),
        ngettext(
            "%(n)s of the answers came from a file: it stands in the order of rows, which is not the order in which people "
            "answered.",
            "%(n)s of the answers came from files: they stand in the order of rows, which is not the order in which people "
            "answered.",
            n_from_files,
        )
        % {"n": f"{n_from_files:,}"},
    ]


def _course(points: Sequence[Mapping[str, Any]], *, in_time: bool) -> str:
    told = [point for point in points if point["krippendorff_alpha"]["value"] is not None]
    if len(told) < 2:
        return _("There are too few answers to see agreement grow.")
    half, last = told[(len(told) - 1) // 2]["krippendorff_alpha"], told[-1]["krippendorff_alpha"]
    if half["interval"] is None or last["interval"] is None:
        return _("Too few texts have two answers for intervals, so no course can be read from this.")
    low, high = half["interval"]
    inside = low <= last["value"] <= high
    if not in_time:
        return (
            _("The value of all answers lies within the interval that the first half of them has.")
            if inside
            else _(
                "The value of all answers lies outside the interval that the first half of them has: the halves differ, by "
                "their texts or by their people."
            )
        )
    if inside:
        return _(
            "The value of all answers lies within the interval that half of them had: more answers made it surer, "
            "and did not move it."
        )
    return _(
        "The value of all answers lies outside the interval that half of them had: later answers differ from the "
        "earlier ones, by their texts or by their people."
    )


def entropy_reading(entropy: Mapping[str, Any], *, several_labels: bool) -> list[str]:
    n = entropy["n_items"]
    if not n:
        return [_("No text has two answers yet, so none can divide people.")]
    said = [
        ngettext(
            "%(n)s text with two answers or more; mean entropy %(mean)s.",
            "%(n)s texts with two answers or more; mean entropy %(mean)s.",
            n,
        )
        % {"n": f"{n:,}", "mean": isolated(entropy["mean"])},
        _("In a study of several labels it is the mean over labels, most of which nobody doubts.")
        if several_labels
        else _("0: all chose the same label. 1: every label was chosen as often."),
        _("Few answers hide part of the variation: expect entropies to rise as answers come."),
    ]
    if entropy["n_items_with_one_answer"]:
        said.append(
            ngettext(
                "%(n)s text with one answer is left out.",
                "%(n)s texts with one answer are left out.",
                entropy["n_items_with_one_answer"],
            )
            % {"n": f"{entropy['n_items_with_one_answer']:,}"}
        )
    return said


def annotators_reading(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    with_one = [row for row in rows if row["departure"]["interval"] is not None]
    if not with_one:
        return [_("No annotator shares enough texts with two others to be compared.")]
    less = [row["annotator"] for row in with_one if row["departure"]["interval"][1] < 0]
    said = [
        _("With nobody do the others agree less than among themselves, beyond chance.")
        if not less
        else ngettext(
            "With %(names)s the others agree less than among themselves, beyond chance.",
            "With each of %(names)s the others agree less than among themselves, beyond chance.",
            len(less),
        )
        % {"names": _listed(less)}
    ]
    said.append(
        ngettext(
            "Each interval is one of 95 %% by itself; of %(n)s annotator, %(chance)s would stand out by chance.",
            "Each interval is one of 95 %% by itself; of %(n)s annotators, %(chance)s would stand out by chance.",
            len(with_one),
        )
        % {"n": len(with_one), "chance": f"{0.025 * len(with_one):.1f}"}
    )
    said.append(_("Who differs is not wrong: see what they said before you write to them."))
    return said


def _listed(names: Sequence[str], *, most: int = 6) -> str:
    """Names in a row; of many the first ones and how many more."""
    more = len(names) - most
    if more > 0:
        return _("%(names)s and %(n)s more") % {"names": ", ".join(names[:most]), "n": more}
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
