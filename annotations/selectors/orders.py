"""Orders of each person's own, computed by the database."""

from __future__ import annotations

from django.db.models import BigIntegerField, F
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast

# A prime: multiplying by a step that it does not divide moves every position to another place.
PLACES = 104_729


def shuffled_position(*, seed: int, number: int) -> CombinedExpression:
    """Positions walked around a prime in steps that depend on the seed and the person: neighbours part."""
    step = 7_919 + 2 * ((seed + 97 * number) % 4_001)
    return (Cast(F("position"), BigIntegerField()) * step + 31 * number) % PLACES
