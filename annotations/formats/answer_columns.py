"""Exports of Potato and Mechanical Turk: a row for each answer, a column for each label or question."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.items import (
    AnnotationRecord,
    ItemRecord,
    item_reader,
    listed,
    make_answer,
    make_item,
    members_of,
    required_cell,
    with_columns,
)
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import DECODER, Json, RepeatedKeyError, cell_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, raw_cells, read_records

_NOT_CHOSEN = frozenset({"", "false", "0", "no", "off"})
_SCHEMA_ENDS = (":::", ".")


def _chosen_columns(cells: Iterable[tuple[str, str]], *, wanted: str | None, hint: str) -> tuple[str, ...]:
    """Labels of one question from columns such as `question.label` with a truth value.

    Raises `CellError` where several questions have answers and none is named.
    """
    by_question: dict[str, list[str]] = {}
    for column, cell in cells:
        sign = next((one for one in _SCHEMA_ENDS if one in column), None)
        if sign is None:
            continue
        question, _, label = column.partition(sign)
        if wanted is not None and question != wanted:
            continue
        chosen = by_question.setdefault(question, [])
        if cell.strip().casefold() not in _NOT_CHOSEN:
            chosen.append(label)
    if len(by_question) > 1:
        raise CellError(
            f"there are several questions ({', '.join(sorted(by_question))}): say which with label={hint}.",
            None,
        )
    return tuple(next(iter(by_question.values()), []))


_POTATO_COLUMNS = frozenset({"user", "user_id", "instance_id", "displayed_text"})


def _potato_answer(row: Row, *, schema: str | None, source: str) -> Iterable[AnnotationRecord]:
    cells = [
        (column, cell)
        for column, cell in row.cells.items()
        if column not in _POTATO_COLUMNS and "._" not in column
    ]
    labels = _chosen_columns(cells, wanted=schema, hint="SCHEMA")
    yield make_answer(
        required_cell(row, "instance_id"),
        required_cell(row, "user_id", "user"),
        labels,
        row=row,
        source=source,
        cells=("row", *raw_cells(row)),
    )


def parse_potato(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """Answers of one annotation scheme; `label=SCHEME` says which where there are several."""
    for source in sources:
        read = partial(_potato_answer, schema=mapping.target("label"), source=source.name)
        yield from read_records(source, read, source=source.name)


def _sniff_potato(source: RowSource, mapping: Mapping) -> bool:
    return has_columns(source, "instance_id") and bool({"user", "user_id"} & set(source.columns))


POTATO = Format("potato", "Potato, CSV, TSV or JSONL", _sniff_potato, parse_potato)


# Mechanical Turk: the CSV of a batch. Rejected assignments are no answers.

_TASK_ANSWERS = "Answer.taskAnswers"


def _mturk_key(row: Row) -> str:
    return required_cell(row, "Input.id", "Input.item", "Input.item_id", "HITId")


def _mturk_item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    inputs = {
        name.removeprefix("Input."): cell for name, cell in row.cells.items() if name.startswith("Input.")
    }
    rest = {name: inputs.pop(name) for name in ("id", "item", "item_id", "lang") if name in inputs}
    yield make_item(
        _mturk_key(row),
        list(inputs.items()),
        lang=rest.get("lang", ""),
        metadata={},
        row=row,
        source=source.name,
        column="Input.text",
    )


def _mturk_answer(row: Row, *, question: str | None, source: str) -> Iterable[AnnotationRecord]:
    if row.cells.get("AssignmentStatus") == "Rejected":
        return
    yield make_answer(
        _mturk_key(row),
        required_cell(row, "WorkerId"),
        _mturk_labels(row, question),
        row=row,
        source=source,
        metadata={"duration_s": row.cells["WorkTimeInSeconds"]} if row.cells.get("WorkTimeInSeconds") else {},
        cells=("assignment", row.cells.get("AssignmentId", "")),
    )


def _mturk_labels(row: Row, question: str | None) -> tuple[str, ...]:
    if row.cells.get(_TASK_ANSWERS):
        return _task_answers(row.cells[_TASK_ANSWERS], question)
    answers = {
        column.removeprefix("Answer."): cell
        for column, cell in row.cells.items()
        if column.startswith("Answer.")
    }
    named = {column.removesuffix(".label"): cell for column, cell in answers.items()}
    if question is not None and question in named:
        return (named[question],) if named[question].strip() else ()
    flags = {column: cell for column, cell in answers.items() if cell.casefold() in {"true", "false"}}
    if flags and len(flags) == len(answers):
        dotted = {column.removesuffix(".on"): cell for column, cell in flags.items()}
        if all("." in column for column in dotted):
            return _chosen_columns(dotted.items(), wanted=question, hint="QUESTION")
        return tuple(column for column, cell in dotted.items() if cell.casefold() == "true")
    if len(named) > 1:
        raise CellError(
            f"there are several answers ({', '.join(sorted(named))}): say which with label=NAME.", None
        )
    return tuple(cell for cell in named.values() if cell.strip())


def _task_answers(text: str, question: str | None) -> tuple[str, ...]:
    """A list of one object: a label, or a truth value for each label, by question."""
    try:
        value: Json = DECODER.decode(text)
    except (json.JSONDecodeError, RepeatedKeyError):
        raise CellError("the answers are not valid JSON.", _TASK_ANSWERS) from None
    answers = members_of(value[0] if isinstance(value, list) and value else value)
    wanted = {name: member for name, member in answers.items() if question in (None, name)}
    if len(wanted) != 1:
        raise CellError(
            f"there are answers to {', '.join(sorted(answers)) or 'nothing'}: say which with label=NAME.",
            _TASK_ANSWERS,
        )
    (chosen,) = wanted.values()
    if not isinstance(chosen, dict):
        return (cell_text(chosen),)
    if "label" in chosen:
        return (cell_text(chosen["label"]),)
    if "labels" in chosen:
        return tuple(cell_text(label) for label in listed(chosen["labels"]))
    return tuple(label for label, is_chosen in chosen.items() if is_chosen is True)


def parse_mturk(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """Assignments that were not rejected; `label=NAME` says which answer is meant where there are several."""
    for source in sources:
        read = partial(_mturk_answer, question=mapping.target("label"), source=source.name)
        yield from read_records(source, read, source=source.name)


_is_mturk = with_columns("HITId", "WorkerId", "AssignmentStatus")
MTURK_ITEMS = Format("mturk", "Mechanical Turk, CSV of a batch", _is_mturk, item_reader(_mturk_item))
MTURK = Format("mturk", "Mechanical Turk, CSV of a batch", _is_mturk, parse_mturk)
