"""The options of a ranking, as a snapshot stores them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final, Self

from hlv.stats.labels.distributions import EQUAL
from hlv.stats.meta_evaluation.permutation import N_PERMUTATIONS
from metaeval.selectors.selections import Exclusions, Selection

DEFAULT_RESAMPLES = 2000


DEFAULT_SEED = 1


@dataclass(frozen=True)
class RankingOptions:
    """How to rank, as somebody asks for it; a snapshot records what was computed (`parameters_of`)."""

    model: str = "bradley-terry"
    ties: str = "half"
    resample: str | None = None
    n_resamples: int = DEFAULT_RESAMPLES
    seed: int = DEFAULT_SEED
    ridge: float = 0.0
    # Of the labels that built-in metrics are scored against; the judgments know nothing of it.
    weights: str = EQUAL
    # Of a campaign's methods and judges only these; empty leaves nothing out.
    base_model: str = ""
    judge_group: str = ""
    # Verdicts that are left out: see `selectors.selections`.
    without_judges: tuple[int, ...] = ()
    without_methods: tuple[str, ...] = ()
    without_texts: tuple[str, ...] = ()
    under_seconds: float = 0.0

    @property
    def selection(self) -> Selection:
        return Selection(self.base_model, self.judge_group)

    @property
    def exclusions(self) -> Exclusions:
        return Exclusions.of(vars(self))

    @classmethod
    def of(cls, params: dict[str, Any]) -> Self:
        """The options among the parameters of a job; the others are somebody else's."""
        known = {field.name for field in fields(cls)}
        # JSON has no tuples.
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in params.items()
            if name in known
        }
        return cls(**given)


FEWEST_RESAMPLES: Final = 5000


DEFAULT_PERMUTATIONS = N_PERMUTATIONS
