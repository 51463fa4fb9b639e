"""The findings of a snapshot: sentences made only from its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import led, listed, unmarked
from metaeval.findings.agreement_findings import (
    agreement_headline,
    agreement_read,
    compared_with_one_another,
    counted_metrics,
    what_agreement_leaves_unclear,
    what_agreement_shows,
    what_improves_agreement,
)
from metaeval.findings.choice_labels import null_words, weights_notes
from metaeval.findings.difference_tables import (
    exchanged_words,
    general_line,
    significance_line,
    smallest_words,
    williams_words,
)
from metaeval.findings.preregistration_findings import compliance_finding
from metaeval.findings.ranking_findings import (
    base_models_alone,
    connecting_comparisons,
    ranking_headline,
    unconnected_groups,
    what_improves_ranking,
    what_ranking_leaves_unclear,
    what_ranking_shows,
)
from metaeval.findings.result_tables import group_section
from metaeval.models import MetricAgreement
from metaeval.results.metric_agreement import Ceiling, MetricAgreementResult
from metaeval.results.ranking import RankingResult


@dataclass(frozen=True)
class Findings:
    """The head of a dashboard: one headline, then what the data show, what remains unclear and what to do next.

    `counted` names which metrics the headline counts, where it is not all of them.
    """

    headline: str
    counted: str = ""
    shows: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    next_steps: list[str] = field(default_factory=list)

    @property
    def summary(self) -> list[str]:
        """For a terminal: the answer, how sure it is, what to do next."""
        return [self.headline, *self.unclear[:1], *self.next_steps[:1]]


def reference_words(agreed: MetricAgreement) -> str:
    """The ranking that metrics are compared with, as part of a sentence."""
    if agreed.against is None:
        return _("the experts’ ranking")
    return _("the ranking by %(name)s") % {"name": listed([agreed.against.name])}


def findings(
    ranking: RankingResult | None, agreement: MetricAgreementResult | None, *, reference: str
) -> Findings:
    """`reference`: the ranking that metrics are compared with, as part of a sentence."""
    found = _findings(ranking, agreement, reference=reference)
    return replace(
        found,
        headline=led(found.headline),
        shows=list(map(led, found.shows)),
        unclear=list(map(led, found.unclear)),
        next_steps=list(map(led, found.next_steps)),
    )


def _findings(
    ranking: RankingResult | None, agreement: MetricAgreementResult | None, *, reference: str
) -> Findings:
    # Where metrics are compared with an uploaded score there is no ranking.
    ranking = ranking or RankingResult(methods=[])
    if ranking.undetermined:
        n = ranking.n_judgments
        stored = ngettext("%(n)s judgment is stored.", "%(n)s judgments are stored.", n) % {"n": f"{n:,}"}
        return Findings(
            headline=_("These judgments do not determine a ranking yet."),
            shows=[stored],
            unclear=unconnected_groups(ranking),
            next_steps=[*connecting_comparisons(ranking), *base_models_alone(ranking)],
        )
    if agreement is None:
        missing = _(
            "Import or collect human labels and method outputs, or import metric scores, to compare metrics with this "
            "ranking."
        )
        return Findings(
            headline=ranking_headline(ranking),
            unclear=what_ranking_leaves_unclear(ranking),
            next_steps=[missing, *what_improves_ranking(ranking)],
        )
    read = agreement_read(agreement)
    return Findings(
        headline=agreement_headline(read, agreement, reference=reference),
        counted=counted_note(agreement),
        shows=[*what_agreement_shows(read, reference=reference), *what_ranking_shows(ranking)]
        or [_("No agreement better than chance.")],
        unclear=[*what_agreement_leaves_unclear(read), *what_ranking_leaves_unclear(ranking)],
        next_steps=[*what_improves_agreement(read), *what_improves_ranking(ranking)],
    )


def agreement_notes(result: MetricAgreementResult) -> list[str]:
    return [unmarked(sentence) for sentence in _notes(result) if sentence]


def counted_note(result: MetricAgreementResult) -> str:
    """Which metrics count; empty where all do."""
    counts = agreement_read(result).counts
    return " ".join(filter(None, [counted_metrics(counts), compared_with_one_another(counts, result)]))


def _notes(result: MetricAgreementResult) -> Iterator[str]:
    yield counted_note(result)
    yield from weights_notes(result)
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
        yield from groups.sentences


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
