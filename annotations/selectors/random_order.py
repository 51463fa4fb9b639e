"""Orders of each person's own."""

from __future__ import annotations

import hashlib

# A leap is a share of all positions, in parts of this.
RANDOM_STARTS = 2**20


def random_start(*, seed: int, number: int, step: int) -> int:
    """Where a person's next text is looked for: far from the last, and for nobody else the same."""
    digest = hashlib.sha256(f"{seed}/{number}/{step}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % RANDOM_STARTS
