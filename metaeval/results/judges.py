"""The report on the judges of a campaign, as a snapshot stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hlv.core.stored_results import read, stored_as
from hlv.stats.raters.rater_report import JudgeSections, Section, SectionDetail
from metaeval.models import JudgeReport

SECTIONS: Final = {
    "side_bias": "Share of the left",
    "agreement": "Agreement with others",
    "self_consistency": "Self-consistency",
    "triads": "Circular triads",
    "consensus": "Infit",
    "reliability": "Reliability",
    "without": "Ranking without one judge",
    "equal_judges": "Ranking with equal weights of judges",
}


@dataclass(frozen=True, kw_only=True)
class JudgeRow(JudgeSections):
    """A judge under the pseudonym; `flags` are what chance among so many judges does not explain."""

    judge: str
    number: int = 0
    n_cannot_judge: int = 0
    median_seconds: float | None = None
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class AutomaticJudgments:
    """Of an automatic judge, which the report leaves out."""

    name: str
    n_judgments: int


@stored_as("report on judges", keys={"section_details": "beside"})
@dataclass(frozen=True, kw_only=True)
class JudgesResult:
    """A report on the judges.

    Attributes
    ----------
    section_details
        By section, numbers about all judges, and the options that were used.
    sections_undetermined
        By section, why no judge has an answer.
    """

    campaign: str = ""
    judges: list[JudgeRow] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    n_judgments: int = 0
    n_judges: int = 0
    n_items: int = 0
    n_cannot_judge: int = 0
    n_repeats: int = 0
    n_unknown: int = 0
    automatic_judges: list[AutomaticJudgments] = field(default_factory=list)
    ties: str = ""
    ridge: float = 0.0
    n_resamples: int = 0
    seed: int = 0
    section_details: dict[str, dict[str, SectionDetail]] = field(default_factory=dict)
    sections_undetermined: dict[str, str] = field(default_factory=dict)
    undetermined: str | None = None
    notes: list[str] = field(default_factory=list)

    def named(self, names: Mapping[str, str]) -> JudgesResult:
        """The same where the people may be named: by pseudonym, the name of each."""
        return replace(
            self, judges=[replace(row, judge=names.get(row.judge, row.judge)) for row in self.judges]
        )

    def why_undetermined(self, row: JudgeRow, section: str) -> str:
        found: Section | None = getattr(row, section, None)
        reason = None if found is None else found.undetermined
        return reason or self.sections_undetermined.get(section) or ""

    def undetermined_sections(self, row: JudgeRow) -> list[tuple[str, str]]:
        """(section, why) of what is not determined of a judge, each reason once."""
        reasons: dict[str, str] = {}
        for section in SECTIONS:
            if section == "equal_judges":
                continue
            reason = self.why_undetermined(row, section)
            if section == "agreement" and row.agreement is not None:
                reason = reason or row.agreement.no_interval or ""
            if reason:
                reasons.setdefault(reason, section)
        return [(section, reason) for reason, section in reasons.items()]


def read_judges(snapshot: JudgeReport) -> JudgesResult:
    return read(JudgesResult, snapshot)
