"""What can be said of each judge as a table: a row for a judge, an empty cell and a reason where nothing can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hlv.core.tabular.writing import CellValue
from metaeval.results.judge_reasons import _COLUMNS, undetermined_sections

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
            "; ".join(f"{section}: {reason}" for section, reason in undetermined_sections(row, result))
            or None,
        )


def with_names(result: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same report where the people may be named: by pseudonym, what each is called."""
    judges = [{**row, "judge": names.get(row["judge"], row["judge"])} for row in result["judges"]]
    return {**result, "judges": judges}
