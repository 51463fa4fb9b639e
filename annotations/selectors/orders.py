"""Orders of each person's own, computed by the database."""

from __future__ import annotations

import hashlib

from django.db.models import BigIntegerField, F
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast

# A prime: multiplying by a step that it does not divide moves every position to another place.
PLACES = 104_729


def shuffled_position(*, seed: int, number: int) -> CombinedExpression:
    """Positions walked around a prime in steps that depend on the seed and the person: neighbours part."""
    step = 7_919 + 2 * ((seed + 97 * number) % 4_001)
    return (Cast(F("position"), BigIntegerField()) * step + 31 * number) % PLACES


# A leap is a share of all positions, in parts of this.
LEAPS = 2**20


def leap(*, seed: int, number: int, step: int) -> int:
    """Where a person's next text is looked for: far from the last, and for nobody else the same."""
    digest = hashlib.sha256(f"{seed}/{number}/{step}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % LEAPS
