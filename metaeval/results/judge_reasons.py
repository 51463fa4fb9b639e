"""Why a statistic of a judge is undetermined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final


def undetermined_sections(row: Mapping[str, Any], result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(section, why) of what is not determined of a judge, each reason once."""
    reasons: dict[str, str] = {}
    for section in dict.fromkeys(section for _, section, _ in _COLUMNS):
        found = row.get(section, {})
        reason = found.get("undetermined") or found.get("no_interval")
        reason = reason or result["sections_undetermined"].get(section)
        if reason:
            reasons.setdefault(reason, section)
    return [(section, reason) for reason, section in reasons.items()]


MOST_NAMES = 8


SECTIONS: Final = {
    "agreement": "Agreement with others",
    "self_consistency": "Self-consistency",
    "side_bias": "Share of the left",
    "triads": "Circular triads",
    "consensus": "Infit",
    "without": "Ranking without one judge",
    "equal_judges": "Ranking with an equal say",
    "reliability": "Reliability",
}


def undetermined_reasons(result: dict[str, Any]) -> list[str]:
    """What is not determined of single judges, each reason once; what is of nobody stands in the notes."""
    whom: dict[tuple[str, str], list[str]] = {}
    for row in result["judges"]:
        for section, reason in undetermined_sections(row, result):
            if section not in result["sections_undetermined"]:
                whom.setdefault((section, reason), []).append(row["judge"])
    return [
        f"{SECTIONS[section]}, {_listed(names, len(result['judges']))}: {reason}"
        for (section, reason), names in whom.items()
    ]


def _listed(names: list[str], n_judges: int) -> str:
    if len(names) == n_judges > 1:
        return "all judges"
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


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
