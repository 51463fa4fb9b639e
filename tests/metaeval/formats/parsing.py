"""Outputs, judgments and scores read as an import reads them, without a study; their format is found out unless named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from typing import TypeVar

from hlv.core.tabular import RowSource
from hlv.core.tabular.errors import RowError
from hlv.core.tabular.mapping import Mapping
from hlv.core.tabular.table_formats import Format, choose
from metaeval.formats.arrays import OutputSource
from metaeval.formats.evaluation_options import Options
from metaeval.formats.records import JudgmentRecord, OutputRecord, ScoreRecord
from metaeval.formats.registry import JUDGMENT_FORMATS, OUTPUT_FORMATS, SCORE_FORMATS

Source = TypeVar("Source", bound="OutputSource")
Read = TypeVar("Read")


def _parse(
    formats: MappingOf[str, Format[Source, Options, Read]],
    sources: Sequence[Source],
    mapping: Mapping | None,
    options: Options | None,
    format_name: str | None,
) -> Iterator[Read]:
    mapping = mapping or Mapping()
    found = choose(formats, sources, mapping=mapping, name=format_name)
    return found.parse(sources, mapping, options or Options())


def parse_outputs(
    sources: Sequence[OutputSource],
    *,
    mapping: Mapping | None = None,
    options: Options | None = None,
    format_name: str | None = None,
) -> Iterator[OutputRecord | RowError]:
    return _parse(OUTPUT_FORMATS, sources, mapping, options, format_name)


def parse_judgments(
    sources: Sequence[RowSource], *, mapping: Mapping | None = None, options: Options | None = None
) -> Iterator[JudgmentRecord | RowError]:
    return _parse(JUDGMENT_FORMATS, sources, mapping, options, None)


def parse_scores(
    sources: Sequence[RowSource], *, mapping: Mapping | None = None, options: Options | None = None
) -> Iterator[ScoreRecord | RowError]:
    return _parse(SCORE_FORMATS, sources, mapping, options, None)
