"""Rows of any table a person may bring: CSV, TSV, JSONL, JSON, XLSX, all cells as text."""

from hlv.core.tabular.cells import MAX_CELL_BYTES, Row, TableKind
from hlv.core.tabular.source import KEY_COLUMN, Preview, RowSource, open_rows, preview

__all__ = ["KEY_COLUMN", "MAX_CELL_BYTES", "Preview", "Row", "RowSource", "TableKind", "open_rows", "preview"]
