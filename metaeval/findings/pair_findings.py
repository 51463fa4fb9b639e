"""Every two methods: the figure of who beats whom, and P(i above j) for whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import PERCENT, p_text, written
from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import Cell, Column, Medium, Table, TableRow, missing, p_cell
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.results.metric_rows import LEVEL
from metaeval.results.ranking import Pair, RankingResult


@dataclass(frozen=True)
class PairQuestion:
    """P(i above j) of two methods, or of one and all others; names, so that the address outlives the snapshot."""

    names: list[str]
    one: str = ""
    other: str = ""
    unknown: str = ""
    summary: str = ""
    table: Table | None = None
    # Of the texts on which the two were judged.
    address: str = ""


def pair_question(
    result: RankingResult, asked: QueryDict, *, texts: TextLinks = NOWHERE
) -> PairQuestion | None:
    """What was asked, answered from the snapshot; None where it holds no pairs."""
    pairs, names = result.compared, result.names
    if not pairs:
        return None
    one, other = asked.get("one", ""), asked.get("other", "")
    unknown = next((name for name in (one, other) if name and name not in names), "")
    if unknown:
        unknown = _("This ranking has no method %(name)s. Choose one from the list.") % {
            "name": listed([unknown[:100]])
        }
        return PairQuestion(names, unknown=unknown)
    if not one or one == other:
        return PairQuestion(names, one=one, other=other)
    place = names.index(one)
    # With the method that was asked for first.
    found = [
        pair if pair.first == place else pair.turned for pair in pairs if place in (pair.first, pair.second)
    ]
    if not other:
        return PairQuestion(names, one=one, table=pairs_table(result, found, texts=texts))
    (pair,) = [pair for pair in found if names[pair.second] == other]
    address = texts.of_pair(one, other) if pair.n_judgments else ""
    return PairQuestion(names, one=one, other=other, summary=_sentence(pair, names), address=address)


def _sentence(pair: Pair, names: Sequence[str]) -> str:
    one, other = listed([names[pair.first]]), listed([names[pair.second]])
    sentences = []
    if pair.expected is not None:
        values = {"one": one, "other": other, "n": _times(pair.expected)}
        if pair.interval is None:
            words = _(
                "By the ranking %(one)s is judged better than %(other)s %(n)s times of 100, no interval, a tie counting half."
            )
        else:
            words = _(
                "By the ranking %(one)s is judged better than %(other)s %(n)s times of 100 (95 %% interval %(low)s to "
                "%(high)s), a tie counting half."
            )
            values |= {"low": _times(pair.interval[0]), "high": _times(pair.interval[1])}
        sentences.append(words % values)
    if pair.n_judgments:
        sentences.append(
            ngettext(
                "%(n)s judgment compares them: %(wins)s for the first, %(losses)s for the second, %(ties)s tied.",
                "%(n)s judgments compare them: %(wins)s for the first, %(losses)s for the second, %(ties)s tied.",
                pair.n_judgments,
            )
            % {"n": pair.n_judgments, "wins": pair.wins, "losses": pair.losses, "ties": pair.ties}
        )
    else:
        sentences.append(
            _("The two were never compared directly: their order comes from comparisons with other methods.")
        )
    if pair.share is not None:
        sentences.append(
            _(
                "The first ranks higher in %(share)s %% of the resamples. This is not a probability that it is "
                "better."
            )
            % {"share": _times(pair.share)}
        )
    if pair.adjusted_p is not None:
        words = (
            _("The difference is significant (p %(p)s after Holm correction for all pairs).")
            if pair.adjusted_p < LEVEL
            else _("The difference is not significant (p %(p)s after Holm correction for all pairs).")
        )
        sentences.append(words % {"p": p_text(pair.adjusted_p)})
    return " ".join(sentences)


def _times(chance: float) -> str:
    return written(chance, PERCENT)


# Of the pairs as a file.
PAIR_HEADER: Final = (
    *("campaign", "first", "second", "wins", "losses", "ties", "n_judgments", "observed", "expected"),
    *("expected_low", "expected_high", "adjusted_p", "share_of_resamples"),
)
_FILE: Final[frozenset[Medium]] = frozenset()


def pairs_table(result: RankingResult, pairs: Sequence[Pair], *, texts: TextLinks = NOWHERE) -> Table:
    columns = [
        Column(_("First and second method")),
        Column(_("Observed, %"), names=("observed",)),
        Column(_("Expected, %"), names=("expected", "expected_low", "expected_high")),
        Column(_("Won, lost, tied")),
        Column(_("Higher in resamples, %"), names=("share_of_resamples",)),
        Column(_("Adjusted p"), names=("adjusted_p",)),
        *(
            Column("", names=(name,), media=_FILE)
            for name in ("first", "second", "wins", "losses", "ties", "n_judgments")
        ),
    ]
    note = _(
        "Observed: how often the first was judged better (a tie counts half). Expected: the same, from the "
        "ranking. p has Holm correction for all pairs. The share of resamples is not a probability that the "
        "first is better."
    )
    rows = [_row(pair, result.names, texts) for pair in pairs]
    return Table(columns, rows, note=note, everywhere={"campaign": result.campaign or None})


def _row(pair: Pair, names: Sequence[str], texts: TextLinks) -> TableRow:
    one, other = names[pair.first], names[pair.second]
    cells = [
        _percent(pair.observed) or missing(_("never compared")),
        _percent(pair.expected, pair.interval) or missing(_("this model has no expected shares")),
        Cell(f"{pair.wins}, {pair.losses}, {pair.ties}"),
        _percent(pair.share) or missing(_("no bootstrap was computed")),
        p_cell(pair.adjusted_p),
        *(Cell(value) for value in (one, other, pair.wins, pair.losses, pair.ties, pair.n_judgments)),
    ]
    address = texts.of_pair(one, other) if pair.n_judgments else ""
    return TableRow(
        _("%(first)s against %(second)s") % {"first": one, "second": other}, cells, address=address
    )


def _percent(value: float | None, interval: tuple[float, float] | None = None) -> Cell | None:
    return None if value is None else Cell(value, interval, PERCENT)
