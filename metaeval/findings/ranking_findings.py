"""How the experts rank the methods: sentences made only from the numbers of a snapshot."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import listed
from metaeval.results.ranking import RankingResult

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
        return [str(ranking.undetermined)]
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
