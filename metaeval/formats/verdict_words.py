"""How files spell who won."""

from __future__ import annotations

import re

from hlv.core.tabular.cells import Json, cell_text
from hlv.core.tabular.errors import CellError
from metaeval.formats.records import Verdict

_WORDS = {
    Verdict.LEFT: ("left", "a", "model_a", "method_a", "option_a", "optiona", "response_a", "first"),
    Verdict.RIGHT: ("right", "b", "model_b", "method_b", "option_b", "optionb", "response_b", "second"),
    Verdict.TIE: ("tie", "same", "equal", "draw", "tied"),
    Verdict.BOTH: ("both", "both good", "tie (both good)"),
    Verdict.NEITHER: ("neither", "both bad", "bothbad", "none good", "tie (bothbad)", "tie (both bad)"),
    Verdict.CANNOT: ("cannot", "cannot judge", "can't judge", "cannot tell"),
}
_VERDICTS = {word: verdict for verdict, words in _WORDS.items() for word in words}
# 1 and 2 are the places, 0 is nobody, as in PandaLM.
_CODES = {"0": Verdict.TIE, "1": Verdict.LEFT, "2": Verdict.RIGHT}
_RANKS = re.compile(r"[\[(]?\s*(-?\d+(?:\.\d+)?)\s*[,;/|:]\s*(-?\d+(?:\.\d+)?)\s*[\])]?")


def winner_code(winner: Json, *, left: str, right: str) -> str:
    """The 0, 1 or 2 that spells a winner; blank for words, ranks and methods called so."""
    text = cell_text(winner).strip()
    return text if text in _CODES and text not in (left.strip(), right.strip()) else ""


def read_verdict(winner: Json, *, left: str, right: str, column: str) -> Verdict:
    """The verdict that a cell spells, for the two method names of its row.

    A method's name, left/right/tie, A/B/both/neither/cannot, 0/1/2 (0 nobody, 1 left, 2 right), or a pair of
    ranks of which the lower is better.

    Raises
    ------
    CellError
        The cell is blank, spells none of these, or means two things at once (a method called “1” on the right).
    """
    if isinstance(winner, list):
        winner = "/".join(cell_text(rank) for rank in winner)
    text = cell_text(winner).strip()
    if not text:
        raise CellError("the winner is blank: leave the row out, or write “cannot”.", column)
    readings = set()
    if text == left.strip():
        readings.add(Verdict.LEFT)
    if text == right.strip():
        readings.add(Verdict.RIGHT)
    word = _CODES.get(text) or _VERDICTS.get(text.casefold().replace("-", " "))
    word = word or _VERDICTS.get(text.casefold().replace(" ", "_"))
    if word is not None:
        readings.add(word)
    if len(readings) > 1:
        raise CellError(
            f"the winner “{text}” is the name of one method and also means “{word}”: write left, right or tie.",
            column,
        )
    if readings:
        return readings.pop()
    ranks = _RANKS.fullmatch(text)
    if ranks is not None:
        first, second = float(ranks[1]), float(ranks[2])
        if first == second:
            return Verdict.TIE
        return Verdict.LEFT if first < second else Verdict.RIGHT
    raise CellError(
        f"the winner “{text}” is neither “{left}” nor “{right}”, nor left, right, tie, both, neither or cannot.",
        column,
    )
