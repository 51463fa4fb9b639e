"""Statistics of human label variation and meta-evaluation: a library that needs numpy and scipy only.

| package | content |
|---|---|
| `labels` | human label distributions, entropy, progress of annotation |
| `agreement` | agreement among annotators: percent, Cohen, Fleiss, Krippendorff, Gwet |
| `metrics` | automatic metrics of outputs against human distributions |
| `pairwise` | rankings from pairwise judgments, with intervals |
| `raters` | the judges: agreement, consistency, side bias, reliability |
| `meta_evaluation` | agreement of metrics with human rankings |
| `power` | power analysis and designs of judging campaigns |
| `resampling` | bootstrap weights and percentile intervals |

A package loads when it is first used, so that `import hlv.stats` is quick.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hlv.stats import agreement, labels, meta_evaluation, metrics, pairwise, power, raters, resampling

__all__ = ["agreement", "labels", "meta_evaluation", "metrics", "pairwise", "power", "raters", "resampling"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
