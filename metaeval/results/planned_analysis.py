"""A preregistered analysis as it is stored, and what a snapshot keeps of how it follows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Self

from hlv.stats.labels.distributions import EQUAL
from metaeval.results.ranking_options import (
    DEFAULT_PERMUTATIONS,
    DEFAULT_SEED,
    FEWEST_RESAMPLES,
    RankingOptions,
    Setting,
    read_settings,
)


@dataclass(frozen=True, kw_only=True)
class DepartedSetting:
    """The planned and the actual value."""

    planned: Setting
    done: Setting


def is_departure(name: str, planned: Setting, done: Setting) -> bool:
    """Whether a setting is not as planned. More permutations, or all (None), only come nearer to the exact p."""
    if name == "n_permutations":
        return isinstance(planned, int) and isinstance(done, int) and done < planned
    return planned != done


@dataclass(frozen=True, kw_only=True)
class PreregistrationCompliance:
    """What a snapshot keeps of the plan in force at its moment.

    Attributes
    ----------
    added
        Whether this computation was not planned: it has departures, or is of a part of a campaign.
    departures
        Each setting that the plan gives otherwise.
    added_metrics
        Metrics on which no claim was to rest.
    """

    version: int
    digest: str
    frozen_at: str
    added: bool
    departures: dict[str, DepartedSetting]
    added_metrics: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class PlannedAnalysis:
    """The content of a plan.

    Attributes
    ----------
    metrics, statistics
        Those on which the claims will rest; whatever else is computed was added.
    weights
        How the annotators of a text count where metrics are scored against their labels.
    without_judges, without_methods, without_texts, under_seconds
        Verdicts that will be left out; see `selectors.selections`.
    block_by
        A column of the texts, such as document: texts with one value are drawn together. Blank draws single texts.
    exclusions
        Rules that no program applies, a line each. Words for readers: nothing is left out by them.
    n_permutations
        Of the tests; the program's own number, kept so that the plan is whole.
    """

    model: str = "bradley-terry"
    ties: str = "half"
    resample: str | None = None
    n_resamples: int = FEWEST_RESAMPLES
    seed: int = DEFAULT_SEED
    ridge: float = 0.0
    weights: str = EQUAL
    metrics: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ("kendall_tau_b",)
    without_judges: tuple[int, ...] = ()
    without_methods: tuple[str, ...] = ()
    without_texts: tuple[str, ...] = ()
    under_seconds: float = 0.0
    block_by: str = ""
    exclusions: tuple[str, ...] = ()
    notes: str = ""
    n_permutations: int = DEFAULT_PERMUTATIONS

    @classmethod
    def of(cls, content: Mapping[str, object]) -> Self:
        """As a stored plan has it."""
        return read_settings(cls, content)

    def as_content(self) -> dict[str, Setting]:
        """Ready for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    def as_job_params(self) -> dict[str, Setting]:
        """The parameters of a job that follows the plan."""
        content = self.as_content()
        return {field.name: content[field.name] for field in fields(RankingOptions) if field.name in content}
