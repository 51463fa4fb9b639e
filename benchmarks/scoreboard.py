"""What was measured beside what was promised, printed as it comes and counted at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Scoreboard:
    """Ratios and their targets.

    Attributes
    ----------
    reached, missed
        One sentence each for the targets so far.
    wrong
        Answers that differ by more than they may.
    absent
        Comparisons that could not be made here.
    """

    reached: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    section: str = ""

    def open_section(self, name: str) -> None:
        self.section = name
        print(f"\n== {name}", flush=True)

    def open_work(self, work: str) -> None:
        print(f"\n{work}", flush=True)

    def ours(self, seconds: float) -> None:
        """How long hlv takes by itself; beside each other program it runs again."""
        print(f"  {'hlv':42}{_seconds(seconds)}", flush=True)

    def against(
        self,
        whose: str,
        seconds: float,
        *,
        ours: float,
        at_least: float | None = None,
        apart: float | None = None,
        may_differ: float = math.inf,
        remark: str = "",
    ) -> None:
        """One other program: the ratio, its target, and the largest difference of the answers."""
        ratio = seconds / ours
        words = [f"  {whose:42}{_seconds(seconds)}  {_ratio(ratio):>6} x (hlv {_seconds(ours).strip()})"]
        if at_least is not None:
            words.append(f"of at least {at_least:g} x: {self._judge(whose, ratio, at_least)}")
        if apart is not None:
            words.append(f"answers differ by at most {apart:.1g}")
            if not apart <= may_differ:
                words.append(f"WRONG: they may differ by {may_differ:.1g}")
                self.wrong.append(f"{self.section}, {whose}: answers differ by {apart:.1g}")
        if remark:
            words.append(remark)
        print("; ".join(words), flush=True)

    def within(self, what: str, ratio: float, *, at_most: float, remark: str = "") -> None:
        """A ratio that must not be larger, as the cost beside that of reading the data once."""
        is_reached = ratio <= at_most
        sentence = f"{self.section}, {what}: {_ratio(ratio)} x of at most {at_most:g} x"
        (self.reached if is_reached else self.missed).append(sentence)
        verdict = "reached" if is_reached else "MISSED"
        print(
            f"  {what:42}{_ratio(ratio):>9} x of at most {at_most:g} x: {verdict}{remark and '; ' + remark}",
            flush=True,
        )

    def holds(self, what: str, is_so: bool, remark: str) -> None:
        """A promise that is no ratio."""
        (self.reached if is_so else self.missed).append(f"{self.section}, {what}: {remark}")
        print(f"  {what}: {'reached' if is_so else 'MISSED'}; {remark}", flush=True)

    def cannot_compare(self, whose: str, reason: str) -> None:
        self.absent.append(f"{self.section}, {whose}")
        print(f"  {whose} is not compared: {reason}", flush=True)

    def closing_line(self) -> str:
        lines = [f"{len(self.reached)} of {len(self.reached) + len(self.missed)} targets reached."]
        for what, sentences in (
            ("Missed", self.missed),
            ("Not compared", self.absent),
            ("Wrong", self.wrong),
        ):
            if sentences:
                lines.append(f"{what}: {'; '.join(sentences)}.")
        return "\n".join(lines)

    def _judge(self, whose: str, ratio: float, at_least: float) -> str:
        is_reached = ratio >= at_least
        sentence = f"{self.section}, {whose}: {_ratio(ratio)} x of at least {at_least:g} x"
        (self.reached if is_reached else self.missed).append(sentence)
        return "reached" if is_reached else "MISSED"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1e3:10.2f} ms" if seconds < 1 else f"{seconds:10.2f} s "


def _ratio(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2f}"
