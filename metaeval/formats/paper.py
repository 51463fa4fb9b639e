"""The paper's judgments: JSONL of answers with a metadata.csv that names the two options of each input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.errors import CellError, FormatError, RowError
from annotations.formats.long import checked_time
from annotations.formats.mapping import Mapping
from annotations.formats.reading import Format, has_columns, raw_cells, records_of_rows
from annotations.formats.tables import Row, RowSource
from annotations.formats.tables.cells import Json, cell_text, json_text
from metaeval.formats.judgments import read_confidence, two_methods
from metaeval.formats.options import Options
from metaeval.formats.records import JudgmentRecord, Verdict

_VERDICTS = {
    (True, True): Verdict.BOTH,
    (True, False): Verdict.LEFT,
    (False, True): Verdict.RIGHT,
    (False, False): Verdict.NEITHER,
}


def parse_judgments(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[JudgmentRecord | RowError]:
    """Answers with the options that the file of options names for their input.

    Two rows of one judge for one input are a revision: both are yielded, marked as revisable.

    Raises
    ------
    FormatError
        The file of options (columns id, optionA, optionB) is not among the sources, or names an input twice.
    """
    lists = [source for source in sources if _is_list_of_options(source)]
    answers = [source for source in sources if not _is_list_of_options(source)]
    if not lists or not answers:
        raise FormatError(
            "Bring two files together: the judgments (JSONL) and the list of options with columns id, optionA, optionB."
        )
    pairs: dict[str, Row] = {}
    for source in lists:
        for row in source:
            if isinstance(row, RowError):
                yield row
            elif row.cells["id"] in pairs:
                yield RowError(
                    row.number, "id", f"the input “{row.cells['id']}” is listed twice.", source.name
                )
            else:
                pairs[row.cells["id"]] = row
    for source in answers:
        read = partial(_judgment, pairs=pairs, options=options, source=source.name)
        yield from records_of_rows(source, read, source=source.name)


def _judgment(row: Row, *, pairs: dict[str, Row], options: Options, source: str) -> Iterable[JudgmentRecord]:
    input_id, judge = row.cells.get("inputId", ""), row.cells.get("annotatorId", "")
    if not judge:
        raise CellError("the annotatorId is missing.", "annotatorId")
    pair = pairs.get(input_id)
    if pair is None:
        raise CellError(f"the input “{input_id}” is not in the list of options.", "inputId")
    preferred = _object(row.value("preferredHLVAnnotation"))
    a, b = preferred.get("isOptionAPreferred"), preferred.get("isOptionBPreferred")
    if not isinstance(a, bool) or not isinstance(b, bool):
        raise CellError(
            "isOptionAPreferred and isOptionBPreferred must both be true or false.", "preferredHLVAnnotation"
        )
    left, right = two_methods(pair.cells["optionA"], pair.cells["optionB"], options=options, column="inputId")
    verdict = _VERDICTS[a, b]
    # An input is a text with two options; where the list says which text, judgments of a text stand together.
    item_key = next(
        (pair.cells[name] for name in ("item", "item_id", "textId") if pair.cells.get(name)), input_id
    )
    time = checked_time(row.cells.get("timestamp", ""), ("timestamp",))
    yield JudgmentRecord(
        item_key=item_key,
        judge=judge,
        left=left,
        right=right,
        verdict=verdict,
        confidence=read_confidence(
            cell_text(preferred.get("confidence")), ("preferredHLVAnnotation",), options
        ),
        submitted_at=time,
        revisable=True,
        criterion="",
        metadata=_metadata(row, preferred),
        source=source,
        row=row.number,
        cells=("", item_key, judge, left, right, verdict, time, *raw_cells(row)),
    )


def _metadata(row: Row, preferred: dict[str, Json]) -> dict[str, str]:
    labelled = row.value("areasOfLawAnnotation")
    found = {
        "input_id": row.cells.get("inputId", ""),
        "judging_time": cell_text(preferred.get("elapsedTime")),
    }
    if isinstance(labelled, dict):
        found["labelling_time"] = cell_text(labelled.get("elapsedTime"))
        found["selected_areas"] = json_text(labelled.get("selectedAreas"))
    return {name: text for name, text in found.items() if text not in {"", "null"}}


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise CellError("preferredHLVAnnotation is no object.", "preferredHLVAnnotation")
    return value


def _is_list_of_options(source: RowSource) -> bool:
    return has_columns(source, "id", "optionA", "optionB")


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    return has_columns(source, "inputId", "preferredHLVAnnotation") or _is_list_of_options(source)


JUDGMENTS = Format("paper", "The paper's judgments with metadata.csv", _sniff, parse_judgments)
