"""How numbers are written: on pages, in terminals, in papers and in figures. Nothing else writes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from hlv.stats.reporting import p_equals as p_equals
from hlv.stats.reporting import p_text as p_text

UNDEFINED: Final = "–"
Value = float | int | str | None
# Beyond it a reader compares no digits; files have all of them.
MOST_DIGITS: Final = 5


@dataclass(frozen=True)
class Form:
    """How a value is written: as a number with `digits`, a p value, a share (“93%”), the same under a heading in per cent (“93”), a
    count or a rank.
    """

    kind: Literal["number", "p", "share", "percent", "count", "rank"] = "number"
    digits: int = 2
    signed: bool = False


NUMBER: Final = Form()
SIGNED: Final = Form(signed=True)
P: Final = Form("p")
SHARE: Final = Form("share", digits=0)
PERCENT: Final = Form("percent", digits=0)
COUNT: Final = Form("count")
RANK: Final = Form("rank")


def written(value: Value, form: Form = NUMBER) -> str:
    """A value in its form; words as they are, and a dash for what is undefined."""
    if value is None:
        return UNDEFINED
    if isinstance(value, str):
        return value
    if form.kind == "number":
        return figure(value, signed=form.signed, digits=form.digits)
    if form.kind == "p":
        return p_text(value)
    if form.kind == "share":
        return share(value, digits=form.digits)
    if form.kind == "percent":
        return f"{100 * value:.{form.digits}f}"
    return f"{value:g}" if form.kind == "rank" else count(value)


def figure(value: float, *, signed: bool = False, digits: int = 2) -> str:
    """Two digits or as many as are asked for, a true minus, and no -0.00."""
    rounded = round(value, digits) + 0.0
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):.{digits}f}"


def share(value: float, *, digits: int = 0) -> str:
    """“93%”."""
    return f"{value:.{digits}%}"


def count(value: float) -> str:
    """“2,414”."""
    return f"{value:,}"


def counted(n: int, plural: str) -> str:
    """“1 judgment”, “1,200 judgments”, in English: our plurals all end in s."""
    return f"{n:,} {plural.removesuffix('s') if n == 1 else plural}"


class Bounded(Protocol):
    """An estimate with the ends of its interval."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def distinguishing_digits(estimates: Iterable[Bounded | None]) -> int:
    """The fewest digits, from two on, that show as different what differs: ranks by a metric rest on that."""
    known = [estimate for estimate in estimates if estimate is not None]
    values = {round(estimate.value, 9) for estimate in known}
    ends = [
        (estimate.low, estimate.high)
        for estimate in known
        if estimate.low is not None and estimate.high is not None and estimate.low < estimate.high
    ]
    for digits in range(2, MOST_DIGITS):
        apart = len({round(value, digits) for value in values}) == len(values)
        if apart and all(round(low, digits) < round(high, digits) for low, high in ends):
            return digits
    return MOST_DIGITS
