"""Claims for other systems: their own table, tests and reasons."""

from __future__ import annotations

from typing import Any

import pytest

from metaeval.exporters.results import DIFFERENCE_HEADER, difference_rows
from metaeval.findings.choice_labels import NULL_HYPOTHESES
from metaeval.findings.difference_tables import general_section
from metaeval.findings.findings import agreement_notes
from metaeval.results.metric_agreement import MetricAgreementResult
from tests.making import make_participant
from tests.metaeval.making import (
    agreement_result,
    make_agreement_snapshot,
    make_board,
    make_differences,
    make_ranking_snapshot,
    signed_in,
)

ISOLATES = {0x2068: None, 0x2069: None, 0x2066: None}


def general(**more: Any) -> dict[str, Any]:
    tests = {
        "Boot-Systems": {"p": 0.004, "adjusted_p": 0.012},
        "PERM-SYSTEMS": {"p": 0.3, "adjusted_p": 0.3},
    }
    return {
        "undetermined": None,
        "metrics": [
            {"name": "soft_f1", "value": 0.8, "interval": [0.3, 1.0]},
            {"name": "hard_f1", "value": 0.1, "interval": None},
        ],
        "differences": [
            {"first": "soft_f1", "second": "hard_f1", "difference": 0.7, "tests": tests},
        ],
        "smallest_adjusted_p": {"Boot-Systems": 0.002, "PERM-SYSTEMS": 0.031},
        "n_methods": 9,
        "n_clusters": 6,
    } | more


def stored_with_general(**more: Any) -> dict[str, Any]:
    stored = make_differences()
    for coefficient in ("kendall_tau_b", "pearson"):
        stored["differences"][coefficient] = dict(
            stored["differences"].get(coefficient) or stored["differences"]["kendall_tau_b"],
            methods_like_these=general(**more),
        )
    return stored


def with_general(**more: Any) -> MetricAgreementResult:
    return agreement_result(**stored_with_general(**more))


def test_claims_for_methods_like_these_stand_apart_with_their_own_tests() -> None:
    section = general_section(with_general())
    assert section is not None
    assert (
        section.line
        == "For methods like these, PERM-SYSTEMS finds a significant τ-b difference in 0 of 1 pairs of metrics."
    )
    assert section.line in agreement_notes(with_general())
    (_, agreement), (_, differences) = section.tables
    assert [row.head for row in agreement.rows] == ["soft f1", "hard f1"]
    assert (agreement.rows[0].cells[0].low, agreement.rows[0].cells[0].high) == ("0.30", "1.00")
    assert "resampled by their 6 base models" in agreement.note
    assert [cell.words for cell in differences.rows[0].cells[:3]] == ["+0.70", ".300", ".012"]
    assert "PERM-SYSTEMS .031 (τ-b)" in differences.note
    assert "With few base models, Boot-Systems finds differences too often (7 to 11 % of" in differences.note
    alone = general_section(with_general(n_clusters=9))
    assert alone is not None
    assert "With few base models" not in alone.tables[1][1].note
    assert str(NULL_HYPOTHESES["Boot-Systems"]) in differences.note
    assert general_section(agreement_result(**make_differences())) is None
    rows = [
        dict(zip(DIFFERENCE_HEADER, row, strict=True)) for row in difference_rows(with_general(), against="x")
    ]
    found = {
        row["test"]: row["adjusted_p"]
        for row in rows
        if {row["first"], row["second"]} == {"soft_f1", "hard_f1"}
    }
    assert found["Boot-Systems, methods like these"] == 0.012


def test_without_enough_methods_the_reason_stands_and_without_power_there_is_no_verdict() -> None:
    reason = "No conclusion for methods like these: 5 methods are too few."
    section = general_section(with_general(undetermined=reason, metrics=[], differences=[]))
    assert section is not None
    assert (section.line, section.tables) == (reason, [])
    weak = general_section(with_general(smallest_adjusted_p={"PERM-SYSTEMS": 0.094, "Boot-Systems": 0.002}))
    assert weak is not None
    assert weak.line == (
        "For methods like these the tests cannot decide: the smallest possible adjusted p of PERM-SYSTEMS for 1 pairs of "
        "metrics is .094."
    )


@pytest.mark.django_db
def test_the_dashboard_folds_what_holds_for_methods_like_these() -> None:
    campaign = make_board()
    client = signed_in(make_participant(campaign.study, "researcher"))
    make_agreement_snapshot(make_ranking_snapshot(campaign), **stored_with_general())

    page = client.get(f"/campaigns/{campaign.uuid}/results/").content.decode().translate(ISOLATES)

    assert "Agreement on methods like these" in page
    assert "Differences on methods like these" in page
    assert "For these methods: No significant difference from soft f1" in page
    assert "For methods like these, PERM-SYSTEMS finds a significant τ-b difference in 0 of 1 pairs" in page
