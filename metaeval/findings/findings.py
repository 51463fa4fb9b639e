"""What a snapshot says, in sentences made from its numbers and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import led
from metaeval.findings.agreement_findings import (
    agreement_headline,
    agreement_read,
    compared_with_one_another,
    counted_metrics,
    what_agreement_leaves_unclear,
    what_agreement_shows,
    what_improves_agreement,
)
from metaeval.findings.ranking_findings import (
    base_models_alone,
    connecting_comparisons,
    ranking_headline,
    unconnected_groups,
    what_improves_ranking,
    what_ranking_leaves_unclear,
    what_ranking_shows,
)
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.ranking import RankingResult


@dataclass(frozen=True)
class Findings:
    """The head of a dashboard: one headline, then what is held, what is open and what would help.

    `counted` says which metrics the headline counts, where it is not all of them.
    """

    headline: str
    counted: str = ""
    held: list[str] = field(default_factory=list)
    left_open: list[str] = field(default_factory=list)
    would_help: list[str] = field(default_factory=list)


def findings(
    ranking: RankingResult | None, agreement: MetricAgreementResult | None, *, experts: str
) -> Findings:
    """`experts`: who the metrics are held against, as a sentence calls them."""
    found = _findings(ranking, agreement, experts=experts)
    return replace(
        found,
        headline=led(found.headline),
        held=list(map(led, found.held)),
        left_open=list(map(led, found.left_open)),
        would_help=list(map(led, found.would_help)),
    )


def _findings(
    ranking: RankingResult | None, agreement: MetricAgreementResult | None, *, experts: str
) -> Findings:
    if ranking is not None and ranking.undetermined:
        return _undetermined(ranking)
    # Where a score of people stands in its place there is none.
    ranking = ranking or RankingResult(methods=[])
    if agreement is None:
        return Findings(
            headline=ranking_headline(ranking),
            left_open=what_ranking_leaves_unclear(ranking),
            would_help=[
                _(
                    "Import or collect human labels and method outputs, or import metric scores, to compare metrics with "
                    "this ranking."
                ),
                *what_improves_ranking(ranking),
            ],
        )
    read = agreement_read(agreement)
    return Findings(
        headline=agreement_headline(read, agreement, experts=experts),
        counted=" ".join(
            filter(None, [counted_metrics(read.counts), compared_with_one_another(read.counts, agreement)])
        ),
        held=[*what_agreement_shows(read, experts=experts), *what_ranking_shows(ranking)]
        or [_("No agreement better than chance.")],
        left_open=[*what_agreement_leaves_unclear(read), *what_ranking_leaves_unclear(ranking)],
        would_help=[*what_improves_agreement(read), *what_improves_ranking(ranking)],
    )


def _undetermined(ranking: RankingResult) -> Findings:
    n_judgments = ranking.n_judgments
    return Findings(
        headline=_("These judgments do not determine a ranking yet."),
        held=[
            ngettext("%(n)s judgment is stored.", "%(n)s judgments are stored.", n_judgments)
            % {"n": f"{n_judgments:,}"}
        ],
        left_open=unconnected_groups(ranking),
        would_help=[*connecting_comparisons(ranking), *base_models_alone(ranking)],
    )
