"""What the readers of outputs, judgments and scores yield: plain records with the place they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from annotations.formats.items import Cells


class Verdict(StrEnum):
    """What a judge said of two outputs; TIE is an imported tie of unspecified kind."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BOTH = "both"
    NEITHER = "neither"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """What a method gave for one item in one run: a distribution or a text, the other is None."""

    item_key: str
    method: str
    run: str
    distribution: Mapping[str, float] | None
    text: str | None
    base_model: str
    source: str
    row: int
    cells: Cells = field(repr=False)


@dataclass(frozen=True, slots=True)
class JudgmentRecord:
    """One judgment; item and judge are None where the file names none.

    `revisable`: rows of one judge for one item and pair are revisions, of which the latest stands, rather than
    conflicts. `criterion` is the column that held the winner. `input_id` is the paper's: inputs of one text and one
    pair are different inputs; blank where the item is the input.
    """

    item_key: str | None
    judge: str | None
    left: str
    right: str
    verdict: Verdict
    confidence: float | None
    submitted_at: str
    revisable: bool
    criterion: str
    metadata: Mapping[str, str]
    source: str
    row: int
    cells: Cells = field(repr=False)
    # The number that spelled the winner, where one did.
    winner_code: str = ""
    base_model: str = ""
    input_id: str = ""


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """What a metric gave a method, overall or for one item; no value is a missing one.

    Several records of one method and metric without an item are scores of unnamed outputs: the method's
    score is their mean, over as many as have a value.
    """

    method: str
    item_key: str | None
    metric: str
    value: float | None
    higher_is_better: bool | None
    source: str
    row: int
    cells: Cells = field(repr=False)
