"""The paper's judgments: JSONL of answers with a metadata.csv that names the two options of each input.

The inputs that judges were shown (`input.jsonl`: id, text, and the areas of law of both options with their confidence)
may stand beside them: judgments on one text then stand together, and the outputs of the methods can be read from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import msgspec

from annotations.formats.long import checked_time
from annotations.formats.paper_inputs import (
    INPUTS,
    OPTIONS_LIST,
    first_option,
    is_inputs,
    is_options_list,
    text_key,
)
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, cell_text, json_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Mapping
from hlv.core.tabular.table_formats import Format, Part, has_columns, raw_cells, read_records, refuse_missing
from metaeval.formats.arrays import OutputSource
from metaeval.formats.evaluation_options import Options
from metaeval.formats.judgments import read_confidence, two_methods
from metaeval.formats.outputs import FIRST_RUN
from metaeval.formats.records import JudgmentRecord, OutputRecord, Verdict

PREFERRED = "preferredHLVAnnotation"
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
    refuse_missing(JUDGMENT_PARTS, sources)
    lists = [source for source in sources if is_options_list(source)]
    inputs = [source for source in sources if is_inputs(source)]
    answers = [source for source in sources if source not in lists and source not in inputs]
    pairs: dict[str, Row] = {}
    yield from _listed_options(lists, pairs)
    firsts = first_option(inputs)
    for source in answers:
        read = partial(_judgment, pairs=pairs, firsts=firsts, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def parse_outputs(
    sources: Sequence[OutputSource], mapping: Mapping, options: Options
) -> Iterator[OutputRecord | RowError]:
    """What both options of each input say; an option that comes again for a text is read once.

    Labels that are not shown there had less than the paper's threshold: they count as 0.

    Raises
    ------
    FormatError
        Either of the two files is not among the sources.
    """
    refuse_missing(OUTPUT_PARTS, sources)
    tables = [source for source in sources if isinstance(source, RowSource)]
    lists = [source for source in tables if is_options_list(source)]
    inputs = [source for source in tables if is_inputs(source)]
    pairs: dict[str, Row] = {}
    yield from _listed_options(lists, pairs)
    firsts = first_option(inputs)
    seen: set[tuple[str, str]] = set()
    for source in inputs:
        read = partial(_outputs, pairs=pairs, firsts=firsts, seen=seen, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def _listed_options(lists: Sequence[RowSource], pairs: dict[str, Row]) -> Iterator[RowError]:
    """Fill `pairs` by input."""
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


def _outputs(
    row: Row,
    *,
    pairs: dict[str, Row],
    firsts: dict[str, str],
    seen: set[tuple[str, str]],
    options: Options,
    source: str,
) -> Iterable[OutputRecord]:
    input_id = row.cells.get("id", "")
    pair = pairs.get(input_id)
    if pair is None:
        raise CellError(f"the input “{input_id}” is not in the list of options.", "id")
    item_key = text_key(pair, input_id, firsts)
    for column in ("optionA", "optionB"):
        method = options.method_name(pair.cells[column])
        if (item_key, method) in seen:
            continue
        seen.add((item_key, method))
        distribution = _distribution(row.value(column), column)
        yield OutputRecord(
            item_key=item_key,
            method=method,
            run=options.run or FIRST_RUN,
            distribution=distribution,
            text=None,
            base_model=options.base_model,
            source=source,
            row=row.number,
            cells=(item_key, method, *(f"{label}={share!r}" for label, share in distribution.items())),
        )


class _Area(msgspec.Struct, rename="camel"):
    area_of_law: str
    confidence: Any = None


def _distribution(value: Json, column: str) -> dict[str, float]:
    try:
        areas = msgspec.convert(value, list[_Area])
    except msgspec.ValidationError:
        raise CellError("it is no list of objects with areaOfLaw and confidence.", column) from None
    scale = CertaintyRange()
    return {area.area_of_law: scale.share(cell_text(area.confidence), column) for area in areas}


def _judgment(
    row: Row, *, pairs: dict[str, Row], firsts: dict[str, str], options: Options, source: str
) -> Iterable[JudgmentRecord]:
    input_id, judge = row.cells.get("inputId", ""), row.cells.get("annotatorId", "")
    if not judge:
        raise CellError("the annotatorId is missing.", "annotatorId")
    pair = pairs.get(input_id)
    if pair is None:
        raise CellError(f"the input “{input_id}” is not in the list of options.", "inputId")
    preferred = _preferred(row.value(PREFERRED))
    left, right = two_methods(pair.cells["optionA"], pair.cells["optionB"], options=options, column="inputId")
    verdict = _VERDICTS[preferred.is_option_a_preferred, preferred.is_option_b_preferred]
    item_key = text_key(pair, input_id, firsts)
    time = checked_time(row.cells.get("timestamp", ""), ("timestamp",))
    yield JudgmentRecord(
        item_key=item_key,
        judge=judge,
        left=left,
        right=right,
        verdict=verdict,
        confidence=read_confidence(cell_text(preferred.confidence), (PREFERRED,), options),
        submitted_at=time,
        revisable=True,
        criterion="",
        metadata=_metadata(row, preferred),
        source=source,
        row=row.number,
        cells=("", item_key, judge, left, right, verdict, time, *raw_cells(row)),
    )


def _metadata(row: Row, preferred: _Preferred) -> dict[str, str]:
    labelled = row.value("areasOfLawAnnotation")
    labels = msgspec.convert(labelled if isinstance(labelled, dict) else {}, _Labels)
    found = PaperMetadata(
        input_id=row.cells.get("inputId", ""),
        judging_time=cell_text(preferred.elapsed_time),
        labelling_time=cell_text(labels.elapsed_time),
        selected_areas=json_text(labels.selected_areas),
    )
    return {name: text for name, text in vars(found).items() if text not in {"", "null"}}


@dataclass(frozen=True)
class PaperMetadata:
    """What a judgment keeps of the paper's line besides its verdict; blank where the line has none."""

    input_id: str = ""
    judging_time: str = ""
    labelling_time: str = ""
    selected_areas: str = ""

    @classmethod
    def of(cls, metadata: MappingOf[str, str]) -> Self:
        return cls(**{name: metadata.get(name, "") for name in vars(cls())})


