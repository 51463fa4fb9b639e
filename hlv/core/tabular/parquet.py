"""Rows of a Parquet file as text; labels that a Hugging Face data set numbers get their names back.

pyarrow is optional (`hlv[parquet]`) and loaded only for such files.
"""

from __future__ import annotations

import datetime as dt
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from hlv.core.tabular.cells import Json, NumberText, Row
from hlv.core.tabular.delimited import check_columns
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.json_stream import value_row

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

MAGIC = b"PAR1"
_ROWS_AT_ONCE = 20
# A few bytes may mean any number of long cells. Real files are packed to a tenth.
_MAX_RATIO = 300
_RATIO_MATTERS_FROM = 100_000
# Hugging Face keeps the features of a data set under this key of the schema.
_FEATURES_KEY = b"huggingface"
_FLOAT_DIGITS = range(6, 10)

Read: TypeAlias = "Callable[[Any], Json]"


def parquet_columns(path: Path, name: str) -> tuple[str, ...]:
    """The names of the columns.

    Raises
    ------
    FormatError
        pyarrow is missing, the file is damaged, or two columns have one name.
    """
    with _open(path, name) as file:
        columns: tuple[str, ...] = tuple(file.schema_arrow.names)
    check_columns(columns, name)
    if len(set(columns)) < len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise FormatError(f"{name} has two columns “{twice}”: rename one of them.")
    return columns


def read_parquet(path: Path, name: str) -> Iterator[Row | RowError]:
    """Rows, counted from 1, a few in memory at a time.

    Numbers are written in the fewest digits that give the same value, times in ISO 8601. Lists and structures
    keep their form.

    Raises
    ------
    FormatError
        pyarrow is missing, the file is damaged, or it unpacks to many times its size.
    """
    most_characters = _MAX_RATIO * max(_RATIO_MATTERS_FROM, path.stat().st_size)
    with _open(path, name) as file:
        readers = _readers(file)
        n_characters = 0
        for number, members in enumerate(_members(file, name), start=1):
            values = {
                column: read(member) for (column, read), member in zip(readers.items(), members, strict=True)
            }
            row = value_row(number, values, name)
            if isinstance(row, Row):
                n_characters += sum(map(len, row.cells.values()))
            if n_characters > most_characters:
                raise _too_packed(name)
            yield row


def _members(file: ParquetFile, name: str) -> Iterator[tuple[Any, ...]]:
    """The values of each row, as Python has them."""
    import pyarrow as pa

    try:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False):
            yield from zip(*(_listed(column) for column in batch.columns), strict=True)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError):
        raise FormatError(f"{name} cannot be read to its end: the file is damaged.") from None


def _open(path: Path, name: str) -> ParquetFile:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise FormatError(
            f"{name} is a Parquet file. To read it, install pyarrow (pip install hlv[parquet]), or save it as CSV or JSONL."
        ) from None
    try:
        file = pq.ParquetFile(path)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError):
        raise FormatError(f"{name} is a damaged Parquet file: it may be cut off.") from None
    groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
    n_bytes = sum(group.total_byte_size for group in groups)
    if n_bytes > _MAX_RATIO * max(_RATIO_MATTERS_FROM, path.stat().st_size):
        raise _too_packed(name)
    return file


def _too_packed(name: str) -> FormatError:
    return FormatError(f"{name} unpacks to more than {_MAX_RATIO} times its size: save it as CSV or JSONL.")


def _listed(column: Any) -> list[Any]:
    """Members as Python has them; its times have no nanoseconds."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    listed: list[Any] = column.to_pylist()
    return listed


def _readers(file: ParquetFile) -> dict[str, Read]:
    schema = file.schema_arrow
    features = _features(schema.metadata or {})
    return {field.name: _reader(field.type, features.get(field.name)) for field in schema}


def _features(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """What Hugging Face says of each column; nothing where it says nothing that can be read."""
    try:
        features = json.loads(metadata.get(_FEATURES_KEY, b"{}"))["info"]["features"]
    except (ValueError, LookupError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}


def _reader(type_: Any, feature: Any) -> Read:
    import pyarrow as pa

    if (names := _label_names(feature)) is not None:
        return lambda value: _label(value, names)
    if pa.types.is_float16(type_) or pa.types.is_float32(type_):
        return _short_number
    if pa.types.is_map(type_):
        item = _reader(type_.item_type, None)
        return lambda value: value if value is None else {str(key): item(member) for key, member in value}
    if hasattr(type_, "value_type") and not pa.types.is_dictionary(type_):
        member = _reader(type_.value_type, _member_feature(feature))
        return lambda value: value if value is None else [member(one) for one in value]
    if pa.types.is_struct(type_):
        inner = feature if isinstance(feature, dict) else {}
        readers = {field.name: _reader(field.type, inner.get(field.name)) for field in type_}
        return lambda value: (
            value if value is None else {name: read(value[name]) for name, read in readers.items()}
        )
    return _plain


def _label_names(feature: Any) -> list[str] | None:
    """The names of a `ClassLabel`."""
    if isinstance(feature, dict) and feature.get("_type") == "ClassLabel":
        names = feature.get("names")
        if isinstance(names, list):
            return [str(name) for name in names]
    return None


def _member_feature(feature: Any) -> Any:
    """The feature of the members of a list, as each version of `datasets` writes it."""
    if isinstance(feature, list):
        return feature[0] if feature else None
    return feature.get("feature") if isinstance(feature, dict) else None


def _label(value: Any, names: list[str]) -> Json:
    # -1 is a label that is not known.
    if value is None or value == -1:
        return None
    return names[value] if 0 <= value < len(names) else NumberText(value)


def _short_number(value: float | None) -> Json:
    """A number of 32 bits in its own digits: 0.1, not 0.10000000149."""
    if value is None:
        return None
    for digits in _FLOAT_DIGITS:
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            break
    return NumberText(text)


def _plain(value: Any) -> Json:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            # An image, for instance, in a column that nobody maps.
            return f"({len(value):,} bytes)"
    return NumberText(value)
