"""Exports of Prodigy, doccano and Argilla."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePath

from annotations.formats.items import (
    AnnotationRecord,
    ItemRecord,
    item_reader,
    listed,
    make_answer,
    make_item,
    members_of,
    record_reader,
    required_cell,
    with_columns,
)
from annotations.formats.label_tables import checked_time
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, cell_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, read_records

# Prodigy: a line for each answer. An ignored task is a skip. In its binary tasks a rejected label is the empty set.


def _prodigy_key(row: Row) -> str:
    """The id that the user gave the task, else Prodigy's hash of its input."""
    own = cell_text(members_of(row.value("meta")).get("id"))
    return own or required_cell(row, "id", "_input_hash")


def _prodigy_item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    yield make_item(
        _prodigy_key(row),
        [("text", row.value("text"))],
        lang=row.cells.get("lang", ""),
        metadata={name: cell_text(value) for name, value in members_of(row.value("meta")).items()},
        row=row,
        source=source.name,
        column="text",
    )


def _prodigy_answer(row: Row, source: RowSource, options: Options) -> Iterable[AnnotationRecord]:
    answer = row.cells.get("answer", "")
    if answer == "ignore":
        return
    labels = tuple(cell_text(label) for label in listed(row.value("accept")))
    if "accept" not in row.cells:
        label = required_cell(row, "label")
        labels = (label,) if answer == "accept" else ()
    elif answer == "reject":
        # The whole task was rejected, for instance a text that is broken.
        return
    yield make_answer(
        _prodigy_key(row),
        required_cell(row, "_annotator_id", "_session_id"),
        labels,
        row=row,
        source=source.name,
        submitted_at=checked_time(row.cells.get("_timestamp", ""), ("_timestamp",)),
        cells=("task", row.cells.get("_task_hash", "")),
    )


_is_prodigy = with_columns("_input_hash", "answer")
PRODIGY_ITEMS = Format("prodigy", "Prodigy JSONL", _is_prodigy, item_reader(_prodigy_item))
PRODIGY = Format("prodigy", "Prodigy JSONL", _is_prodigy, record_reader(_prodigy_answer))


# doccano: a file for each annotator, named after them, with a row for each text, answered or not.


def _doccano_labels(row: Row) -> tuple[str, ...]:
    value = row.value("label")
    if isinstance(value, list):
        if not all(isinstance(label, str) for label in value):
            raise CellError("the labels are spans: labels of whole texts are read.", "label")
        return tuple(cell_text(label) for label in value)
    # Its CSV joins the labels of a text.
    return tuple(label for label in row.cells.get("label", "").split("#") if label)


def _doccano_answer(row: Row, source: RowSource, options: Options) -> Iterable[AnnotationRecord]:
    annotator = PurePath(source.name).stem
    if annotator == "all":
        raise CellError(
            "all.jsonl does not say who chose a label: in doccano's settings, turn off sharing of annotations, and "
            "export again.",
            "label",
        )
    if labels := _doccano_labels(row):
        yield make_answer(required_cell(row, "id"), annotator, labels, row=row, source=source.name)


def _sniff_doccano(source: RowSource, mapping: Mapping) -> bool:
    return has_columns(source, "id", "text", "label", "Comments")


def _doccano_item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    known = {"id", "text", "label", "Comments"}
    yield make_item(
        required_cell(row, "id"),
        [("text", row.value("text"))],
        lang="",
        metadata={name: cell for name, cell in row.cells.items() if name not in known and cell},
        row=row,
        source=source.name,
        column="text",
    )


DOCCANO_ITEMS = Format(
    "doccano", "doccano, a file for each annotator", _sniff_doccano, item_reader(_doccano_item)
)
DOCCANO = Format(
    "doccano", "doccano, a file for each annotator", _sniff_doccano, record_reader(_doccano_answer)
)


# Argilla 2: nested JSON of `to_json`, or the flat columns of `to_datasets`. Suggestions are a program's and never read.


def _argilla_item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    nested = row.value("fields")
    if isinstance(nested, dict):
        texts = list(nested.items())
    else:
        texts = [(name, row.value(name)) for name in row.cells if _is_argilla_field(name, source)]
    yield make_item(
        required_cell(row, "id"),
        texts,
        lang="",
        metadata={name: cell_text(value) for name, value in members_of(row.value("metadata")).items()},
        row=row,
        source=source.name,
        column="fields",
    )


def _is_argilla_field(name: str, source: RowSource) -> bool:
    return "." not in name and name not in {"id", "status", "_server_id"} and name in source.columns


def _argilla_answers(
    row: Row, *, question: str | None, source: str, columns: Sequence[str]
) -> Iterable[AnnotationRecord]:
    key = required_cell(row, "id")
    given = _argilla_responses(row, columns)
    name = _one_question(given, question)
    return [
        make_answer(key, annotator, labels, row=row, source=source, cells=("question", name))
        for annotator, labels in given.get(name, [])
    ]


def _argilla_responses(row: Row, columns: Sequence[str]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """The submitted answers to each question: annotator and labels."""
    nested = row.value("responses")
    if isinstance(nested, dict):
        return {
            name: [
                (cell_text(members_of(one).get("user_id")), _argilla_labels(members_of(one).get("value")))
                for one in listed(answers)
            ]
            for name, answers in nested.items()
        }
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for column in columns:
        if not column.endswith(".responses"):
            continue
        values, users = listed(row.value(column)), listed(row.value(f"{column}.users"))
        states = listed(row.value(f"{column}.status")) or ["submitted"] * len(values)
        if not len(values) == len(users) == len(states):
            raise CellError(f"there are {len(values)} responses by {len(users)} users.", column)
        found[column.removesuffix(".responses")] = [
            (cell_text(user), _argilla_labels(value))
            for value, user, state in zip(values, users, states, strict=True)
            if state == "submitted" and value is not None
        ]
    return found


def _argilla_labels(value: Json) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(cell_text(label) for label in value)
    return (cell_text(value),)


def _one_question(given: dict[str, list[tuple[str, tuple[str, ...]]]], wanted: str | None) -> str:
    if wanted is not None:
        return wanted
    answered = sorted(name for name, answers in given.items() if answers)
    if len(answered) > 1:
        raise CellError(
            f"there are answers to several questions ({', '.join(answered)}): say which with label=NAME.",
            answered[0],
        )
    return answered[0] if answered else ""


def parse_argilla(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """Submitted responses; `label=NAME` says which question is meant where there are several."""
    for source in sources:
        read = partial(
            _argilla_answers, question=mapping.target("label"), source=source.name, columns=source.columns
        )
        yield from read_records(source, read, source=source.name)


def _sniff_argilla(source: RowSource, mapping: Mapping) -> bool:
    if has_columns(source, "id", "fields", "responses", "suggestions"):
        return True
    return any(
        f"{column}.users" in source.columns for column in source.columns if column.endswith(".responses")
    )


ARGILLA_ITEMS = Format("argilla", "Argilla 2", _sniff_argilla, item_reader(_argilla_item))
ARGILLA = Format("argilla", "Argilla 2", _sniff_argilla, parse_argilla)
