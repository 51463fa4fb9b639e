"""ChaosNLI: counts of a hundred labels for each item, no annotators (Nie, Zhou and Bansal 2020)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.counts import make_counts, read_count, read_counts
from annotations.formats.items import item_reader, make_item
from annotations.formats.records import CountRecord, ItemRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import cell_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, read_records

# The order in which the files write label_count and label_dist.
NLI_LABELS = ("e", "n", "c")
ALPHA_LABELS = ("1", "2")
_NO_TEXTS = frozenset({"uid", "source", "story_id", "label"})


def _key(row: Row) -> str:
    key = row.cells.get("uid", "")
    if not key:
        raise CellError("the uid is missing: every row needs one.", "uid")
    return key


def _item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    example = row.value("example")
    if not isinstance(example, dict):
        raise CellError("the example is missing: it holds the texts.", "example")
    yield make_item(
        _key(row),
        [(name, member) for name, member in example.items() if name not in _NO_TEXTS],
        lang="",
        metadata={name: cell_text(example[name]) for name in ("source", "story_id") if example.get(name)},
        row=row,
        source=source.name,
        column="example",
    )


def parse_counts(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[CountRecord | RowError]:
    """Counts with every label of the task, also those that nobody gave and `label_counter` leaves out."""
    for source in sources:
        yield from read_records(source, partial(_counts, source=source.name), source=source.name)


def _counts(row: Row, *, source: str) -> Iterable[CountRecord]:
    given = read_counts(row.value("label_counter"), "label_counter")
    order = ALPHA_LABELS if set(given) <= set(ALPHA_LABELS) else NLI_LABELS
    unknown = sorted(set(given) - set(order))
    if unknown:
        raise CellError(f"the label “{unknown[0]}” is none of {', '.join(NLI_LABELS)}.", "label_counter")
    counts = {label: given.get(label, 0) for label in order}
    listed = row.value("label_count")
    if isinstance(listed, list):
        again = [read_count(cell_text(member), "label_count") for member in listed]
        if again != list(counts.values()):
            raise CellError("label_count and label_counter disagree.", "label_count")
    yield make_counts(_key(row), counts, row=row, source=source)


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    return has_columns(source, "uid", "label_counter", "example")


ITEMS = Format("chaosnli", "ChaosNLI", _sniff, item_reader(_item))
COUNTS = Format("chaosnli", "ChaosNLI", _sniff, parse_counts)
