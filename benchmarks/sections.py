"""The sections of `make bench`: one module per topic, with a function `run(scoreboard)`.

To add one, write the module and name it here: a section has the name of its module. It is imported only when it runs, so it may need what others do not.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from benchmarks.scoreboard import Scoreboard

# In the order in which all of them run.
SECTIONS = (
    "fit",
    "resampling",
    "reliability",
    "metric_agreement",
    "metrics",
    "coefficients",
    "watching",
    "database",
    "cost_curve",
    "next_item",
    "annotate_request",
    "neighbour",
    "export",
    "annotation_import",
    "next_pair",
    "key_to_text",
    "dashboard",
)


def module_of(name: str) -> str:
    return f"benchmarks.{name}"


def section(name: str) -> Callable[[Scoreboard], None]:
    """What runs a section."""
    run: Callable[[Scoreboard], None] = import_module(module_of(name)).run
    return run
