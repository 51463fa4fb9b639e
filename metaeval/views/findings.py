"""What a snapshot says, in sentences made from its numbers and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metaeval.charts import drawing
from metaeval.charts.chance import Chance, chance_of_tau
from metaeval.charts.metric_agreement import lettered_groups
from metaeval.charts.tables import Estimate, MethodRow, MetricRow, read_methods, read_metrics

MOST_NAMES = 4
MORE_METHODS = 5
MOST_PARTS = 6
MOST_JOINS = 6


@dataclass(frozen=True)
class Findings:
    """The head of a dashboard: one headline, then what is held, what is open and what would help."""

    headline: str
    held: list[str] = field(default_factory=list)
    left_open: list[str] = field(default_factory=list)
    would_help: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AgreementRead:
    """Metrics with an answer, apart by whether chance may do it; copies of one another counted once."""

    beyond: list[MetricRow]
    within: list[MetricRow]
    undefined: list[MetricRow]
    n_methods: int

    @property
    def n_metrics(self) -> int:
        return n_different([*self.beyond, *self.within])

    @property
    def chance(self) -> Chance | None:
        return chance_of_tau(self.n_methods) if self.n_methods >= 2 else None


def read_agreement(result: Mapping[str, Any]) -> AgreementRead:
    rows = read_metrics(result)
    answered = [row for row in rows if row.tau]
    return AgreementRead(
        # An order turned upside down is beyond chance too, and no agreement.
        beyond=[row for row in answered if not row.chance_may_do_it and row.tau and row.tau.value > 0],
        within=[row for row in answered if row.chance_may_do_it or (row.tau and row.tau.value <= 0)],
        undefined=[row for row in rows if not row.tau],
        n_methods=max((row.n_methods or 0 for row in answered), default=0),
    )


def n_different(rows: Sequence[MetricRow]) -> int:
    return len({row.hypothesis for row in rows})


def spelled(number: int) -> str:
    """Small numbers as words, as they stand in a sentence."""
    words = (
        _("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"),
        _("nine"), _("ten"), _("eleven"), _("twelve"),
    )  # fmt: skip
    return words[number] if 0 <= number < len(words) else str(number)


def listed(names: Sequence[str], *, most: int = MOST_NAMES) -> str:
    """Names in a row; of many the first ones and how many more. Isolated, for names of another direction."""
    shown = [f"\u2068{name}\u2069" for name in names[:most]]
    more = len(names) - len(shown)
    if more:
        return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {
            "names": ", ".join(shown),
            "n": more,
        }
    if len(shown) < 2:
        return "".join(shown)
    return _("%(names)s and %(last)s") % {"names": ", ".join(shown[:-1]), "last": shown[-1]}


def figure(value: float) -> str:
    """Two digits whose sign stays before them in a line that runs from right to left."""
    return f"\u2066{drawing.figure(value)}\u2069"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _with_interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _("%(value)s, no interval") % {"value": figure(estimate.value)}
    return _("%(value)s, %(low)s to %(high)s") % {
        "value": figure(estimate.value),
        "low": figure(estimate.low),
        "high": figure(estimate.high),
    }


def findings(
    ranking: Mapping[str, Any] | None, agreement: Mapping[str, Any] | None, *, experts: str
) -> Findings:
    """`experts`: who the metrics are held against, as a sentence calls them."""
    if ranking is not None and ranking.get("undetermined"):
        return _undetermined(ranking)
    methods = read_methods(ranking or {})
    if agreement is None:
        return Findings(
            headline=ranking_headline(methods),
            left_open=_open_ranks(methods),
            would_help=[
                _("Outputs of the methods, or scores of metrics, to compare with this ranking."),
                *_help_ranks(methods, ranking),
            ],
        )
    read = read_agreement(agreement)
    return Findings(
        headline=agreement_headline(read, agreement, experts=experts),
        held=_held(read, methods, experts=experts),
        left_open=_left_open(read, methods),
        would_help=_would_help(read, methods, ranking),
    )


def agreement_headline(read: AgreementRead, result: Mapping[str, Any], *, experts: str) -> str:
    n, k, m = spelled(read.n_methods), n_different(read.beyond), read.n_metrics
    if m == 0:
        return _("No metric could be compared with %(experts)s.") % {"experts": experts}
    if read.chance is not None and read.chance.beyond is None:
        return _(
            "With %(n)s methods no metric can be shown to rank them as %(experts)s do: "
            "even the same order would have p = %(p)s."
        ) % {"n": n, "experts": experts, "p": f"{read.chance.smallest_p:.3f}".lstrip("0")}
    if k == 0:
        return _("No metric is shown to rank the %(n)s methods as %(experts)s do: chance may do it.") % {
            "n": n,
            "experts": experts,
        }
    first = _capital(
        ngettext(
            "%(k)s of %(m)s metrics ranks the %(n)s methods more like %(experts)s than chance would.",
            "%(k)s of %(m)s metrics rank the %(n)s methods more like %(experts)s than chance would.",
            k,
        )
        % {"k": spelled(k), "m": spelled(m), "n": n, "experts": experts}
    )
    if m == k:
        first = _capital(
            ngettext(
                "The one metric ranks the %(n)s methods more like %(experts)s than chance would.",
                "All %(k)s metrics rank the %(n)s methods more like %(experts)s than chance would.",
                k,
            )
            % {"k": spelled(k), "n": n, "experts": experts}
        )
    return f"{first} {_nearest(read, result)}" if k > 1 else first


def _nearest(read: AgreementRead, result: Mapping[str, Any]) -> str:
    """Whether one metric may be called the nearest: only where the data set it apart from all others."""
    top = read.beyond[0]
    rivals = [row for row in [*read.beyond, *read.within] if row.hypothesis != top.hypothesis]
    groups = lettered_groups(result)
    if groups:
        alone = not any(top.key in group.members for group in groups)
    else:
        alone = all(_below(rival, top) for rival in rivals)
    if alone:
        return _("%(name)s comes nearest.") % {"name": listed([top.name])}
    return _("Which of them comes nearest, these data cannot say.")


def _below(rival: MetricRow, top: MetricRow) -> bool:
    if rival.tau is None or top.tau is None or rival.tau.high is None or top.tau.low is None:
        return False
    return rival.tau.high < top.tau.low


def ranking_headline(methods: Sequence[MethodRow]) -> str:
    first = [row for row in methods if row.rank_interval and row.rank_interval[0] == 1]
    if not methods:
        return _("There is no ranking yet.")
    if not first:
        return _("%(n)s methods are ranked, without intervals: nothing says how sure the order is.") % {
            "n": _capital(spelled(len(methods)))
        }
    if len(first) == 1:
        return _("%(name)s leads the %(n)s methods.") % {
            "name": listed([first[0].name]),
            "n": spelled(len(methods)),
        }
    return _("Which of %(k)s methods is the best of %(n)s, these judgments leave open.") % {
        "k": spelled(len(first)),
        "n": spelled(len(methods)),
    }


def _undetermined(ranking: Mapping[str, Any]) -> Findings:
    parts = [[str(name) for name in part] for part in ranking.get("unconnected") or []]
    # Each pair once: a win in one direction is asked of those that lack it, and a tie serves both.
    joins = dict.fromkeys(
        tuple(sorted(str(name) for name in pair)) for pair in ranking.get("joins") or [] if len(pair) == 2
    )
    return Findings(
        headline=_("These judgments do not allow a ranking yet."),
        held=[
            ngettext(
                "%(n)s judgment is stored and stays.", "%(n)s judgments are stored and stay.", _count(ranking)
            )
            % {"n": f"{_count(ranking):,}"}
        ],
        left_open=_parts(parts) if len(parts) > 1 else [str(ranking["undetermined"])],
        would_help=[
            _("Compare %(one)s with %(other)s until each has won once, or they tie.")
            % {"one": listed([one]), "other": listed([other])}
            for one, other in list(joins)[:MOST_JOINS]
        ],
    )


def _parts(parts: Sequence[Sequence[str]]) -> list[str]:
    said = [
        _(
            "How the methods of one group stand to those of another: no chain of wins joins all %(n)s groups both ways."
        )
        % {"n": spelled(len(parts))}
    ]
    said += [
        _("Group %(number)s: %(names)s.") % {"number": number, "names": listed(names, most=8)}
        for number, names in enumerate(parts[:MOST_PARTS], start=1)
    ]
    more = len(parts) - MOST_PARTS
    if more > 0:
        said.append(ngettext("And %(n)s more group.", "And %(n)s more groups.", more) % {"n": more})
    return said


def _count(ranking: Mapping[str, Any]) -> int:
    return int(ranking.get("n_judgments") or 0)


def _held(read: AgreementRead, methods: Sequence[MethodRow], *, experts: str) -> list[str]:
    sentences = []
    if read.beyond:
        taus = [row.tau.value for row in read.beyond if row.tau]
        reach = (
            _with_interval(read.beyond[0].tau)
            if len(taus) == 1 and read.beyond[0].tau
            else _("%(low)s to %(high)s") % {"low": figure(min(taus)), "high": figure(max(taus))}
        )
        sentences.append(
            _(
                "%(names)s agree with %(experts)s beyond chance (τ-b %(reach)s; p < .05 each, not corrected for "
                "the number of metrics)."
            )
            % {
                "names": _capital(listed([row.name for row in read.beyond])),
                "experts": experts,
                "reach": reach,
            }
        )
    sentences += _held_ranks(methods)
    if not sentences:
        sentences.append(_("Nothing beyond chance."))
    return sentences


def _held_ranks(methods: Sequence[MethodRow]) -> list[str]:
    ranked = [row for row in methods if row.rank_interval]
    if not ranked:
        return []
    above = [row.name for row in ranked if row.rank_interval and row.rank_interval[1] == 1]
    if above:
        return [_("%(name)s stands first of the methods.") % {"name": listed(above)}]
    last_place = len(methods)
    first = [row.name for row in ranked if row.rank_interval and row.rank_interval[0] == 1]
    below = [row.name for row in ranked if row.rank_interval and row.rank_interval[0] > len(first)]
    if below and len(first) < last_place:
        return [
            _("%(names)s stand below the first %(k)s of the methods.")
            % {"names": listed(below), "k": spelled(len(first))}
        ]
    return []


def _left_open(read: AgreementRead, methods: Sequence[MethodRow]) -> list[str]:
    sentences = []
    if read.within:
        sentences.append(
            ngettext(
                "Whether %(names)s ranks the methods better than chance.",
                "Whether %(names)s rank the methods better than chance.",
                len(read.within),
            )
            % {"names": listed([row.name for row in read.within])}
        )
    chance = read.chance
    if chance is not None and chance.beyond is not None:
        sentences.append(
            _("With %(n)s methods, a τ-b of %(within)s or less is within what chance gives.")
            % {"n": spelled(chance.n_methods), "within": figure(chance.within)}
        )
    elif chance is not None:
        sentences.append(
            _("With %(n)s the smallest possible p is %(p)s.")
            % {"n": spelled(chance.n_methods), "p": f"{chance.smallest_p:.3f}".lstrip("0")}
        )
    return [*sentences, *_open_ranks(methods)]


def _open_ranks(methods: Sequence[MethodRow]) -> list[str]:
    first = [row.name for row in methods if row.rank_interval and row.rank_interval[0] == 1]
    if len(first) < 2:
        return []
    return [_("Which of %(names)s is first among the methods.") % {"names": listed(first)}]


def _would_help(
    read: AgreementRead, methods: Sequence[MethodRow], ranking: Mapping[str, Any] | None
) -> list[str]:
    sentences = []
    chance = read.chance
    if chance is not None:
        more = chance_of_tau(chance.n_methods + MORE_METHODS)
        if more.beyond is not None and chance.beyond is not None:
            sentences.append(
                _(
                    "More methods: with %(more)s a τ-b of %(less)s is already beyond chance, with %(n)s it takes %(now)s."
                )
                % {
                    "more": spelled(more.n_methods),
                    "less": figure(more.beyond),
                    "n": spelled(chance.n_methods),
                    "now": figure(chance.beyond),
                }
            )
        elif more.beyond is not None:
            sentences.append(
                _("More methods: with %(more)s a τ-b of %(less)s is beyond chance.")
                % {"more": spelled(more.n_methods), "less": figure(more.beyond)}
            )
    return [*sentences, *_help_ranks(methods, ranking)]


def _help_ranks(methods: Sequence[MethodRow], ranking: Mapping[str, Any] | None) -> list[str]:
    n_judges = int((ranking or {}).get("n_judges") or 0)
    if not _open_ranks(methods) or not n_judges:
        return []
    return [
        ngettext(
            "More judges, to part the first methods: more votes of the same judge do not remove a judge’s taste.",
            "More judges, to part the first methods: more votes of the same %(n)s do not remove their taste.",
            n_judges,
        )
        % {"n": n_judges}
    ]
