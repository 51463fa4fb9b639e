"""Which metrics agree with the experts: sentences made from the numbers of a snapshot and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import p_text
from hlv.core.rendering.sentences import MOST_NAMES, isolated_figure, listed, with_interval
from hlv.stats.pairwise.multiple_comparisons import holm
from metaeval.figures.metric_agreement import lettered_groups
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_counts import JudgedTexts, MetricCounts, count_metrics, judged_texts
from metaeval.results.metric_rows import LEVEL, Chance, MetricRow, chance_of_tau

MORE_METHODS = 5
# A smaller change of τ-b is not worth a sentence.
NOTICEABLE = 0.02


@dataclass(frozen=True)
class AgreementRead:
    """The compared metrics by significance; copies of one metric count once.

    `against` are significant with a negative τ-b, which is no agreement. `after_holm` are those of `beyond` that are
    significant after Holm correction.
    """

    beyond: list[MetricRow]
    against: list[MetricRow]
    within: list[MetricRow]
    counts: MetricCounts
    n_methods: int
    # Metrics may score different methods; the fewest that one of them scores.
    fewest: int
    after_holm: list[MetricRow]
    judged: JudgedTexts | None = None

    @property
    def n_metrics(self) -> int:
        return len(self.counts.compared)

    @property
    def chance(self) -> Chance | None:
        return chance_of_tau(self.n_methods) if self.n_methods >= 2 else None


def agreement_read(result: MetricAgreementResult) -> AgreementRead:
    counts = count_metrics(result.rows)
    answered = counts.compared
    beyond = [row for row in answered if not row.is_within_chance and row.tau and row.tau.value > 0]
    return AgreementRead(
        beyond=beyond,
        against=[row for row in answered if not row.is_within_chance and row.tau and row.tau.value <= 0],
        within=[row for row in answered if row.is_within_chance],
        counts=counts,
        n_methods=max((row.n_methods or 0 for row in answered), default=0),
        fewest=min((row.n_methods or 0 for row in answered), default=0),
        after_holm=_after_holm(answered, beyond),
        judged=judged_texts(result),
    )


def _after_holm(compared: Sequence[MetricRow], beyond: Sequence[MetricRow]) -> list[MetricRow]:
    """A metric without a p value cannot be corrected and is kept."""
    tested = [row for row in compared if row.tau and row.tau.p is not None]
    adjusted = holm(np.array([row.tau.p for row in tested if row.tau], dtype=np.float64))
    lost = {row.name for row, p in zip(tested, adjusted.tolist(), strict=True) if p >= LEVEL}
    return [row for row in beyond if row.name not in lost]


def counted_metrics(counts: MetricCounts) -> str:
    """Which metrics the other sentences count, and why not the rest; empty where they count all."""
    if counts.n_all == len(counts.compared):
        return ""
    sentences = [
        ngettext(
            "%(n)s of %(of)s metrics is compared.",
            "%(n)s of %(of)s metrics are compared.",
            len(counts.compared),
        )
        % {"of": counts.n_all, "n": len(counts.compared)}
    ]
    if counts.n_copies:
        names = {row.name: row.label for row in counts.compared}
        pairs = [
            _("%(copies)s with %(name)s")
            % {"copies": listed([row.label for row in rows]), "name": listed([names[key]])}
            for key, rows in counts.copies.items()
        ]
        sentences.append(
            ngettext(
                "%(n)s is a rescaled copy and counts together with its original: %(pairs)s.",
                "%(n)s are rescaled copies and count together with their originals: %(pairs)s.",
                counts.n_copies,
            )
            % {"n": counts.n_copies, "pairs": "; ".join(pairs)}
        )
    if counts.without_value:
        sentences.append(
            ngettext(
                "%(n)s has no value: %(names)s.", "%(n)s have no value: %(names)s.", len(counts.without_value)
            )
            % {"n": len(counts.without_value), "names": _names(counts.without_value)}
        )
    return " ".join(sentences)


def _names(rows: Sequence[MetricRow], *, most: int = MOST_NAMES) -> str:
    return listed([row.label for row in rows], most=most)


def compared_with_one_another(counts: MetricCounts, result: MetricAgreementResult) -> str:
    """Which metrics with a value were not tested against the others, and why; empty where all were."""
    differences = result.by_tau
    if differences is None or differences.undetermined or not differences.tested:
        return ""
    names: dict[str, list[str]] = {}
    for row in counts.compared:
        if row.name in differences.left_out:
            why = differences.left_out[row.name].rstrip(".")
            names.setdefault(f"i{why[1:]}" if why.startswith("It ") else why, []).append(row.label)
    if not names:
        return ""
    reasons = [_("%(names)s (%(why)s)") % {"names": listed(of), "why": why} for why, of in names.items()]
    return _("%(n)s of %(of)s metrics are also compared with each other. Left out: %(names)s.") % {
        "n": differences.n_compared,
        "of": len(counts.compared),
        "names": "; ".join(reasons),
    }


def agreement_headline(read: AgreementRead, result: MetricAgreementResult, *, reference: str) -> str:
    k, m, chance = len(read.beyond), read.n_metrics, read.chance
    values = {"k": k, "m": m, "reference": reference, "holm": len(read.after_holm)}
    if m == 0:
        return _("No metric could be compared with %(reference)s.") % values
    if chance is not None and chance.beyond is None:
        return _(
            "With %(n)s methods, no metric can agree with %(reference)s better than chance: even the same order has "
            "p = %(p)s."
        ) % (values | {"n": read.n_methods, "p": p_text(chance.smallest_p)})
    if k == 0 and read.against:
        return ngettext(
            "No metric agrees with %(reference)s better than chance. %(names)s ranks the methods in the opposite order.",
            "No metric agrees with %(reference)s better than chance. %(names)s rank the methods in the opposite order.",
            len(read.against),
        ) % (values | {"names": _names(read.against)})
    if k == 0:
        return (
            ngettext(
                "The metric does not agree with %(reference)s better than chance.",
                "None of %(m)s metrics agrees with %(reference)s better than chance.",
                m,
            )
            % values
        )
    if m == 1:
        return _("The only metric agrees with %(reference)s better than chance.") % values
    words = (
        ngettext(
            "%(k)s of %(m)s metrics agrees with %(reference)s better than chance.",
            "%(k)s of %(m)s metrics agree with %(reference)s better than chance.",
            k,
        )
        if len(read.after_holm) == k
        else ngettext(
            "%(k)s of %(m)s metrics agrees with %(reference)s better than chance (%(holm)s after Holm correction).",
            "%(k)s of %(m)s metrics agree with %(reference)s better than chance (%(holm)s after Holm correction).",
            k,
        )
    )
    return words % values if k == 1 else f"{words % values} {_best(read, result)}"


def _best(read: AgreementRead, result: MetricAgreementResult) -> str:
    """Names one metric as the best only where it differs significantly from all others."""
    top = read.beyond[0]
    rivals = [row for row in read.counts.compared if row is not top]
    groups, differences = lettered_groups(result), result.by_tau
    if differences is not None and not differences.undetermined:
        # A metric that could not be compared with the others is no rival's superior.
        best = differences.copies.get(differences.best or "", [])
        alone = top.name in best and not (
            differences.not_different_from_best or differences.not_tested_with_best
        )
        alone = alone and all(row.name not in differences.left_out for row in rivals)
    elif groups:
        alone = not any(top.name in group.members for group in groups)
    else:
        alone = all(_is_below(rival, top) for rival in rivals)
    if alone:
        return _("%(name)s agrees best.") % {"name": _names([top])}
    return _("The data do not show which one agrees best.")


def _is_below(rival: MetricRow, top: MetricRow) -> bool:
    if rival.tau is None or top.tau is None or rival.tau.high is None or top.tau.low is None:
        return False
    return rival.tau.high < top.tau.low


def what_agreement_shows(read: AgreementRead, *, reference: str) -> list[str]:
    sentences = []
    if read.beyond:
        words = ngettext(
            "%(names)s agrees with %(reference)s better than chance (τ-b %(range)s; p < .05, without correction for the "
            "number of metrics).",
            "%(names)s agree with %(reference)s better than chance (τ-b %(range)s; p < .05 each, without correction for "
            "the number of metrics).",
            len(read.beyond),
        )
        values = {"names": _names(read.beyond), "reference": reference, "range": _tau_range(read.beyond)}
        sentences = [
            " ".join(filter(None, [words % values, _after_correction(read)])),
            *_on_judged_texts(read),
        ]
    if read.against:
        words = ngettext(
            "%(names)s ranks the methods in the opposite order to %(reference)s (τ-b %(range)s; p < .05). Check its "
            "direction: is higher or lower better?",
            "%(names)s rank the methods in the opposite order to %(reference)s (τ-b %(range)s; p < .05 each). Check their "
            "directions: is higher or lower better?",
            len(read.against),
        )
        values = {"names": _names(read.against), "reference": reference, "range": _tau_range(read.against)}
        sentences.append(words % values)
    return sentences


def _after_correction(read: AgreementRead) -> str:
    if read.n_metrics < 2:
        return ""
    if len(read.after_holm) == len(read.beyond):
        words = _("Holm correction for all %(m)s metrics does not change this.")
    elif not read.after_holm:
        words = _("After Holm correction for all %(m)s metrics, none remains significant.")
    else:
        words = _("After Holm correction for all %(m)s metrics, these remain significant: %(names)s.")
    return words % {"m": read.n_metrics, "names": _names(read.after_holm, most=8)}


def _on_judged_texts(read: AgreementRead) -> list[str]:
    """Metrics are scored on all texts, but judges saw only some: whether these alone show the same."""
    judged = read.judged
    if judged is None or not judged.before:
        return []
    n_before = len(judged.before)
    if not judged.lost:
        words = ngettext(
            "Scored on the %(items)s judged texts only, it also agrees better than chance.",
            "Scored on the %(items)s judged texts only, they also agree better than chance.",
            n_before,
        )
    else:
        words = ngettext(
            "Scored on the %(items)s judged texts only, its agreement is not distinguishable from chance.",
            "Scored on the %(items)s judged texts only, %(n)s of %(of)s agree better than chance. No longer: %(names)s.",
            n_before,
        )
    values = {"items": f"{judged.n_items:,}", "n": len(judged.kept), "of": n_before}
    return [words % (values | {"names": _names(judged.lost, most=8)})]


def _tau_range(rows: Sequence[MetricRow]) -> str:
    """One τ-b with its interval; of several the lowest and the highest."""
    found = [row.tau for row in rows if row.tau]
    if len(found) == 1:
        return with_interval(found[0])
    low, high = (isolated_figure(end(tau.value for tau in found)) for end in (min, max))
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def what_agreement_leaves_unclear(read: AgreementRead) -> list[str]:
    sentences = []
    if read.within:
        words = ngettext(
            "The data do not show whether %(names)s agrees with the ranking better than chance.",
            "The data do not show whether %(names)s agree with the ranking better than chance.",
            len(read.within),
        )
        sentences.append(words % {"names": _names(read.within)})
    chance = read.chance
    if chance is not None and chance.beyond is not None:
        words = _("With %(n)s methods, a τ-b of %(within)s or less is not distinguishable from chance.")
        sentences.append(words % {"n": chance.n_methods, "within": isolated_figure(chance.within)})
        if read.fewest < read.n_methods:
            sentences.append(_("A metric that scores fewer methods needs a higher τ-b."))
    elif chance is not None:
        words = _("With %(n)s methods, the smallest possible p is %(p)s.")
        sentences.append(words % {"n": chance.n_methods, "p": p_text(chance.smallest_p)})
    return sentences


def what_improves_agreement(read: AgreementRead) -> list[str]:
    chance = read.chance
    more = None if chance is None else chance_of_tau(chance.n_methods + MORE_METHODS)
    if chance is None or more is None or more.beyond is None:
        return []
    values = {"more": more.n_methods, "less": isolated_figure(more.beyond), "n": chance.n_methods}
    if chance.beyond is None:
        return [_("Add methods: with %(more)s, a τ-b of %(less)s is significant.") % values]
    if chance.beyond - more.beyond < NOTICEABLE:
        return []
    words = _("Add methods: with %(more)s, a τ-b of %(less)s is significant; with %(n)s, it must be %(now)s.")
    return [words % (values | {"now": isolated_figure(chance.beyond)})]
