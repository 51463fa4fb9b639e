"""Where a printed result comes from: what has to be cited with it, and what computes it again."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from annotations.models import Snapshot
from metaeval.exporters.results import snapshot_json

# Of a fingerprint so many letters stand in a line; --json has it whole.
FINGERPRINT_SHOWN = 12


def with_provenance(snapshot: Snapshot, result: dict[str, Any] | None = None) -> dict[str, Any]:
    """The result as --json prints it, then its snapshot; `result` where it is not printed as stored."""
    kept = snapshot_json(snapshot)
    origin = {"snapshot": kept.pop("uuid"), "n_resamples": _n_resamples(snapshot), **kept}
    shown: dict[str, Any] = snapshot.result if result is None else result
    # What programs read is as it was; what has a name of its own comes after it.
    return {**shown, **{key: value for key, value in origin.items() if key not in shown}}


def provenance_line(snapshot: Snapshot) -> str:
    """In the order of the page of results, and short enough for a line."""
    n = _n_resamples(snapshot)
    return " · ".join(
        (
            f"seed {snapshot.seed}",
            "no resamples" if not n else "1 resample" if n == 1 else f"{n:,} resamples",
            *_weights(snapshot),
            snapshot.code_version,
            f"as of {snapshot.as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            f"snapshot {snapshot.uuid}",
            f"data {snapshot.data_fingerprint[:FINGERPRINT_SHOWN]}",
        )
    )


def _n_resamples(snapshot: Snapshot) -> int:
    return int(snapshot.result.get("n_resamples", snapshot.parameters.get("n_resamples", 0)))


def _weights(snapshot: Snapshot) -> list[str]:
    """How human labels count, of a snapshot that rests on them."""
    weights = snapshot.result.get("weights")
    return [] if weights is None else [f"weights {weights}"]
