"""Rows of any table a person may bring: CSV, TSV, JSONL, JSON, XLSX, all cells as text."""

from annotations.formats.tables.cells import MAX_CELL_BYTES
from annotations.formats.tables.source import KEY_COLUMN, Preview, RowSource, open_rows, preview
from annotations.formats.tables.structure import Row, TableKind

__all__ = ["KEY_COLUMN", "MAX_CELL_BYTES", "Preview", "Row", "RowSource", "TableKind", "open_rows", "preview"]
