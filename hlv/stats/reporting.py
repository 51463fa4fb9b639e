"""Results in words: p values as text, and the reason where the data do not determine a result."""

from __future__ import annotations


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


class UndeterminedError(Exception):
    """The data do not determine a result.

    Attributes
    ----------
    sentence : str
        The reason, for a reader.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
