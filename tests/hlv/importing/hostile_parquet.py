"""Parquet files that exhaust memory or break a reader."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq


def packed(columns: dict[str, object], *, row_group_size: int | None = None) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, compression="zstd", row_group_size=row_group_size)
    return stream.getvalue()


def large_text() -> bytes:
    """300 MB that pack to 10 kB."""
    return packed({"id": ["a"], "text": ["x" * 300_000_000]})


def many_large_texts() -> bytes:
    """One text of 900 kB, told 2,000 times in a page of some bytes."""
    ids = [str(n) for n in range(2_000)]
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), pa.array(["x" * 900_000]))
    return packed({"id": ids, "text": text})


def wide() -> bytes:
    return packed({f"c{n}": [1] for n in range(12_000)})


def cut_off() -> bytes:
    return packed({"id": ["a"], "text": ["words"]})[:-20]


def nested() -> bytes:
    """Lists within lists, deeper than a row may be."""
    kind: pa.DataType = pa.string()
    for _ in range(120):
        kind = pa.list_(kind)
    value: object = "x"
    for _ in range(120):
        value = [value]
    return packed({"id": ["a"], "text": pa.array([value], kind)})


PARQUET = {
    "a text of 300 MB": (large_text, "more than 300 times its size"),
    "one large text 2,000 times": (many_large_texts, "more than 300 times its size"),
    "12,000 columns": (wide, "at most 10,000 are read"),
    "a file that is cut off": (cut_off, "damaged Parquet"),
    "lists 120 deep": (nested, "damaged Parquet"),
}
