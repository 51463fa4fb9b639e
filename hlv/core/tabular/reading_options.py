"""What a person says about a file beside the mapping."""

from __future__ import annotations

from dataclasses import dataclass

from hlv.core.tabular.errors import CellError, FormatError


@dataclass(frozen=True, slots=True)
class CertaintyRange:
    """The scale of a certainty column, mapped to [0, 1]."""

    low: float = 0.0
    high: float = 1.0

    @classmethod
    def parse(cls, text: str) -> CertaintyRange:
        """Read `0:4`. Raises `FormatError` unless two different numbers in order are given."""
        left, _, right = text.partition(":")
        try:
            low, high = float(left), float(right)
        except ValueError:
            raise FormatError(f"“{text}” is no range: write LOW:HIGH, for instance 0:4.") from None
        if not low < high or high - low == float("inf"):
            raise FormatError(
                f"“{text}” is no range: the first number must be below the second, both finite."
            )
        return cls(low, high)

    def share(self, text: str, column: str | None = None) -> float:
        """Where `text` lies in the range, from 0 to 1. Raises `CellError` where it lies outside."""
        try:
            value = float(text)
        except ValueError:
            raise CellError(f"the certainty “{text}” is no number.", column) from None
        if not self.low <= value <= self.high:
            raise CellError(
                f"the certainty {text} is outside {self.low:g} to {self.high:g}: "
                "correct it, or say the scale with --certainty-range LOW:HIGH, in the browser the certainty range.",
                column,
            )
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Options:
    """Options of reading labelled data.

    Attributes
    ----------
    task
        The study's: "single", "multilabel" or "ordinal"; None where not known. Label cells of text are split
        at commas in multilabel studies only.
    labels
        The study's labels; needed to read vectors such as [0,1,0].
    certainty_range
        None: the format's own (0:1 unless it says otherwise).
    dataset
        The name that keeps item ids of several files apart; None: from the file name where the format has one.
    """

    task: str | None = None
    labels: tuple[str, ...] = ()
    certainty_range: CertaintyRange | None = None
    dataset: str | None = None
