"""Label Studio's JSON export: tasks with annotations of choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.items import USUAL_TEXTS, item_reader, make_item
from annotations.formats.long import checked_time
from annotations.formats.records import AnnotationRecord, ItemRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, cell_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, read_records

_OWN_IDS = ("item", "item_id", "uid", "id")


def _task(row: Row) -> dict[str, Json]:
    task = row.value("data")
    if not isinstance(task, dict):
        raise CellError("the task has no data object.", "data")
    return task


def item_key(row: Row) -> str:
    """The id that was brought into the task's data; without one, the task's own."""
    task = _task(row)
    named = next((cell_text(task[name]) for name in _OWN_IDS if task.get(name) is not None), "")
    key = named or row.cells.get("id", "")
    if not key:
        raise CellError("the task has no id.", "id")
    return key


def _item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    task = _task(row)
    names = [name for name in ("text", *USUAL_TEXTS) if isinstance(task.get(name), str)]
    texts = names or [name for name, value in task.items() if isinstance(value, str) and name not in _OWN_IDS]
    rest = {
        name: cell_text(value) for name, value in task.items() if name not in texts and name not in _OWN_IDS
    }
    yield make_item(
        item_key(row),
        [(name, task[name]) for name in texts],
        lang=rest.pop("lang", ""),
        metadata={name: text for name, text in rest.items() if text},
        row=row,
        source=source.name,
        column="data",
    )


def parse_annotations(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """Choices of people; predictions are never read, cancelled answers are skips.

    Where a task has several controls of choices, `label=NAME` says which one is meant.
    """
    control = mapping.target("label")
    for source in sources:
        yield from read_records(
            source, partial(_annotations, control=control, source=source.name), source=source.name
        )


def _annotations(row: Row, *, control: str | None, source: str) -> Iterable[AnnotationRecord]:
    key = item_key(row)
    answers = row.value("annotations")
    if answers is None:
        return
    if not isinstance(answers, list):
        raise CellError("the annotations are no list.", "annotations")
    for answer in [_object(one) for one in answers]:
        if answer.get("was_cancelled") is True:
            continue
        annotator = _annotator(answer.get("completed_by"))
        labels = _choices(answer.get("result"), control)
        time = cell_text(answer.get("updated_at") or answer.get("created_at"))
        yield AnnotationRecord(
            item_key=key,
            annotator=annotator,
            labels=labels,
            certainties=None,
            flags=(),
            submitted_at=checked_time(time, ("annotations",)),
            group="",
            metadata={
                name: cell_text(answer[name]) for name in ("id", "lead_time") if answer.get(name) is not None
            },
            source=source,
            row=row.number,
            cells=("item", key, "annotator", annotator, "labels", *labels, "id", cell_text(answer.get("id"))),
        )


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise CellError("an annotation is no object.", "annotations")
    return value


def _annotator(completed_by: Json) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id", completed_by.get("email"))
    name = cell_text(completed_by)
    if not name.strip():
        raise CellError("an annotation does not say who completed it.", "annotations")
    return name


def _choices(result: Json, control: str | None) -> tuple[str, ...]:
    labels: list[str] = []
    controls: set[str] = set()
    for region in result if isinstance(result, list) else []:
        if not isinstance(region, dict) or region.get("type") != "choices":
            continue
        name = cell_text(region.get("from_name"))
        if control is not None and name != control:
            continue
        controls.add(name)
        value = region.get("value")
        chosen = value.get("choices") if isinstance(value, dict) else None
        if not isinstance(chosen, list):
            raise CellError("a choices result holds no list of choices.", "annotations")
        labels.extend(cell_text(label) for label in chosen)
    if len(controls) > 1:
        raise CellError(
            f"the choices come from several controls ({', '.join(sorted(controls))}): say which with label=NAME.",
            "annotations",
        )
    return tuple(dict.fromkeys(labels))


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    if not has_columns(source, "data", "annotations"):
        return False
    return any(isinstance(row.value("annotations"), list) for row in source.head(50))


ITEMS = Format("label-studio", "Label Studio JSON", _sniff, item_reader(_item))
ANNOTATIONS = Format("label-studio", "Label Studio JSON", _sniff, parse_annotations)
