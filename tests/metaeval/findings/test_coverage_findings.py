"""How much was judged: compared pairs, judgments of each, and pairs that were never compared."""

from __future__ import annotations

from metaeval.findings.coverage_findings import CoverageSection, coverage_section, labels_section
from tests.metaeval.making import ranking_result


def section(*counts: int, names: tuple[str, ...] = ("a", "b", "c")) -> CoverageSection:
    """Of pairs in their order, each with so many judgments: all are wins of the first."""
    pairs = [(one, other) for one in range(len(names)) for other in range(one + 1, len(names))]
    assert len(pairs) == len(counts)
    nothing, half = [0] * len(pairs), [0.5] * len(pairs)
    found = coverage_section(
        ranking_result(
            names=names,
            pairs={
                "first": [one for one, _other in pairs],
                "second": [other for _one, other in pairs],
                "wins": list(counts),
                "losses": nothing,
                "ties": nothing,
                "expected": half,
                "low": half,
                "high": half,
            },
        )
    )
    assert found is not None
    return found


def test_all_pairs_were_compared() -> None:
    assert section(5, 1, 4).sentences == [
        "3 of 3 pairs of methods were compared.",
        "Each compared pair has 1 to 5 judgments (median 4).",
    ]


def test_pairs_without_a_judgment_enter_no_median() -> None:
    found = section(1000, 0, 1501)
    assert found.sentences == [
        "2 of 3 pairs of methods were compared.",
        "Each compared pair has 1,000 to 1,501 judgments (median 1,250.5).",
        "Never compared: a with c.",
    ]
    assert [row.cells[1].words for row in found.table.rows] == ["1 of 2", "2 of 2", "1 of 2"]


def test_of_many_pairs_three_are_named() -> None:
    found = section(2, 0, 0, 0, 0, 0, names=("a", "b", "c", "d"))
    assert found.sentences[1] == "Each compared pair has 2 to 2 judgments (median 2)."
    assert found.sentences[2] == "Never compared: a with c; a with d; b with c; and 2 more pairs."


def test_no_judgment_gives_no_median() -> None:
    assert section(0, names=("a", "b")).sentences == [
        "0 of 1 pair of methods was compared.",
        "Never compared: a with b.",
    ]


def test_a_snapshot_without_pairs_has_no_section() -> None:
    assert coverage_section(ranking_result(pairs=None)) is None


def test_without_a_report_there_is_no_section() -> None:
    assert labels_section(None) is None