class _Preferred(msgspec.Struct, rename="camel"):
    is_option_a_preferred: bool
    is_option_b_preferred: bool
    confidence: Any = None
    elapsed_time: Any = None


class _Labels(msgspec.Struct, rename="camel"):
    elapsed_time: Any = None
    selected_areas: Any = None


def _preferred(value: Json) -> _Preferred:
    if not isinstance(value, dict):
        raise CellError(f"{PREFERRED} is no object.", PREFERRED)
    try:
        return msgspec.convert(value, _Preferred)
    except msgspec.ValidationError:
        sentence = "isOptionAPreferred and isOptionBPreferred must both be true or false."
        raise CellError(sentence, PREFERRED) from None


def _is_answers(source: RowSource) -> bool:
    return has_columns(source, "inputId", "preferredHLVAnnotation")


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    return any(part.is_it(source) for part in JUDGMENT_PARTS)


def _of_tables(part: Part[RowSource]) -> Part[OutputSource]:
    return Part(
        part.usual_name,
        part.holds,
        lambda source: isinstance(source, RowSource) and part.is_it(source),
        part.is_needed,
    )


def _sniff_outputs(source: OutputSource, mapping: Mapping) -> bool:
    return any(part.is_it(source) for part in OUTPUT_PARTS)


JUDGMENT_PARTS = (
    Part("data.jsonl", "the judgments, JSON lines with inputId and preferredHLVAnnotation", _is_answers),
    OPTIONS_LIST,
    replace(INPUTS, is_needed=False),
)
OUTPUT_PARTS = (_of_tables(INPUTS), _of_tables(OPTIONS_LIST))
JUDGMENTS = Format(
    "paper", "The paper's judgments with metadata.csv", _sniff, parse_judgments, parts=JUDGMENT_PARTS
)
OUTPUTS = Format(
    "paper", "The paper's input.jsonl with metadata.csv", _sniff_outputs, parse_outputs, parts=OUTPUT_PARTS
)
