"""The sections of `make bench`: one module per topic, with a function `run(scoreboard)`.

To add one, write the module and name it here. It is imported only when it runs, so it may need what others do not.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from benchmarks.scoreboard import Scoreboard

SECTIONS = {
    "fit": "benchmarks.fit",
    "resampling": "benchmarks.resampling",
    "reliability": "benchmarks.reliability",
    "agreement": "benchmarks.metric_agreement",
    "metrics": "benchmarks.metrics",
    "coefficients": "benchmarks.coefficients",
    "watching": "benchmarks.watching",
    "database": "benchmarks.database",
    "cost-curve": "benchmarks.cost_curve",
    "next_item": "benchmarks.next_item",
    "next_pair": "benchmarks.next_pair",
    "key_to_text": "benchmarks.key_to_text",
    "dashboard": "benchmarks.dashboard",
}


def section(name: str) -> Callable[[Scoreboard], None]:
    """What runs a section."""
    run: Callable[[Scoreboard], None] = import_module(SECTIONS[name]).run
    return run
