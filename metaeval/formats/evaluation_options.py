"""What a person says about a file of outputs, judgments or scores beside the mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.formats.import_options import ImportOptions
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.reading_options import CertaintyRange

_UP = frozenset({"up", "higher", "higher-is-better", "max", "true", "+"})
_DOWN = frozenset({"down", "lower", "lower-is-better", "min", "false", "-"})


@dataclass(frozen=True, slots=True)
class Directions:
    """Which way each metric grows with quality; None where nobody said."""

    default: bool | None = None
    by_metric: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def parse(cls, options: Iterable[str]) -> Directions:
        """Read `up`, `down`, `METRIC=up`, `METRIC=down`. Raises `FormatError` for anything else."""
        default: bool | None = None
        by_metric: dict[str, bool] = {}
        for option in options:
            metric, _, word = option.rpartition("=")
            direction = read_direction(word)
            if direction is None:
                raise FormatError(f"“{option}” is no direction: write up, down, METRIC=up or METRIC=down.")
            if metric:
                by_metric[metric] = direction
            else:
                default = direction
        return cls(default, by_metric)

    def of(self, metric: str) -> bool | None:
        return self.by_metric.get(metric, self.default)


def read_direction(word: str) -> bool | None:
    """True for “higher is better”, False for “lower is better”, None for neither."""
    folded = word.strip().casefold().replace("_", "-").replace(" ", "-")
    if folded in _UP:
        return True
    return False if folded in _DOWN else None


@dataclass(frozen=True, slots=True)
class Options:
    """Options of reading outputs, judgments and scores.

    Attributes
    ----------
    names
        Method names of the file where the study spells them otherwise: {name in the file: name in the study}.
    certainty_range
        The scale of a judge's confidence; None is 0:1.
    task
        The study's; outputs of “single” and “ordinal” must sum to 1.
    labels, items
        What the columns and rows of an array, or the columns of a wide table of outputs, stand for.
    method, run, base_model
        Where the file does not name them.
    directions
        Of the metrics in the file.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    certainty_range: CertaintyRange | None = None
    task: str | None = None
    labels: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    method: str | None = None
    run: str | None = None
    base_model: str = ""
    directions: Directions = field(default_factory=Directions)

    def method_name(self, spelled: str) -> str:
        return self.names.get(spelled, spelled)


DEFAULT_CAMPAIGN = "judging"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions(ImportOptions):
    """Options beyond those of every import.

    Attributes
    ----------
    campaign
        The criterion of the judgments.
    group
        The base model of methods that the file does not place in one.
    automatic
        Name of the program that gave the judgments; blank for people's.
    method, run
        Of outputs whose file names none.
    """

    campaign: str = DEFAULT_CAMPAIGN
    group: str = ""
    automatic: str = ""
    method: str | None = None
    run: str | None = None
    directions: Directions = field(default_factory=Directions)

    def as_json(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            "campaign": self.campaign if self.campaign != DEFAULT_CAMPAIGN else None,
            "group": self.group,
            "automatic": self.automatic,
            "method": self.method,
            "run": self.run,
            "direction": self.directions.default,
            "directions": dict(self.directions.by_metric),
        }
        # Not super(): a dataclass with slots is another class than the one the method was written in.
        return ImportOptions.as_json(self) | {
            key: value for key, value in given.items() if value not in (None, "", {})
        }
