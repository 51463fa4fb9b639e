"""How the experts rank the methods: sentences made from the numbers of a snapshot and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import capital, listed, spelled
from metaeval.results.ranking import RankingResult

MAX_GROUPS = 6
MOST_JOINS = 6
# Under so many texts their choice may carry an order as much as the judges do: as few as the methods that decide little.
FEW_ITEMS = 20


def ranking_headline(ranking: RankingResult) -> str:
    methods, first = ranking.ranked, ranking.possible_firsts
    if not methods:
        return _("There is no ranking yet.")
    if not first:
        return _("%(n)s methods are ranked; nothing says how sure the order is.") % {
            "n": capital(spelled(len(methods)))
        }
    if len(first) == 1:
        return _("%(name)s leads the %(n)s methods.") % {
            "name": listed(first),
            "n": spelled(len(methods)),
        }
    return _("Which of %(k)s methods is the best of %(n)s, these judgments leave open.") % {
        "k": spelled(len(first)),
        "n": spelled(len(methods)),
    }


def what_ranking_shows(ranking: RankingResult) -> list[str]:
    first, intervals = ranking.possible_firsts, [(row.name, row.rank_interval) for row in ranking.ranked]
    above = [name for name, interval in intervals if interval and interval[1] == 1]
    if above:
        return [_("%(name)s stands first of the methods.") % {"name": listed(above)}]
    below = [name for name, interval in intervals if interval and interval[0] > len(first)]
    if below and len(first) < len(intervals):
        words = (
            ngettext(
                "%(names)s stands below both that may be first.",
                "%(names)s stand below both that may be first.",
                len(below),
            )
            if len(first) == 2
            else ngettext(
                "%(names)s stands below all %(k)s that may be first.",
                "%(names)s stand below all %(k)s that may be first.",
                len(below),
            )
        )
        return [words % {"names": listed(below), "k": spelled(len(first))}]
    return []


def what_ranking_leaves_unclear(ranking: RankingResult) -> list[str]:
    first = ranking.possible_firsts
    if len(first) < 2:
        return []
    return [_("Which of %(names)s is first among the methods.") % {"names": listed(first)}]


def what_improves_ranking(ranking: RankingResult) -> list[str]:
    n_judges, n_items = ranking.n_judges, ranking.n_items
    if not what_ranking_leaves_unclear(ranking) or not n_judges:
        return []
    helps = [
        ngettext(
            "More judges, to part the first methods: more votes of the same judge do not remove a judge’s taste.",
            "More judges, to part the first methods: more votes of the same %(n)s do not remove their taste.",
            n_judges,
        )
        % {"n": n_judges}
    ]
    if 0 < n_items < FEW_ITEMS:
        helps.append(
            ngettext(
                "More texts: all judgments are on %(n)s text, and what holds of it need not hold of others.",
                "More texts: all judgments are on %(n)s texts, and what holds of these need not hold of others.",
                n_items,
            )
            % {"n": n_items}
        )
    return helps


def unconnected_groups(ranking: RankingResult) -> list[str]:
    """Why these judgments allow no ranking: the groups that stand apart, or the reason that was stored."""
    parts = ranking.unconnected
    return _parts(parts) if len(parts) > 1 else [str(ranking.undetermined)]


def connecting_comparisons(ranking: RankingResult) -> list[str]:
    """The comparisons that would allow one."""
    # Each pair once: a win in one direction is asked of those that lack it, and a tie serves both.
    joins = dict.fromkeys((min(pair), max(pair)) for pair in ranking.joins)
    return [
        _("Compare %(one)s with %(other)s until each has won once, or they tie.")
        % {"one": listed([one]), "other": listed([other])}
        for one, other in list(joins)[:MOST_JOINS]
    ]


def base_models_alone(ranking: RankingResult) -> list[str]:
    """The base models that can be looked at by themselves where all together cannot."""
    names = ranking.base_models_alone
    if not names:
        return []
    return [
        _("Rank one base model by itself: choose %(names)s under “Base model”.")
        % {"names": listed(names, most=8)}
    ]


def _parts(parts: Sequence[Sequence[str]]) -> list[str]:
    said = [
        _(
            "How the methods of one group stand to those of another: no chain of wins joins all %(n)s groups both ways."
        )
        % {"n": spelled(len(parts))}
    ]
    said += [
        _("Group %(number)s: %(names)s.") % {"number": number, "names": listed(names, most=8)}
        for number, names in enumerate(parts[:MAX_GROUPS], start=1)
    ]
    more = len(parts) - MAX_GROUPS
    if more > 0:
        said.append(ngettext("And %(n)s more group.", "And %(n)s more groups.", more) % {"n": more})
    return said
