"""All formats of outputs, judgments and scores by kind and name; the first that recognises a file is chosen."""

from __future__ import annotations

from hlv.core.tabular import RowSource
from hlv.core.tabular.errors import RowError
from hlv.core.tabular.table_formats import Format
from metaeval.formats import judgments, outputs, paper, scores
from metaeval.formats.arrays import ARRAY, OutputSource
from metaeval.formats.evaluation_options import Options
from metaeval.formats.records import JudgmentRecord, OutputRecord, ScoreRecord

OUTPUT_FORMATS: dict[str, Format[OutputSource, Options, OutputRecord | RowError]] = {
    one.name: one for one in (ARRAY, paper.OUTPUTS, outputs.DISTRIBUTIONS, outputs.TEXTS, outputs.WIDE)
}
JUDGMENT_FORMATS: dict[str, Format[RowSource, Options, JudgmentRecord | RowError]] = {
    one.name: one for one in (paper.JUDGMENTS, judgments.PANDALM, judgments.JUDGMENTS)
}
SCORE_FORMATS: dict[str, Format[RowSource, Options, ScoreRecord | RowError]] = {
    one.name: one for one in (scores.LONG, scores.WIDE)
}
