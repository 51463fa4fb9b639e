"""What a metric agreement says beyond its tables, in sentences for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import unmarked
from metaeval.findings.agreement_findings import agreement_read, compared_with_one_another, counted_metrics
from metaeval.findings.choice_labels import said_of_weights
from metaeval.findings.difference_tables import (
    exchanged_words,
    significance_line,
    smallest_words,
    williams_words,
)
from metaeval.findings.group_findings import group_section
from metaeval.findings.methods_like_these import general_line
from metaeval.findings.null_hypotheses import null_words
from metaeval.findings.preregistration_findings import compliance_finding
from metaeval.results.metric_agreement import Ceiling, MetricAgreementResult


def agreement_notes(result: MetricAgreementResult) -> list[str]:
    return [unmarked(sentence) for sentence in _notes(result) if sentence]


def counted_note(result: MetricAgreementResult) -> str:
    """Which metrics count, as pages say it; nothing where all do."""
    counts = agreement_read(result).counts
    said = [counted_metrics(counts), compared_with_one_another(counts, result)]
    return unmarked(" ".join(filter(None, said)))


def _notes(result: MetricAgreementResult) -> Iterator[str]:
    yield from said_of_weights(result)
    yield counted_note(result)
    yield result.what_intervals_are_for
    yield from map(str, compliance_finding(result.plan))
    yield from result.notes
    yield significance_line(result)
    if result.by_tau is not None:
        yield from result.by_tau.notes
        yield smallest_words(result.by_tau) if result.by_tau.decides else ""
        yield exchanged_words(result.by_tau)
        yield null_words(*result.by_tau.tests)
    yield williams_words(result)
    if result.by_tau is not None and result.by_tau.methods_like_these is not None:
        yield general_line(result.by_tau.methods_like_these)
    if result.noise_ceiling is not None:
        yield _ceiling(result.noise_ceiling)
    for part, words in (
        (result.without_each_method, _("Without single methods: not computed. %(why)s")),
        (result.verdicts, _("Agreement on single judgments: not computed. %(why)s")),
    ):
        if part is not None and part.undetermined:
            yield words % {"why": part.undetermined}
    if (groups := group_section(result)) is not None:
        yield from groups.says


def _ceiling(found: Ceiling) -> str:
    if found.ceiling is None:
        return _("No noise ceiling: %(why)s") % {"why": found.undetermined}
    n = found.n_splits or 0
    words = (
        ngettext("the only split into halves", "all %(n)s splits into halves", n)
        if found.exact
        else ngettext("%(n)s random split into halves", "%(n)s random splits into halves", n)
    )
    return _(
        "Noise ceiling: a perfect metric would have a Pearson correlation of %(r)s with these %(judges)s judges (%(splits)s)."
    ) % {"r": figure(found.ceiling), "judges": found.n_judges, "splits": words % {"n": f"{n:,}"}}
