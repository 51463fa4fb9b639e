"""Every two methods: the figure of who beats whom, and P(i above j) for whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.figures.figure_files import picture
from hlv.core.rendering.tables import Cell, Table, TableRow
from hlv.stats.p_values import p_text
from metaeval.figures import win_matrix
from metaeval.findings.number_format import listed
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.models import Ranking
from metaeval.results.method_pairs import Pair, method_names
from metaeval.selectors.snapshots import FigureFile

# A longer table is asked for by method, or taken as a file.
MOST_ROWS = 120


@dataclass(frozen=True)
class PairQuestion:
    """P(i above j) of two methods, or of one and all others; names, so that the address outlives the snapshot."""

    names: list[str]
    one: str = ""
    other: str = ""
    unknown: str = ""
    says: str = ""
    table: Table | None = None
    # Of the texts on which the two were judged.
    address: str = ""


def pair_question(
    result: Mapping[str, Any], pairs: Sequence[Pair], asked: QueryDict, *, texts: TextLinks = NOWHERE
) -> PairQuestion | None:
    """What was asked, answered from the snapshot; None where it holds no pairs."""
    if not pairs:
        return None
    names = method_names(result)
    one, other = asked.get("one", ""), asked.get("other", "")
    unknown = next((name for name in (one, other) if name and name not in names), "")
    if unknown:
        said = _("This ranking has no method %(name)s. Choose one of the list.") % {
            "name": listed([unknown[:100]])
        }
        return PairQuestion(names, unknown=said)
    if not one or one == other:
        return PairQuestion(names, one=one, other=other)
    found = [
        _towards(pair, names.index(one)) for pair in pairs if names.index(one) in (pair.first, pair.second)
    ]
    if not other:
        return PairQuestion(names, one=one, table=pairs_table(result, found, names, texts=texts))
    (pair,) = [pair for pair in found if names[pair.second] == other]
    address = texts.of_pair(one, other) if pair.n_judgments else ""
    return PairQuestion(names, one=one, other=other, says=_sentence(pair, names), address=address)


def _towards(pair: Pair, one: int) -> Pair:
    """The same with the method that was asked for first."""
    if pair.first == one:
        return pair
    return Pair(
        first=pair.second,
        second=pair.first,
        wins=pair.losses,
        losses=pair.wins,
        ties=pair.ties,
        expected=None if pair.expected is None else 1 - pair.expected,
        low=None if pair.high is None else 1 - pair.high,
        high=None if pair.low is None else 1 - pair.low,
        adjusted_p=pair.adjusted_p,
        share=None if pair.share is None else 1 - pair.share,
    )


def _sentence(pair: Pair, names: Sequence[str]) -> str:
    one, other = listed([names[pair.first]]), listed([names[pair.second]])
    said = []
    if pair.expected is not None:
        interval = _(", no interval")
        if pair.low is not None and pair.high is not None:
            interval = _(" (95 %% interval %(low)s to %(high)s)") % {
                "low": _times(pair.low),
                "high": _times(pair.high),
            }
        said.append(
            _(
                "By the ranking %(one)s is judged better than %(other)s %(n)s times of 100%(interval)s, a tie counting half."
            )
            % {"one": one, "other": other, "n": _times(pair.expected), "interval": interval}
        )
    if pair.n_judgments:
        said.append(
            ngettext(
                "Seen in %(n)s judgment: %(wins)s for the first, %(losses)s for the second, %(ties)s tied.",
                "Seen in %(n)s judgments: %(wins)s for the first, %(losses)s for the second, %(ties)s tied.",
                pair.n_judgments,
            )
            % {"n": pair.n_judgments, "wins": pair.wins, "losses": pair.losses, "ties": pair.ties}
        )
    else:
        said.append(_("The two were never compared: the ranking knows them by others alone."))
    if pair.share is not None:
        said.append(
            _(
                "The first stands above in %(share)s %% of the resamples, which is no probability of the truth."
            )
            % {"share": _times(pair.share)}
        )
    if pair.adjusted_p is not None:
        said.append(
            _("The judgments order the two (p %(p)s after Holm over all pairs).") % {"p": _p_words(pair)}
            if pair.adjusted_p < 0.05
            else _("The judgments leave their order open (p %(p)s after Holm over all pairs).")
            % {"p": _p_words(pair)}
        )
    return " ".join(said)


def _times(chance: float) -> str:
    return f"{100 * chance:.0f}"


def _p_words(pair: Pair) -> str:
    p = pair.adjusted_p
    return "" if p is None else p_text(p)


def pairs_table(
    result: Mapping[str, Any],
    pairs: Sequence[Pair],
    names: Sequence[str],
    *,
    texts: TextLinks = NOWHERE,
) -> Table:
    heads = [
        _("First against second"),
        _("Seen, %"),
        _("Expected, %"),
        _("Won, lost, tied"),
        _("Above in resamples, %"),
        _("Adjusted p"),
    ]
    note = _(
        "How often the first was judged better, a tie counting half, and how often the ranking expects it. "
        "p: after Holm over all pairs. The share of resamples is no probability of the truth."
    )
    return Table(heads, [_row(pair, names, texts) for pair in pairs], note=note)


def _row(pair: Pair, names: Sequence[str], texts: TextLinks) -> TableRow:
    said = _("%(first)s against %(second)s") % {"first": names[pair.first], "second": names[pair.second]}
    expected = Cell("–", reason=_("this model expects no shares"))
    if pair.expected is not None:
        ends = pair.low is not None and pair.high is not None
        expected = Cell(
            _times(pair.expected),
            low=_times(pair.low) if ends and pair.low is not None else "",
            high=_times(pair.high) if ends and pair.high is not None else "",
        )
    cells = [
        Cell("–", reason=_("never compared")) if pair.observed is None else Cell(_times(pair.observed)),
        expected,
        Cell(f"{pair.wins}, {pair.losses}, {pair.ties}"),
        Cell("–", reason=_("nothing was resampled")) if pair.share is None else Cell(_times(pair.share)),
        Cell("–", reason=_("no p")) if pair.adjusted_p is None else Cell(_p_words(pair)),
    ]
    address = texts.of_pair(names[pair.first], names[pair.second]) if pair.n_judgments else ""
    return TableRow(said, cells, address=address)


def win_matrix_figure(
    ranked: Ranking,
    pairs: Sequence[Pair],
    files: Sequence[FigureFile],
    *,
    number: int,
    texts: TextLinks = NOWHERE,
) -> dict[str, Any] | None:
    """None where the snapshot holds no pairs."""
    result = ranked.result
    names = method_names(result)
    if not pairs:
        return None
    long = len(pairs) > MOST_ROWS
    return {
        "number": number,
        "id": "who-beats-whom",
        "title": _("Who beats whom"),
        "reading": _(
            "Above the diagonal, how often of 100 the method of the row was judged better than that of the column, "
            "ties half. Below it, mirrored, how often the ranking expects it: where it fits, the two halves are alike."
        ),
        "line": _against_line(pairs, names),
        "cautions": [_how_sure(pairs)],
        "picture": picture(files, win_matrix.NAME),
        "says": _("Of %(pairs)s pairs of methods, %(n)s were compared. %(against)s")
        % {
            "pairs": len(pairs),
            "n": sum(1 for pair in pairs if pair.n_judgments),
            "against": _against_line(pairs, names),
        },
        "missing": _("No figure was drawn for this snapshot."),
        "table": None if long else pairs_table(result, pairs, names, texts=texts),
        "table_elsewhere": _("The pairs of one method stand under the ranking; all of them are in the CSV.")
        if long
        else "",
        "csv": "pairs",
    }


def _against_line(pairs: Sequence[Pair], names: Sequence[str]) -> str:
    against = [pair for pair in pairs if pair.against_the_order]
    if not against:
        return _("No pair was judged against the order of the ranking.")
    far = sorted(against, key=lambda pair: pair.observed or 0.0)
    named = [
        _("%(second)s over %(first)s")
        % {"first": listed([names[pair.first]]), "second": listed([names[pair.second]])}
        for pair in far[:3]
    ]
    more = len(against) - len(named)
    said = ngettext(
        "%(n)s pair was judged against the order of the ranking: %(named)s%(more)s.",
        "%(n)s pairs were judged against the order of the ranking: %(named)s%(more)s.",
        len(against),
    )
    return said % {
        "n": len(against),
        "named": "; ".join(named),
        "more": _("; and %(n)s more") % {"n": more} if more else "",
    }


def _how_sure(pairs: Sequence[Pair]) -> str:
    counts = sorted(pair.n_judgments for pair in pairs if pair.n_judgments)
    if not counts:
        return _("No pair was compared.")
    middle = counts[len(counts) // 2]
    # Of a share near one half, were the judgments independent.
    reach = round(100 * 1.96 * 0.5 / middle**0.5)
    return _(
        "About %(n)s judgments a cell: one cell alone is good to ±%(reach)s points at best, as judges vote many times."
    ) % {"n": middle, "reach": min(reach, 50)}
