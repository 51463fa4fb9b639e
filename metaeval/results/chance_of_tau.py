"""What chance alone does to Kendall's tau with few methods, as figures and pages say it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hlv.stats.meta_evaluation.permutation import smallest_p_value, smallest_significant_tau

LEVEL = 0.05


@dataclass(frozen=True)
class Chance:
    """How far chance reaches between two unrelated orders of `n_methods` without ties, two-sided at 5 %."""

    n_methods: int
    smallest_p: float
    # The largest tau that chance explains, and the first that it does not; None where none is beyond it.
    within: float
    beyond: float | None

    @property
    def line(self) -> float | None:
        """Where to draw the border: between the two values, so that no dot can stand on it."""
        return None if self.beyond is None else (self.within + self.beyond) / 2

    def lines(self, lowest: float) -> list[float]:
        """The border, and on a scale that reaches so far down also its mirror: the test is two-sided."""
        if self.line is None:
            return []
        return [-self.line, self.line] if lowest <= -self.line else [self.line]


@cache
def chance_of_tau(n_methods: int) -> Chance:
    if n_methods < 2:
        raise ValueError("A correlation needs two methods at least.")
    smallest_p = smallest_p_value(n_methods)
    reached = smallest_significant_tau(n_methods, alpha=LEVEL)
    if reached is None:
        return Chance(n_methods, smallest_p, within=1.0, beyond=None)
    # One pair in the other order moves tau by this much.
    step = 4 / (n_methods * (n_methods - 1))
    return Chance(n_methods, smallest_p, within=reached[0] - step, beyond=reached[0])
