"""Tables of methods, judging and results; `tests/architecture` checks that all are named here."""

from metaeval.models.campaigns import AutomaticJudge, Campaign, Comparison, Exposure, Judgment, ResultsSeen
from metaeval.models.methods import Method, Output, Run
from metaeval.models.protocols import AnalysisPlan, Labelling, LabellingLabel, Protocol, UnaskedTie
from metaeval.models.results import (
    Figure,
    JudgeReport,
    MetricAgreement,
    Ranking,
    Sensitivity,
    SupplementaryAnalysis,
)
from metaeval.models.scores import Metric, MetricDirection, MetricScore, Scoring, TextOrder, TextReport
from metaeval.models.training import Training

__all__ = [
    "AnalysisPlan",
    "AutomaticJudge",
    "Campaign",
    "Comparison",
    "Exposure",
    "Figure",
    "JudgeReport",
    "Judgment",
    "Labelling",
    "LabellingLabel",
    "Method",
    "Metric",
    "MetricAgreement",
    "MetricDirection",
    "MetricScore",
    "Output",
    "Protocol",
    "Ranking",
    "ResultsSeen",
    "Run",
    "Scoring",
    "Sensitivity",
    "SupplementaryAnalysis",
    "TextOrder",
    "TextReport",
    "Training",
    "UnaskedTie",
]
