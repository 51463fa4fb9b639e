"""The report on a round of annotating, and its lists of texts, as its snapshot stores them."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotations.models import LabelAgreement, RoundReport
from hlv.core.stored_results import load, read, stored_as
from hlv.stats.agreement import Entered, SpanAgreement, agreement_report
from hlv.stats.agreement.agreement_report import Alpha
from hlv.stats.agreement.annotator_agreement import Mean


@dataclass(frozen=True)
class GroupAgreement:
    """Agreement within one group of annotators."""

    group: str
    krippendorff_alpha: Alpha
    entered: Entered


@dataclass(frozen=True)
class AnnotatorRow:
    """One annotator compared with the others, under a pseudonym."""

    annotator: str
    group: str
    agreement: Mean
    departure: Mean


@dataclass(frozen=True)
class GrowthPoint:
    """Alpha of the first `n_answers` answers."""

    n_answers: int
    krippendorff_alpha: Alpha


@dataclass(frozen=True)
class EntropyHistogram:
    """Texts with two answers or more, by normalised entropy; what is None is undefined."""

    n_items_by_bin: list[int] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)
    n_items: int = 0
    n_items_with_one_answer: int = 0
    mean: float | None = None
    fewest_answers: int | None = None


@dataclass(frozen=True)
class AnnotationTime:
    """Seconds that an annotator takes for a text: the median, and the quartiles."""

    annotator: str
    n: int
    median_s: float
    middle_half_s: tuple[float, float]


@dataclass(frozen=True)
class ReportedText:
    """A text of a list: `n` people answered, `counts` chose each label.

    `flags` counts the answers "facts insufficient", "guideline unclear", and skips.
    """

    item: str
    position: int
    entropy: float | None
    n: int
    counts: list[int]
    flags: tuple[int, int, int]


@stored_as("report on a round")
@dataclass(frozen=True, kw_only=True)
class RoundResult:
    """A report on a round of annotating.

    Attributes
    ----------
    n_annotators
        None where the labels came as counts that name nobody.
    growth
        The first answers, more and more of them; none where the labels came as counts.
    n_from_files
        Answers that were imported.
    divided
        The first of those that `RoundTexts` lists.
    """

    groups: list[GroupAgreement] = field(default_factory=list)
    annotators: list[AnnotatorRow] = field(default_factory=list)
    n_annotators: int | None = None
    n_answers: int = 0
    growth: list[GrowthPoint] = field(default_factory=list)
    n_from_files: int = 0
    entropy: EntropyHistogram = field(default_factory=EntropyHistogram)
    times: list[AnnotationTime] = field(default_factory=list)
    divided: list[ReportedText] = field(default_factory=list)
    n_flagged: int = 0
    labels: list[str] = field(default_factory=list)
    task: str = ""
    n_resamples: int = 0
    seed: int = 0


@stored_as("list of texts of a round")
@dataclass(frozen=True, kw_only=True)
class RoundTexts:
    """Those with most disagreement, and those flagged most, with the number of all."""

    divided: list[ReportedText] = field(default_factory=list)
    n_divided: int = 0
    flagged: list[ReportedText] = field(default_factory=list)
    n_flagged: int = 0


def read_round(report: RoundReport) -> RoundResult:
    return read(RoundResult, report)


def read_round_texts(report: RoundReport) -> RoundTexts:
    return load(RoundTexts, report.texts)


@dataclass(frozen=True, kw_only=True)
class LabelAgreementResult(agreement_report.LabelAgreement):
    """With the agreement on marked words, where somebody marked any."""

    seed: int = 0
    spans: SpanAgreement | None = None


stored_as("agreement of annotators", optional={LabelAgreementResult: frozenset({"spans"})})(
    LabelAgreementResult
)


def read_label_agreement(snapshot: LabelAgreement) -> LabelAgreementResult:
    return read(LabelAgreementResult, snapshot)
