"""All formats of outputs, judgments and scores by kind and name; the first that recognises a file is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotations.formats.errors import RowError
from annotations.formats.mapping import Mapping
from annotations.formats.reading import Format, choose
from annotations.formats.tables import RowSource
from metaeval.formats import judgments, outputs, paper, scores
from metaeval.formats.arrays import ARRAY, ArraySource
from metaeval.formats.options import Options
from metaeval.formats.records import JudgmentRecord, OutputRecord, ScoreRecord

OUTPUT_FORMATS: dict[str, Format[RowSource | ArraySource, Options, OutputRecord | RowError]] = {
    one.name: one for one in (ARRAY, paper.OUTPUTS, outputs.DISTRIBUTIONS, outputs.TEXTS, outputs.WIDE)
}
JUDGMENT_FORMATS: dict[str, Format[RowSource, Options, JudgmentRecord | RowError]] = {
    one.name: one for one in (paper.JUDGMENTS, judgments.PANDALM, judgments.JUDGMENTS)
}
SCORE_FORMATS: dict[str, Format[RowSource, Options, ScoreRecord | RowError]] = {
    one.name: one for one in (scores.LONG, scores.WIDE)
}
FORMATS = {"outputs": OUTPUT_FORMATS, "judgments": JUDGMENT_FORMATS, "scores": SCORE_FORMATS}


def parse_outputs(
    sources: Sequence[RowSource | ArraySource],
    *,
    format_name: str | None = None,
    mapping: Mapping | None = None,
    options: Options | None = None,
) -> Iterator[OutputRecord | RowError]:
    """Read outputs from files of one format, found out unless named."""
    mapping = mapping or Mapping()
    return choose(OUTPUT_FORMATS, sources, mapping=mapping, name=format_name).parse(
        sources, mapping, options or Options()
    )


def parse_judgments(
    sources: Sequence[RowSource],
    *,
    format_name: str | None = None,
    mapping: Mapping | None = None,
    options: Options | None = None,
) -> Iterator[JudgmentRecord | RowError]:
    """Read judgments from files of one format, found out unless named."""
    mapping = mapping or Mapping()
    return choose(JUDGMENT_FORMATS, sources, mapping=mapping, name=format_name).parse(
        sources, mapping, options or Options()
    )


def parse_scores(
    sources: Sequence[RowSource],
    *,
    format_name: str | None = None,
    mapping: Mapping | None = None,
    options: Options | None = None,
) -> Iterator[ScoreRecord | RowError]:
    """Read scores from files of one format, found out unless named."""
    mapping = mapping or Mapping()
    return choose(SCORE_FORMATS, sources, mapping=mapping, name=format_name).parse(
        sources, mapping, options or Options()
    )
