"""Rows of any table a person may bring: CSV, TSV, JSONL, JSON, XLSX, Parquet, all cells as text."""

from hlv.core.tabular.cells import MAX_CELL_BYTES, Row, TableKind
from hlv.core.tabular.json_stream import KEY_COLUMN
from hlv.core.tabular.source import RowSource, open_rows

__all__ = ["KEY_COLUMN", "MAX_CELL_BYTES", "Row", "RowSource", "TableKind", "open_rows"]
