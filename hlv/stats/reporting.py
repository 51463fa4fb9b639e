"""Results in words: p values as text, and the reason where the data do not determine a result."""

from __future__ import annotations

import re
from typing import ClassVar


def p_text(p: float) -> str:
    """“.031”, “< .001”, “1”."""
    if p < 0.001:
        return "< .001"
    text = f"{p:.3f}"
    return "1" if text == "1.000" else text.removeprefix("0")


def p_equals(p: float) -> str:
    """With its sign, as it follows “p” in a sentence: “= .031”, “< .001”."""
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"


class StatisticsError(Exception):
    """Input or data that allow no answer.

    Attributes
    ----------
    code : str
        Of the class, for programs: "no_ranking".
    template : str
        An English sentence with named places, which a program may translate.
    values : dict
        What belongs in these places.
    sentence : str
        Both together.
    """

    code: ClassVar[str] = "statistics"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        words = re.findall("[A-Z][a-z]+", cls.__name__.removesuffix("Error"))
        cls.code = "_".join(words).lower()

    def __init__(self, template: str, /, **values: object) -> None:
        self.template, self.values = template, values
        self.sentence = template % values if values else template
        super().__init__(self.sentence)


class UndeterminedError(StatisticsError):
    """The data do not determine a result; `sentence` gives the reason."""
