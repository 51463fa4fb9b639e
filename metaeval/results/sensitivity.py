"""A ranking under other choices, as a snapshot stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hlv.core.stored_results import read, stored_as
from hlv.stats.meta_evaluation.sensitivity import ComparedVariant
from metaeval.models import Sensitivity


@stored_as("sensitivity analysis")
@dataclass(frozen=True, kw_only=True)
class SensitivityResult:
    """The ranking under other choices.

    Attributes
    ----------
    base
        The ranking itself; None where there is none.
    fast_rule, n_fast, fast_undetermined
        Which judgments are fast, how many, or why none was left out.
    """

    base: ComparedVariant | None = None
    variants: list[ComparedVariant] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    n_resamples: int = 0
    fast_rule: str = ""
    n_fast: int = 0
    fast_undetermined: str = ""

    def named(self, names: Mapping[str, str]) -> SensitivityResult:
        """The same where the people may be named: each judge who was left out."""
        variants = [
            replace(row, name=names.get(row.name, row.name)) if row.kind == "judge" else row
            for row in self.variants
        ]
        return replace(self, variants=variants)


def read_sensitivity(snapshot: Sensitivity) -> SensitivityResult:
    return read(SensitivityResult, snapshot)
