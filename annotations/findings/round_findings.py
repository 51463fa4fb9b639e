"""What the figures of a round show and how sure it is, in sentences made from the numbers and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.models import Study
from annotations.results.round_report import (
    AnnotatorRow,
    EntropyHistogram,
    GrowthPoint,
    LabelAgreementResult,
    RoundResult,
)
from annotations.selectors.progress import ItemCoverage, Pace
from hlv.core.rendering.sentences import Finding, figure_with_interval, isolated_figure, listed, reason
from hlv.stats.agreement import Entered, LabelAgreement, SpanAgreement
from hlv.stats.labels.completion_forecast import NoProjectionError, projected_end

# Distances of whole sets.
SET_DISTANCES: Final = {"masi": "MASI", "jaccard": "Jaccard"}


def headline(covered: ItemCoverage, *, from_files: bool) -> str:
    if not covered.n_items:
        return _("There are no texts to annotate. Import texts.")
    if from_files and not covered.n_answers:
        return _("All answers were imported from files. Nobody has annotated here.")
    if covered.n_complete == covered.n_items:
        return _("Every text has enough answers.")
    words = (
        _(
            "%(n)s of %(of)s answers from people here are complete; %(complete)s. Other answers were imported "
            "from files."
        )
        if from_files
        else _("%(n)s of %(of)s answers are complete; %(complete)s.")
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
    sentences = [
        ngettext(
            "%(n)s text has all %(wanted)s answers.",
            "%(n)s texts have all %(wanted)s answers.",
            covered.n_complete,
        )
        % {"n": f"{covered.n_complete:,}", "wanted": covered.wanted}
    ]
    if none:
        words = (
            ngettext(
                "%(n)s text has no answer from people here.",
                "%(n)s texts have no answer from people here.",
                none,
            )
            if from_files
            else ngettext("%(n)s text has no answer yet.", "%(n)s texts have no answer yet.", none)
        )
        sentences.append(words % {"n": f"{none:,}"})
    return sentences


def pace_reading(found: Pace) -> str:
    if not found.n_answers:
        return _("Nobody has answered here yet.")
    words = (
        ngettext(
            "%(n)s answer in the last four weeks and today; %(per_day)s a day before today.",
            "%(n)s answers in the last four weeks and today; %(per_day)s a day before today.",
            found.n_answers,
        )
        if found.ends_today
        else ngettext(
            "%(n)s answer in the last four weeks, %(per_day)s a day.",
            "%(n)s answers in the last four weeks, %(per_day)s a day.",
            found.n_answers,
        )
    )
    return words % {"n": f"{found.n_answers:,}", "per_day": f"{found.per_day:,.1f}"}


def projection(study: Study, covered: ItemCoverage, found: Pace, *, since: date | None) -> list[str]:
    """When the round may end, with its caution; or why there is no forecast."""
    if covered.n_remaining == 0:
        return [_("All answers are complete, so there is no end date to forecast.")]
    if study.state != Study.State.OPEN:
        return [_("Annotation is not open, so there is no forecast of the end.")]
    if since is None or not found.ends_today:
        return [_("Nobody has annotated here in the last four weeks, so there is no forecast of the end.")]
    weeks = found.whole_weeks(since=since)
    try:
        end = projected_end(weeks, remaining=covered.n_remaining)
    except NoProjectionError:
        return [_("The forecast of the end starts after the first whole week with answers.")]
    today = found.days[-1][0]
    return [
        _("At the pace of the last %(days)s days, the remaining %(n)s answers are complete by %(end)s.")
        % {"days": end.n_days, "n": f"{covered.n_remaining:,}", "end": _day(today, end.days)},
        _("Daily variation allows anything from %(first)s to %(last)s.")
        % {"first": _day(today, end.earliest), "last": _day(today, end.latest)}
        if end.latest is not None
        else _(
            "Daily variation is large: the earliest date is %(first)s, and the latest cannot be estimated."
        )
        % {"first": _day(today, end.earliest)},
        _("Rounds slow down when annotators reach their quotas: the real end is probably later."),
    ]


def _day(today: date, days: int) -> str:
    # Beyond a lifetime a date says nothing.
    return date_format(today + timedelta(days=min(days, 36_500)), "DATE_FORMAT")


def agreement_reading(result: LabelAgreementResult) -> list[Finding]:
    alpha = result.krippendorff_alpha
    if alpha.value is None:
        return [Finding("%(why)s", {"why": reason(alpha.undetermined) or _("Undefined.")}, "caution")]
    value = Finding(
        _("Krippendorff’s alpha of all answers is %(alpha)s (0 = chance, 1 = everyone agrees)."),
        {"alpha": figure_with_interval(alpha.value, alpha.interval)},
    )
    return [value, entered_finding(result.entered), *two_alphas(result), *span_findings(result.spans)]


def span_findings(spans: SpanAgreement | None) -> list[Finding]:
    """Agreement on the words that decided a label."""
    if spans is None:
        return []
    if spans.f1 is None:
        return [Finding(_("Marked words: no text has marks of two annotators yet."), {}, "caution")]
    values: dict[str, str | int] = {
        "f1": figure_with_interval(spans.f1, spans.interval),
        "pairs": spans.n_pairs,
        "items": spans.n_items,
    }
    return [
        Finding(
            _(
                "Marked words: the mean F1 of pairs of annotators is %(f1)s (0 = no shared character, 1 = the same words "
                "for the same labels; pairs: %(pairs)s, texts: %(items)s)."
            ),
            values,
        )
    ]


def entered_finding(entered: Entered) -> Finding:
    """How many answers the coefficients come from."""
    values = {
        "answers": entered.n_answers,
        "items": entered.n_items,
        "two": entered.n_items_with_two_or_more,
        "annotators": entered.n_annotators,
    }
    return Finding(
        _(
            "Based on %(answers)s answers to %(items)s texts (%(two)s with two answers or more); the annotators are unknown."
        )
        if entered.n_annotators is None
        else _(
            "Based on %(answers)s answers of %(annotators)s annotators to %(items)s texts (%(two)s with two answers or more)."
        ),
        values,
    )


def two_alphas(result: LabelAgreement) -> list[Finding]:
    """Why alpha of all answers need not lie among those of the labels; nothing where both compare the same."""
    distance = result.krippendorff_alpha.distance
    if distance not in SET_DISTANCES or not result.per_label:
        return []
    return [
        Finding(
            _(
                "Alpha of all answers compares whole sets of labels (%(distance)s distance). Alpha of one label compares "
                "whether it was chosen. The first value need not lie between the others."
            ),
            {"distance": SET_DISTANCES[distance]},
            "caution",
        )
    ]


def no_growth(result: RoundResult) -> str:
    """Why no growth is drawn."""
    if result.growth:
        return _("No figure yet: more texts need answers from two people.")
    return _("Labels imported as counts have no time order.")


def growth_reading(points: Sequence[GrowthPoint], *, n_from_files: int) -> list[str]:
    """Whether the last half of the answers moved the value out of where half of them had it."""
    if not points:
        return []
    if not n_from_files:
        return [_course(points, in_time=True)]
    return [
        _course(points, in_time=False),
        ngettext(
            "%(n)s answer was imported; imported answers are in file order, not time order.",
            "%(n)s answers were imported; imported answers are in file order, not time order.",
            n_from_files,
        )
        % {"n": f"{n_from_files:,}"},
    ]


def _course(points: Sequence[GrowthPoint], *, in_time: bool) -> str:
    alphas = [point.krippendorff_alpha for point in points if point.krippendorff_alpha.value is not None]
    if len(alphas) < 2:
        return _("There are too few answers to show how agreement changes.")
    half, last = alphas[(len(alphas) - 1) // 2], alphas[-1]
    if half.interval is None or last.interval is None or last.value is None:
        return _("Too few texts have two answers to compute intervals, so this figure shows no trend.")
    low, high = half.interval
    inside = low <= last.value <= high
    if not in_time:
        return (
            _("The final alpha is within the interval of the first half.")
            if inside
            else _(
                "The final alpha is outside the interval of the first half: the halves differ in texts or annotators."
            )
        )
    if inside:
        return _(
            "The final alpha is within the interval of the first half: more answers made it more precise but did "
            "not change it."
        )
    return _(
        "The final alpha is outside the interval of the first half: later answers differ from earlier ones "
        "in texts or annotators."
    )


def entropy_reading(entropy: EntropyHistogram, *, several_labels: bool) -> list[str]:
    n, mean = entropy.n_items, entropy.mean
    if not n or mean is None:
        return [_("No text has two answers yet, so disagreement cannot be measured.")]
    sentences = [
        ngettext(
            "%(n)s text with two answers or more; mean entropy %(mean)s.",
            "%(n)s texts with two answers or more; mean entropy %(mean)s.",
            n,
        )
        % {"n": f"{n:,}", "mean": isolated_figure(mean)},
        _("With several labels, entropy is the mean over labels; most labels are undisputed.")
        if several_labels
        else _("0 = everyone agrees, 1 = all labels equally often."),
        _("With few answers, entropy is underestimated: it usually rises with more answers."),
    ]
    if entropy.n_items_with_one_answer:
        sentences.append(
            ngettext(
                "%(n)s text with one answer is left out.",
                "%(n)s texts with one answer are left out.",
                entropy.n_items_with_one_answer,
            )
            % {"n": f"{entropy.n_items_with_one_answer:,}"}
        )
    return sentences


def annotators_reading(rows: Sequence[AnnotatorRow]) -> list[str]:
    intervals = {row.annotator: row.departure.interval for row in rows if row.departure.interval is not None}
    if not intervals:
        return [_("No annotator shares enough texts with two others for a comparison.")]
    less = [annotator for annotator, (_low, high) in intervals.items() if high < 0]
    return [
        _("No annotator agrees with the others significantly less than the others agree with each other.")
        if not less
        else ngettext(
            "%(names)s agrees with the others significantly less than the others agree with each other.",
            "Each of %(names)s agrees with the others significantly less than the others agree with each other.",
            len(less),
        )
        % {"names": listed(less, most=6)},
        ngettext(
            "Each 95 %% interval is separate: for %(n)s annotator, expect %(chance)s below 0 by chance.",
            "Each 95 %% interval is separate: for %(n)s annotators, expect %(chance)s below 0 by chance.",
            len(intervals),
        )
        % {"n": len(intervals), "chance": f"{0.025 * len(intervals):.1f}"},
        _("An annotator who differs is not wrong. Read their answers before you write to them."),
    ]
