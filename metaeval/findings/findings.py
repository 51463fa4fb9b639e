"""The findings of a snapshot: sentences made only from its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import led, listed, reason, unmarked
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
    yield from map(reason, result.notes)
    yield significance_line(result)
    if result.by_tau is not None:
        yield from map(reason, result.by_tau.notes)
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
            yield words % {"why": reason(part.undetermined)}
    if (groups := group_section(result)) is not None:
        yield from groups.sentences


def _ceiling(found: Ceiling) -> str:
    if found.ceiling is None:
        return _("No noise ceiling: %(why)s") % {"why": reason(found.undetermined)}
    n = found.n_splits or 0
    words = (
        ngettext("the only split into halves", "all %(n)s splits into halves", n)
        if found.exact
        else ngettext("%(n)s random split into halves", "%(n)s random splits into halves", n)
    )
    return _(
        "Noise ceiling: a perfect metric would have a Pearson correlation of %(r)s with these %(judges)s judges (%(splits)s)."
    ) % {"r": figure(found.ceiling), "judges": found.n_judges, "splits": words % {"n": f"{n:,}"}}


MAX_GROUPS = 6
MOST_JOINS = 6
# With so few texts, their choice may influence the ranking as much as the judges do.
FEW_ITEMS = 20


def ranking_headline(ranking: RankingResult) -> str:
    methods, first = ranking.ranked, ranking.possible_firsts
    if not methods:
        return _("There is no ranking yet.")
    values = {"name": listed(first), "k": len(first), "n": len(methods)}
    if not first:
        return _("%(n)s methods are ranked, but the ranking has no intervals.") % values
    if len(first) == 1:
        return _("%(name)s ranks first of %(n)s methods.") % values
    return _("The judgments do not show which of the top %(k)s methods (of %(n)s) is best.") % values


def what_ranking_shows(ranking: RankingResult) -> list[str]:
    first, intervals = ranking.possible_firsts, [(row.name, row.rank_interval) for row in ranking.ranked]
    above = [name for name, interval in intervals if interval and interval[1] == 1]
    if above:
        return [_("%(name)s ranks first among the methods.") % {"name": listed(above)}]
    below = [name for name, interval in intervals if interval and interval[0] > len(first)]
    if not below or len(first) == len(intervals):
        return []
    words = ngettext(
        "%(names)s ranks below the top %(k)s methods.",
        "%(names)s rank below the top %(k)s methods.",
        len(below),
    )
    return [words % {"names": listed(below), "k": len(first)}]


def what_ranking_leaves_unclear(ranking: RankingResult) -> list[str]:
    first = ranking.possible_firsts
    return (
        [_("It is unclear which of %(names)s is best.") % {"names": listed(first)}] if len(first) > 1 else []
    )


def what_improves_ranking(ranking: RankingResult) -> list[str]:
    n_judges, n_items = ranking.n_judges, ranking.n_items
    if not what_ranking_leaves_unclear(ranking) or not n_judges:
        return []
    more_judges = ngettext(
        "To separate the top methods, add judges. More votes from the same judge will not help.",
        "To separate the top methods, add judges. More votes from the same %(n)s judges will not help.",
        n_judges,
    )
    more_texts = ngettext(
        "Add texts: all judgments are on %(n)s text, and the ranking may differ on other texts.",
        "Add texts: all judgments are on %(n)s texts, and the ranking may differ on other texts.",
        n_items,
    )
    return [
        more_judges % {"n": n_judges},
        *([more_texts % {"n": n_items}] if 0 < n_items < FEW_ITEMS else []),
    ]


def unconnected_groups(ranking: RankingResult) -> list[str]:
    """Why these judgments determine no ranking: the unconnected groups, or the stored reason."""
    groups = ranking.unconnected
    if len(groups) < 2:
        return [reason(ranking.undetermined)]
    more = len(groups) - MAX_GROUPS
    hidden = ngettext("%(n)s more group is not shown.", "%(n)s more groups are not shown.", more) % {
        "n": more
    }
    return [
        _("The %(n)s groups cannot be ranked together: no chain of wins connects them in both directions.")
        % {"n": len(groups)},
        *(
            _("Group %(number)s: %(names)s.") % {"number": number, "names": listed(names, most=8)}
            for number, names in enumerate(groups[:MAX_GROUPS], start=1)
        ),
        *([hidden] if more > 0 else []),
    ]


def connecting_comparisons(ranking: RankingResult) -> list[str]:
    """The comparisons that would determine a ranking."""
    # Each pair once: a win in one direction is needed where it is missing, and a tie serves both.
    joins = dict.fromkeys((min(pair), max(pair)) for pair in ranking.joins)
    return [
        _("Compare %(one)s with %(other)s until each has won once, or they tie.")
        % {"one": listed([one]), "other": listed([other])}
        for one, other in list(joins)[:MOST_JOINS]
    ]


def base_models_alone(ranking: RankingResult) -> list[str]:
    """The base models that can be ranked separately where all together cannot."""
    names = listed(ranking.base_models_alone, most=8)
    return (
        [_("Rank one base model: choose %(names)s under “Base model”.") % {"names": names}] if names else []
    )
