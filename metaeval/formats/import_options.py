"""What a person says about an import of outputs, judgments or scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from annotations.formats.import_options import ImportOptions
from metaeval.formats.evaluation_options import Directions

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
