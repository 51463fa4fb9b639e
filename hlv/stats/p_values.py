"""How a p is said, in a sentence of a result as on a page."""

from __future__ import annotations


def p_text(p: float) -> str:
    """“.031”, “< .001”, “1”."""
    if p < 0.001:
        return "< .001"
    said = f"{p:.3f}"
    return "1" if said == "1.000" else said.removeprefix("0")


def p_equals(p: float) -> str:
    """With its sign, as it stands in a sentence after “p”: “= .031”, “< .001”."""
    said = p_text(p)
    return said if said.startswith("<") else f"= {said}"
