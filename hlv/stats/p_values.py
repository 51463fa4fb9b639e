"""How a p is said, in a sentence of a result as on a page."""

from __future__ import annotations


def p_text(p: float) -> str:
    """“.031”, “< .001”, “1”."""
    if p < 0.001:
        return "< .001"
    text = f"{p:.3f}"
    return "1" if text == "1.000" else text.removeprefix("0")


def p_equals(p: float) -> str:
    """With its sign, as it stands in a sentence after “p”: “= .031”, “< .001”."""
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"
