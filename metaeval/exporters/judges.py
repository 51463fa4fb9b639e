"""What can be said of each judge as a table: a row for a judge, an empty cell and a reason where nothing can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hlv.core.tabular.writing import CellValue

# (column, section, key in the section)
_COLUMNS: Final = (
    ("left_share", "side_bias", "share"),
    ("left_low", "side_bias", "low"),
    ("left_high", "side_bias", "high"),
    ("left_adjusted_p", "side_bias", "adjusted_p"),
    ("n_shared_comparisons", "agreement", "n_comparisons"),
    ("agreement", "agreement", "same"),
    ("agreement_low", "agreement", "low"),
    ("agreement_high", "agreement", "high"),
    ("opposite", "agreement", "opposite"),
    ("n_flipped", "self_consistency", "n_flipped"),
    ("self_consistency", "self_consistency", "same"),
    ("same_side", "self_consistency", "same_side"),
    ("n_triads", "triads", "n_complete"),
    ("circular_triads", "triads", "share"),
    ("infit", "consensus", "infit"),
    ("infit_adjusted_p", "consensus", "adjusted_p"),
    ("outfit", "consensus", "outfit"),
    ("coin_log_ratio", "consensus", "coin_log_ratio"),
    ("reliability", "reliability", "reliability"),
    ("reliability_low", "reliability", "low"),
    ("reliability_high", "reliability", "high"),
    ("without_largest_change", "without", "largest_change"),
    ("without_largest_rank_change", "without", "largest_rank_change"),
    ("without_tau_b", "without", "tau"),
    ("without_changes_leader", "without", "changes_leader"),
)
JUDGE_HEADER: Final = (
    *("campaign", "judge", "n_judgments", "n_cannot_judge", "median_seconds"),
    *(column for column, _, _ in _COLUMNS),
    *("flags", "undetermined"),
)


def judge_rows(result: Mapping[str, Any]) -> Iterator[tuple[CellValue, ...]]:
    for row in result["judges"]:
        yield (
            result.get("campaign"),
            row["judge"],
            row["n_judgments"],
            row["n_cannot_judge"],
            row["median_seconds"],
            *(row.get(section, {}).get(key) for _, section, key in _COLUMNS),
            " ".join(row["flags"]),
            "; ".join(f"{section}: {reason}" for section, reason in reasons_of(row, result)) or None,
        )


def reasons_of(row: Mapping[str, Any], result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(section, why) of what is not determined of a judge, each reason once."""
    reasons: dict[str, str] = {}
    for section in dict.fromkeys(section for _, section, _ in _COLUMNS):
        found = row.get(section, {})
        reason = found.get("undetermined") or found.get("no_interval")
        reason = reason or result["sections_undetermined"].get(section)
        if reason:
            reasons.setdefault(reason, section)
    return [(section, reason) for reason, section in reasons.items()]


def with_names(result: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same report where the people may be named: by pseudonym, what each is called."""
    judges = [{**row, "judge": names.get(row["judge"], row["judge"])} for row in result["judges"]]
    return {**result, "judges": judges}
