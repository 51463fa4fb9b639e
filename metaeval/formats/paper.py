"""The paper's judgments: JSONL of answers with a metadata.csv that names the two options of each input.

`input.jsonl` has the inputs that judges saw: id, text, and the areas of law of both options with their confidence.
It names the text of each judgment, and gives the outputs of the methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import msgspec

from annotations.formats.label_tables import checked_time
from annotations.formats.paper_inputs import (
    INPUTS,
    OPTIONS_LIST,
    PaperInputs,
    Place,
    good_rows,
    is_inputs,
    is_options_list,
    place_words,
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

# The name of the format.
PAPER = "paper"
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
    """Answers with the options that the list names for their input.

    Two rows of one judge for one input are a revision: both are yielded, marked as revisable.

    Raises
    ------
    FormatError
        The list of options is not among the sources, or nothing names the text of an input.
    """
    refuse_missing(JUDGMENT_PARTS, sources)
    lists = [source for source in sources if is_options_list(source)]
    inputs = [source for source in sources if is_inputs(source)]
    found = PaperInputs.read(lists, inputs)
    found.refuse_unnamed_texts(inputs, sources)
    yield from found.errors
    for source in sources:
        if source not in lists and source not in inputs:
            read = partial(_judgment, inputs=found, options=options, source=source.name)
            yield from read_records(source, read, source=source.name)


def parse_outputs(
    sources: Sequence[OutputSource], mapping: Mapping, options: Options
) -> Iterator[OutputRecord | RowError]:
    """What both options of each input give; the same option of a text again is read once.

    Labels that are not shown there had less than the paper's threshold: they count as 0.

    Raises
    ------
    FormatError
        Either of the two files is not among the sources.
    """
    refuse_missing(OUTPUT_PARTS, sources)
    tables = [source for source in sources if isinstance(source, RowSource)]
    inputs = [source for source in tables if is_inputs(source)]
    found = PaperInputs.read([source for source in tables if is_options_list(source)], inputs)
    yield from found.errors
    shown: dict[tuple[str, str, str], _Shown] = {}
    for source in inputs:
        read = partial(_outputs, inputs=found, shown=shown, options=options, source=source.name)
        yield from read_records(good_rows(source), read, source=source.name)


@dataclass(frozen=True, slots=True)
class _Shown(Place):
    """The first row that shows a method's output of a text, and a hash of the output."""

    content: int


def _outputs(
    row: Row,
    *,
    inputs: PaperInputs,
    shown: dict[tuple[str, str, str], _Shown],
    options: Options,
    source: str,
) -> Iterable[OutputRecord]:
    input_id = row.cells.get("id", "")
    listed, item_key = inputs.options(input_id, "id"), inputs.key(input_id)
    base_model = options.base_models.of_input(input_id, (listed.source, source))
    for column, spelled in (("optionA", listed.option_a), ("optionB", listed.option_b)):
        method = options.method_name(spelled)
        distribution = _distribution(row.value(column), column)
        here = _Shown(source, row.number, hash(frozenset(distribution.items())))
        first = shown.setdefault((item_key, base_model, method), here)
        if first.content != here.content:
            raise CellError(
                f"“{method}” has another output for this text {place_words(first, source)}: where two base models "
                "share the name, name them with --base-model or --min-input-id.",
                column,
            )
        if first is not here:
            continue
        yield OutputRecord(
            item_key=item_key,
            method=method,
            run=options.run or FIRST_RUN,
            distribution=distribution,
            text=None,
            base_model=base_model,
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


def _judgment(row: Row, *, inputs: PaperInputs, options: Options, source: str) -> Iterable[JudgmentRecord]:
    input_id, judge = row.cells.get("inputId", ""), row.cells.get("annotatorId", "")
    if not judge:
        raise CellError("the annotatorId is missing.", "annotatorId")
    listed, item_key = inputs.options(input_id, "inputId"), inputs.key(input_id)
    text = inputs.texts.get(input_id)
    described = [listed.source, source] if text is None else [listed.source, text.source, source]
    preferred = _preferred(row.value(PREFERRED))
    left, right = two_methods(listed.option_a, listed.option_b, options=options, column="inputId")
    verdict = _VERDICTS[preferred.is_option_a_preferred, preferred.is_option_b_preferred]
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
        base_model=options.base_models.of_input(input_id, described),
        input_id=input_id,
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
    PAPER, "The paper's judgments with metadata.csv", _sniff, parse_judgments, parts=JUDGMENT_PARTS
)
OUTPUTS = Format(
    PAPER, "The paper's input.jsonl with metadata.csv", _sniff_outputs, parse_outputs, parts=OUTPUT_PARTS
)
