"""How human labels count in a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LabelWeights:
    """How human labels count, and labelled texts left out for it; `weights` is None where no label was used."""

    weights: str | None = None
    n_without_certainty: int = 0
    n_zero_certainty: int = 0


def read_weights(result: Mapping[str, Any]) -> LabelWeights:
    """Those of a metric agreement."""
    return LabelWeights(
        weights=result.get("weights"),
        n_without_certainty=int(result.get("n_without_certainty") or 0),
        n_zero_certainty=int(result.get("n_zero_certainty") or 0),
    )
