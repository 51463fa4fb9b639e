"""Labelled files read as an import reads them, without a study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotations.formats.records import ReadLabelled
from annotations.formats.registry import FORMATS
from hlv.core.tabular import RowSource
from hlv.core.tabular.mapping import Mapping, Options
from hlv.core.tabular.table_formats import choose


def parse_labelled(
    kind: str,
    sources: Sequence[RowSource],
    *,
    format_name: str | None = None,
    mapping: Mapping | None = None,
    options: Options | None = None,
) -> Iterator[ReadLabelled]:
    """Items or annotations ("items", "annotations") from files of one format, found out unless named."""
    mapping = mapping or Mapping()
    found = choose(FORMATS[kind], sources, mapping=mapping, name=format_name)
    return found.parse(sources, mapping, options or Options())
