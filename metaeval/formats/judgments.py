"""Judgments of two outputs: one row each, or one row with a column for each judge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.label_tables import checked_time
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, cell_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Columns, Field, Mapping
from hlv.core.tabular.table_formats import Format, has_columns, raw_cells, read_records
from metaeval.formats.evaluation_options import Options
from metaeval.formats.records import JudgmentRecord, Verdict

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


# Not “id”: the id of a row or of a pair is no item.
ITEM = Field(
    "item", ("item", "item_id", "prompt", "prompt_id", "question_id", "input", "input_id", "inputid")
)
JUDGE = Field(
    "judge", ("judge", "judge_id", "annotator", "annotator_id", "annotatorid", "worker", "worker_id")
)
LEFT = Field("left", ("left", "model_a", "method_a", "option_a", "optiona", "system_a"), required=True)
RIGHT = Field("right", ("right", "model_b", "method_b", "option_b", "optionb", "system_b"), required=True)
WINNER = Field("winner", ("winner", "verdict", "preference", "preferred"), required=True)
FIELDS = (
    *(ITEM, JUDGE, LEFT, RIGHT, WINNER),
    Field("confidence", ("confidence", "certainty")),
    Field("submitted_at", ("submitted_at", "timestamp", "created_at")),
    Field("metadata", has_members=True),
)


def parse_judgments(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[JudgmentRecord | RowError]:
    """One judgment per row; item and judge may be absent from the file, but not blank where there is a column."""
    for source in sources:
        columns = mapping.bind(source.columns, FIELDS, name=source.name)
        read = partial(_judgment, columns=columns, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def _judgment(row: Row, *, columns: Columns, options: Options, source: str) -> Iterable[JudgmentRecord]:
    left, right = columns.required_text(row, "left"), columns.required_text(row, "right")
    criterion = columns.of("winner")[0]
    winner = columns.value(row, "winner")
    verdict = read_verdict(winner, left=left, right=right, column=criterion)
    code = winner_code(winner, left=left, right=right)
    left, right = two_methods(left, right, options=options, column=columns.of("left")[0])
    item_key = columns.text_of_all(row, "item")
    judge = columns.text_of_all(row, "judge")
    metadata = {column: column for column in columns.of("metadata")} | columns.members("metadata")
    yield JudgmentRecord(
        item_key=item_key,
        judge=judge,
        left=left,
        right=right,
        verdict=verdict,
        confidence=read_confidence(columns.text(row, "confidence"), columns.of("confidence"), options),
        submitted_at=checked_time(columns.text(row, "submitted_at") or "", columns.of("submitted_at")),
        revisable=False,
        criterion=criterion,
        metadata={name: row.cells[column] for name, column in metadata.items() if row.cells.get(column)},
        source=source,
        row=row.number,
        cells=(criterion, item_key or "", judge or "", left, right, verdict, *raw_cells(row)),
        winner_code=code,
        base_model=options.base_models.of_file(source),
    )


def two_methods(left: str, right: str, *, options: Options, column: str) -> tuple[str, str]:
    """Both names as the study spells them. Raises `CellError` where a method meets itself."""
    own_left, own_right = options.method_name(left), options.method_name(right)
    if own_left == own_right:
        raise CellError(f"“{own_left}” is compared with itself: leave the row out or correct a name.", column)
    return own_left, own_right


def read_confidence(text: str | None, columns: Sequence[str], options: Options) -> float | None:
    if text is None or not text.strip():
        return None
    scale = options.certainty_range or CertaintyRange()
    return scale.share(text, columns[0] if columns else "confidence")


def parse_pandalm(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[JudgmentRecord | RowError]:
    """PandaLM: `cmp_key` names both systems, each `annotator…` column is a judge, 0 is a tie."""
    for source in sources:
        judges = [column for column in source.columns if column.startswith("annotator")]
        read = partial(_of_each_judge, judges=judges, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def _of_each_judge(
    row: Row, *, judges: Sequence[str], options: Options, source: str
) -> Iterable[JudgmentRecord]:
    names = row.cells.get("cmp_key", "").split("_")
    if len(names) != 2 or not all(names):
        raise CellError("cmp_key does not name two systems with “_” between them.", "cmp_key")
    item_key = row.cells.get("idx", "")
    if not item_key:
        raise CellError("the idx is missing.", "idx")
    left, right = two_methods(names[0], names[1], options=options, column="cmp_key")
    verdicts = [
        (judge, read_verdict(row.cells[judge], left=names[0], right=names[1], column=judge))
        for judge in judges
        if row.cells.get(judge, "").strip()
    ]
    for judge, verdict in verdicts:
        yield JudgmentRecord(
            item_key=item_key,
            judge=judge,
            left=left,
            right=right,
            verdict=verdict,
            confidence=None,
            submitted_at="",
            revisable=False,
            criterion="",
            metadata={},
            source=source,
            row=row.number,
            cells=("", item_key, judge, left, right, verdict),
            base_model=options.base_models.of_file(source),
        )


PANDALM = Format(
    "pandalm",
    "PandaLM test set",
    lambda source, mapping: not mapping.entries and has_columns(source, "cmp_key", "annotator1"),
    parse_pandalm,
)
JUDGMENTS = Format("judgments", "Judgments, one per row", lambda *_: True, parse_judgments, FIELDS)
