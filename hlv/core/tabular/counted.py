"""Numbers in sentences."""

from __future__ import annotations


def counted(n: int, plural: str) -> str:
    """“1 judgment”, “1,200 judgments”: our plurals all end in s."""
    return f"{n:,} {plural.removesuffix('s') if n == 1 else plural}"
