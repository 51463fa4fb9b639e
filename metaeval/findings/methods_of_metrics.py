"""The methods section on metrics: sentences from the numbers of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import figure, p_equals
from hlv.core.rendering.sentences import listed
from metaeval.findings.agreement_findings import (
    AgreementRead,
    agreement_read,
    compared_with_one_another,
    counted_metrics,
)
from metaeval.findings.choice_labels import (
    RESAMPLED,
    null_words,
    p_sentence,
    weights_notes,
    without_answer_words,
)
from metaeval.findings.difference_tables import exchanged_words, general_line, no_verdict
from metaeval.models import MetricAgreement
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.metric_differences import DECIMALS, Differences
from metaeval.results.metric_rows import Estimate
from metaeval.results.scoring import read_scoring


def methods_of_metrics(agreed: MetricAgreement) -> Iterator[str]:
    """What was compared with the ranking, and the result."""
    result = read_agreement(agreed)
    read = agreement_read(result)
    n_methods = result.n_methods
    n_scored = 0 if agreed.scoring is None else read_scoring(agreed.scoring).n_items or 0
    if n_scored:
        words = ngettext(
            "%(metrics)s metric, scored on %(n)s texts, was compared with the ranking of %(methods)s methods by "
            "Kendall’s τ-b.",
            "%(metrics)s metrics, scored on %(n)s texts, were compared with the ranking of %(methods)s methods by "
            "Kendall’s τ-b.",
            read.counts.n_all,
        )
    else:
        words = ngettext(
            "%(metrics)s metric was compared with the ranking of %(methods)s methods by Kendall’s τ-b.",
            "%(metrics)s metrics were compared with the ranking of %(methods)s methods by Kendall’s τ-b.",
            read.counts.n_all,
        )
    yield words % {"metrics": read.counts.n_all, "n": f"{n_scored:,}", "methods": n_methods}
    for system in result.identical:
        yield _(
            "%(names)s give the same output on every text and count as one system, %(head)s. Their judgments are "
            "pooled, judgments between them are left out, and uploaded scores are averaged."
        ) % {"names": ", ".join(system.methods), "head": system.counts_as}
    yield from weights_notes(result)
    if counted := counted_metrics(read.counts):
        yield counted
    if untested := compared_with_one_another(read.counts, result):
        yield untested
    if result.n_resamples:
        sentence = (
            _(
                "95 %% intervals of the agreement come from an errors-in-variables posterior. Its errors come from "
                "standard errors by judge and text and from %(n)s joint resamples."
            )
            if result.interval_method
            else _("Intervals are percentiles of %(n)s joint resamples of both sides.")
        )
        yield sentence % {"n": f"{result.n_resamples:,}"}
        if result.interval_method:
            yield interval_meaning()
    if how := p_sentence(result):
        yield how
    elif result.n_resamples:
        yield _p_before(result)
    yield from resamples_without_answer(result)
    yield from automatic_judges(result)
    yield from _found(read)
    yield from _differences_found(result)
    ceiling = result.noise_ceiling
    if ceiling is not None and ceiling.ceiling is not None:
        yield _("A perfect metric would have a Pearson correlation of %(r)s with these judges.") % {
            "r": figure(ceiling.ceiling)
        }


def _p_before(result: MetricAgreementResult) -> str:
    """Of snapshots that do not say for each p what it was taken over."""
    if result.n_methods <= result.exact_up_to:
        return _("p is from all permutations of the methods.")
    return _("p is from %(n)s random permutations of the methods.") % {"n": f"{result.n_permutations or 0:,}"}


def interval_meaning() -> str:
    """What the intervals of the agreement are for."""
    return _(
        "These intervals are for the agreement of the true values of these methods: the strengths from many "
        "more such judges and texts, and the metric’s expected score. Errors on both sides weaken the "
        "observed agreement, so an interval often extends further up than down."
    )


def resamples_without_answer(result: MetricAgreementResult) -> Iterator[str]:
    """Of which metrics some resamples have none, and what became of them; those of the same number together."""
    names: dict[str, list[str]] = {}
    for row in result.rows:
        words = without_answer_words(row)
        if words:
            names.setdefault(words, []).append(row.label)
    for words, of in names.items():
        yield _("For %(names)s, %(words)s.") % {"names": listed(of), "words": words}


def automatic_judges(result: MetricAgreementResult) -> Iterator[str]:
    """Which metrics are programs that judged, on how many judgments, and what their side of the resamples draws."""
    for row in result.metrics:
        if row.origin != "automatic judge":
            continue
        judged, name = row.judged, listed([row.label])
        if judged is None or judged.n_judgments is None:
            yield _(
                "%(name)s is an automatic judge; its scores are the strengths from its own judgments."
            ) % {"name": name}
            continue
        n = judged.n_judgments
        unit = (judged.resampling_unit or "") if result.n_resamples else ""
        yield _strengths_words(unit, n) % {"name": name, "n": f"{n:,}", "unit": RESAMPLED.get(unit, "")}


def _strengths_words(unit: str, n: int) -> str:
    if unit == "items":
        return ngettext(
            "%(name)s is an automatic judge; its scores are the strengths from its %(n)s judgment; its bootstrap "
            "resamples texts only, not the variation of the automatic judge.",
            "%(name)s is an automatic judge; its scores are the strengths from its %(n)s judgments; its bootstrap "
            "resamples texts only, not the variation of the automatic judge.",
            n,
        )
    if unit in RESAMPLED:
        return ngettext(
            "%(name)s is an automatic judge; its scores are the strengths from its %(n)s judgment; its bootstrap "
            "resamples %(unit)s.",
            "%(name)s is an automatic judge; its scores are the strengths from its %(n)s judgments; its bootstrap "
            "resamples %(unit)s.",
            n,
        )
    return ngettext(
        "%(name)s is an automatic judge; its scores are the strengths from its %(n)s judgment.",
        "%(name)s is an automatic judge; its scores are the strengths from its %(n)s judgments.",
        n,
    )


def _found(read: AgreementRead) -> Iterator[str]:
    """The highest agreement with all who share it, and how many are beyond chance."""
    compared = read.counts.compared
    if not compared or compared[0].tau is None:
        return
    highest = compared[0].tau
    tau = estimate_words(highest)
    if highest.p is not None:
        tau = _("%(tau)s, p %(p)s") % {"tau": tau, "p": p_equals(highest.p)}
    equal = [
        row.label
        for row in compared[1:]
        if row.tau and round(row.tau.value, DECIMALS) == round(highest.value, DECIMALS)
    ]
    words = (
        _("The highest agreement was that of %(name)s: τ-b %(tau)s; %(names)s had the same τ-b.")
        if equal
        else _("The highest agreement was that of %(name)s: τ-b %(tau)s.")
    )
    names = listed(equal, most=len(equal))
    yield words % {"name": listed([compared[0].label]), "tau": tau, "names": names}
    yield _beyond_words(read, len(compared)) % {
        "n": len(read.beyond),
        "of": len(compared),
        "against": len(read.against),
    }
    if read.beyond and len(compared) > 1:
        yield _("After Holm correction, %(n)s did.") % {"n": len(read.after_holm)}
    if read.judged is not None:
        yield _("With metrics scored on the %(items)s judged texts only, %(n)s of %(of)s did.") % {
            "items": f"{read.judged.n_items:,}",
            "n": read.judged.n_beyond,
            "of": read.judged.n_metrics,
        }


def _beyond_words(read: AgreementRead, n_metrics: int) -> str:
    if read.against:
        return ngettext(
            "%(n)s of %(of)s metric agreed with the ranking better than chance (p < .05, without correction for "
            "the number of metrics); %(against)s had a significant negative agreement.",
            "%(n)s of %(of)s metrics agreed with the ranking better than chance (p < .05 each, without "
            "correction for the number of metrics); %(against)s had a significant negative agreement.",
            n_metrics,
        )
    return ngettext(
        "%(n)s of %(of)s metric agreed with the ranking better than chance (p < .05, without correction for "
        "the number of metrics).",
        "%(n)s of %(of)s metrics agreed with the ranking better than chance (p < .05 each, without "
        "correction for the number of metrics).",
        n_metrics,
    )


def _differences_found(result: MetricAgreementResult) -> Iterator[str]:
    differences = result.by_tau
    if differences is None or not differences.tested or not differences.best:
        return
    if differences.decides:
        yield _no_significant_difference(differences, result)
    else:
        yield no_verdict(differences)
    if exchanged := exchanged_words(differences):
        yield exchanged
    yield null_words(*differences.tests)
    general = differences.methods_like_these
    if general is not None and (line := general_line(general)):
        yield line


def _no_significant_difference(differences: Differences, result: MetricAgreementResult) -> str:
    alike = result.named(differences.not_different_from_best)
    return _(
        "%(n)s metrics that score the same methods were compared in pairs, with Holm correction. No "
        "significant difference from %(best)s: %(alike)s."
    ) % {
        "n": differences.n_compared,
        "best": result.labels.get(differences.best or "", differences.best),
        "alike": ", ".join(alike) or _("none"),
    }


def estimate_words(estimate: Estimate, *, calibrated: bool = True) -> str:
    if estimate.low is None or estimate.high is None:
        return _("%(value)s (no interval)") % {"value": figure(estimate.value)}
    words = (
        _("%(value)s (95 %% interval %(low)s to %(high)s)")
        if calibrated
        else _("%(value)s (interval %(low)s to %(high)s, nominally 95 %% but not calibrated with a prior)")
    )
    return words % {
        "value": figure(estimate.value),
        "low": figure(estimate.low),
        "high": figure(estimate.high),
    }
