"""Sentences about results: one object for a page, a terminal and a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.formats import number_format
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import Bounded, Value, figure, written
from hlv.stats.reporting import StatisticsError

MOST_NAMES = 4


def listed(names: Sequence[str], *, most: int = MOST_NAMES) -> str:
    """Names in a row; of many the first ones and how many more. Isolated, for names of another direction."""
    shown = [f"\u2068{name}\u2069" for name in names[:most]]
    more = len(names) - len(shown)
    if more:
        return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {
            "names": ", ".join(shown),
            "n": more,
        }
    if len(shown) < 2:
        return "".join(shown)
    return _("%(names)s and %(last)s") % {"names": ", ".join(shown[:-1]), "last": shown[-1]}


def led(sentence: str) -> str:
    """In the direction of its own words where a name begins it: `dir="auto"` looks into isolates, too."""
    # Translators: the mark of the direction of your language, U+200E or U+200F.
    return _("\u200e") + sentence if sentence.startswith("\u2068") else sentence


def unmarked(sentence: str) -> str:
    """Without the marks that keep directions apart on a page: a terminal may show them."""
    return sentence.translate(dict.fromkeys([0x200E, 0x200F, *range(0x2066, 0x206A)]))


def isolated_figure(value: float) -> str:
    """Two digits whose sign stays before them in a line that runs from right to left."""
    return f"\u2066{figure(value)}\u2069"


def with_interval(estimate: Bounded) -> str:
    low, high = estimate.low, estimate.high
    return figure_with_interval(estimate.value, None if low is None or high is None else (low, high))


def figure_with_interval(value: float, interval: tuple[float, float] | None) -> str:
    """“0.80, 0.60 to 0.95”."""
    if interval is None:
        return _("%(value)s, no interval") % {"value": isolated_figure(value)}
    low, high = interval
    return _("%(value)s, %(low)s to %(high)s") % {
        "value": isolated_figure(value),
        "low": isolated_figure(low),
        "high": isolated_figure(high),
    }


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def joined(remarks: Iterable[str]) -> str:
    """Remarks in a row: a full stop ends one, and none is followed by a semicolon."""
    said = ""
    for remark in filter(None, remarks):
        between = "" if not said else " " if said.endswith(".") else "; "
        said += between + (capital(remark) if between == " " else remark)
    return said


@dataclass(frozen=True)
class Name:
    """Of a method, a metric or a person: its letters may run the other way than the sentence."""

    name: str


SentenceValue = Value | Name | Sequence[str]


@dataclass(frozen=True)
class Finding:
    """One sentence: a whole translatable template, and the values that it names.

    Attributes
    ----------
    template
        Translated; each %(name)s is one of `values`.
    values
        Whole numbers are written with their thousands, others with two digits, names isolated. Words stay as they
        are: write a p value or a share by `numbers` first.
    kind
        An answer, something to know of it, or what to do next.
    link
        Where to do it.
    """

    template: str
    values: Mapping[str, SentenceValue] = field(default_factory=dict)
    kind: Literal["answer", "caution", "next"] = "answer"
    link: str = ""

    def __str__(self) -> str:
        """On a page."""
        return led(self.template % {name: _value_text(value) for name, value in self.values.items()})

    @property
    def plain(self) -> str:
        """In a terminal or a paper."""
        return unmarked(str(self))


def _value_text(value: SentenceValue) -> str:
    if isinstance(value, Name):
        return listed([value.name])
    if isinstance(value, int):
        return number_format(value, force_grouping=True)
    if isinstance(value, float):
        return isolated_figure(value)
    return written(value) if isinstance(value, str | None) else listed(value)


def reason(stored: str | None) -> str:
    """Why there is no result, in the reader's language: jobs store it in English. One with values stays as it is."""
    words = _(stored) if stored else ""
    # English within a line from right to left keeps its full stop at its end.
    return f"\u2066{words}\u2069" if words and words == stored and get_language_bidi() else words


def error_sentence(error: StatisticsError) -> str:
    """Why the statistics give no answer, in the reader's language."""
    sentence = _(error.template)
    return sentence % error.values if error.values else sentence
