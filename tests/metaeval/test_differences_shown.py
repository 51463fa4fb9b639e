"""Which metrics are told apart: on pages, in files, and in the words of the command."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from hlv.core.rendering.sentences import unmarked
from hlv.core.stored_results import load
from metaeval.exporters.results import DIFFERENCE_HEADER, difference_rows
from metaeval.figures.metric_agreement import lettered_groups
from metaeval.findings.agreement_robustness import leaders_without_each, verdicts_table, without_each_table
from metaeval.findings.choice_labels import NULL_HYPOTHESES, null_words, orders_words, p_sentence
from metaeval.findings.difference_tables import differences_table, significance_line
from metaeval.findings.findings import agreement_notes, findings
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.services.scoring import enough_resamples
from tests.making import make_participant
from tests.metaeval.making import (
    agreement_result,
    make_agreement_snapshot,
    make_board,
    make_differences,
    make_ranking_snapshot,
    metric,
    ranking_result,
    signed_in,
)

ISOLATES = {0x2068: None, 0x2069: None, 0x2066: None}


def test_more_metrics_take_more_resamples_as_far_as_they_can_be_had() -> None:
    few = {"n_methods": 9, "n_items": 136}
    for n_different in (2, 10, 11, 16, 18):
        n = enough_resamples(n_different=n_different, n_metrics=n_different + 2, **few)
        n_tests = n_different * (n_different - 1) // 2
        # 2 m / (1 + R) is the smallest adjusted p of m tests
        assert n >= 5000
        assert 2 * n_tests / (1 + n) <= 0.01
    assert enough_resamples(n_different=16, n_metrics=18, **few) == 24_000
    assert enough_resamples(n_different=18, n_metrics=20, n_methods=100, n_items=100) == 10_000
    assert enough_resamples(n_different=18, n_metrics=20, n_methods=9, n_items=5_000) == 10_000
    assert enough_resamples(n_different=18, n_metrics=20, n_methods=900, n_items=10**6) == 5_000


def headline(result: MetricAgreementResult) -> str:
    return findings(ranking_result(), result, reference="the experts’ ranking").headline.translate(ISOLATES)


def test_a_metric_is_called_nearest_where_the_tests_set_it_apart_from_all_others() -> None:
    assert headline(agreement_result(**make_differences(near=0.01))).endswith("soft f1 agrees best.")
    assert headline(agreement_result(**make_differences())).endswith(
        "The data do not show which one agrees best."
    )
    rival_not_compared = make_differences(near=0.01, left_out={"po_jsd": "It scores 7 methods."})
    assert headline(agreement_result(**rival_not_compared)).endswith(
        "The data do not show which one agrees best."
    )


def test_a_metric_that_is_not_tested_against_the_others_is_named_under_the_headline() -> None:
    def counted(**more: Any) -> str:
        tested = [metric("soft_f1", 0.89), metric("po_jsd", 0.78), metric("hard_f1", 0.28)]
        result = agreement_result(metric("lone", 0.95), *tested, **make_differences(**more))
        return findings(ranking_result(), result, reference="the experts’ ranking").counted.translate(
            ISOLATES
        )

    lacking = "It lacks 2 of the 9 methods on which the others are compared."
    assert counted(left_out={"lone": lacking}) == (
        "3 of 4 metrics are also compared with each other. Left out: "
        "lone (it lacks 2 of the 9 methods on which the others are compared)."
    )
    assert counted() == ""


def test_the_line_names_what_cannot_be_told_from_the_best() -> None:
    said = significance_line(agreement_result(**make_differences())).translate(ISOLATES)
    assert said == "No significant difference from soft f1, the highest τ-b: po jsd."
    assert "better than each other" in significance_line(agreement_result(**make_differences(near=0.01)))
    reason = make_differences(undetermined="There is one metric.", metrics=[], differences=[])
    assert significance_line(agreement_result(**reason)).endswith("There is one metric.")
    untested = make_differences()["differences"]["kendall_tau_b"]["differences"]
    untested = [pair | {"p": None, "adjusted_p": None, "test": None} for pair in untested]
    result = agreement_result(**make_differences(differences=untested, groups=[]))
    why = "Differences between metrics were not tested because there is nothing to resample: "
    assert significance_line(result).startswith(why)
    assert any(said.startswith(why) for said in agreement_notes(result))
    assert "(--n-resamples 0)" in significance_line(replace(result, n_resamples=0))
    assert headline(result).endswith("The data do not show which one agrees best.")
    assert significance_line(agreement_result()) == ""


def test_a_pair_that_was_not_tested_is_neither_alike_nor_in_a_group() -> None:
    pairs = make_differences()["differences"]["kendall_tau_b"]["differences"]
    pairs[2] |= {"p": None, "adjusted_p": None, "test": None}
    rows = metric("soft_f1", 0.89, n_resamples=1000), metric("po_jsd", 0.78), metric("hard_f1", 0.28)
    result = agreement_result(*rows, **make_differences(differences=pairs, groups=[["soft_f1", "po_jsd"]]))
    assert significance_line(result).translate(ISOLATES) == (
        "soft f1 agrees significantly better than each other compared metric. "
        "Not tested against soft f1 because too few resamples have an answer: po jsd."
    )
    assert lettered_groups(result) == []
    assert headline(result).endswith("The data do not show which one agrees best.")


def test_the_best_of_those_compared_is_not_called_the_best_of_all() -> None:
    result = agreement_result(metric("lone", 0.95), metric("soft_f1", 0.89), **make_differences())
    assert "the highest τ-b of the 3 compared metrics: po_jsd" in significance_line(result).translate(
        ISOLATES
    )


def test_the_table_of_differences_has_the_better_metric_first_and_the_surest_difference() -> None:
    table = differences_table(agreement_result(**make_differences()))
    assert table is not None
    assert [row.head for row in table.rows] == [
        "soft f1 and hard f1",
        "po jsd and hard f1",
        "soft f1 and po jsd",
    ]
    tau, p, *_, exchanged = table.rows[0].cells
    assert (tau.words, tau.low, tau.high, p.words, exchanged.words) == (
        "+0.61",
        "+0.31",
        "+0.71",
        ".012",
        "–",
    )
    assert table.rows[2].cells[-1].words == ".003"
    assert "Left out: flat. It is constant." in table.note
    assert "human ranking as fixed" in table.note
    assert differences_table(agreement_result()) is None


def test_groups_of_base_models_are_no_brackets() -> None:
    groups = {"groups": {"undetermined": None, "groups": ["roberta", "bert"]}}
    assert lettered_groups(agreement_result(**groups)) == []
    (bracket,) = lettered_groups(agreement_result(**make_differences(), **groups))
    assert bracket.members == ("soft_f1", "po_jsd")


def test_the_file_of_differences_has_every_digit_and_every_test() -> None:
    rows = [
        dict(zip(DIFFERENCE_HEADER, row, strict=True))
        for row in difference_rows(agreement_result(**make_differences()), against="taste")
    ]
    assert len(rows) == 2 * (3 + 1 + 1)
    assert (rows[0]["first"], rows[0]["adjusted_p"], rows[0]["n_methods"]) == ("hard_f1", 0.0123456789, 9)
    assert [row["test"] for row in rows[2:4]] == ["joint bootstrap", "PERM-BOTH"]
    assert (rows[4]["first"], rows[4]["undetermined"]) == ("flat", "It is constant")
    assert list(difference_rows(agreement_result(), against="taste")) == []


@pytest.mark.django_db
def test_the_dashboard_folds_the_differences_and_older_snapshots_show_without_them() -> None:
    campaign = make_board()
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/results/"
    ranking = make_ranking_snapshot(campaign)
    make_agreement_snapshot(ranking)
    assert "Differences between metrics" not in client.get(address).content.decode()
    assert client.get(f"{address}metric-differences.csv").status_code == 404
    newer = make_agreement_snapshot(ranking, **make_differences())
    page = client.get(address).content.decode().translate(ISOLATES)
    assert "No significant difference from soft f1, the highest τ-b: po jsd." in page
    assert page.count("Differences between metrics") >= 1
    response = client.get(f"{address}metric-differences.csv")
    (first, *_) = csv.DictReader(io.StringIO(b"".join(response).decode()))
    assert (first["snapshot"], first["adjusted_p"]) == (str(newer.uuid), "0.0123456789")


def test_the_command_says_in_sentences_what_the_parts_hold() -> None:
    result = agreement_result(
        **make_differences(),
        noise_ceiling={"undetermined": "There is one judge."},
        without_each_method={
            "undetermined": None,
            "metrics": [
                {"name": "soft_f1", "without": [{"method": "A", "kendall_tau_b": 0.5}]},
                {"name": "po_jsd", "without": [{"method": "A", "kendall_tau_b": 0.8}]},
            ],
        },
        verdicts={"undetermined": "No judgment names its text.", "metrics": []},
    )
    assert agreement_notes(result) == [
        "3 of 4 metrics are compared. 1 has no value: flat.",
        "9 methods decide little.",
        "No significant difference from soft f1, the highest τ-b: po jsd.",
        f"{null_words('joint bootstrap', 'PERM-BOTH')}",
        "No noise ceiling: There is one judge.",
        "Agreement on single judgments: not computed. No judgment names its text.",
    ]
    assert [unmarked(sentence) for sentence in leaders_without_each(result)] == [
        "τ-b changes most for soft f1: 0.50 without A instead of 0.89.",
        "First without A: po jsd.",
    ]


def test_tests_that_cannot_decide_give_no_verdict_anywhere() -> None:
    stored = make_differences()
    stored["differences"]["kendall_tau_b"] |= {"smallest_adjusted_p": 0.12, "groups": []}
    result = agreement_result(**stored)
    said = (
        "The tests cannot show which metric agrees better: the smallest adjusted p that is possible is .120."
    )
    assert significance_line(result) == said
    assert said in agreement_notes(result)
    assert not any("No significant difference" in sentence for sentence in agreement_notes(result))
    assert headline(result).endswith("The data do not show which one agrees best.")
    stored["differences"]["kendall_tau_b"]["smallest_adjusted_p"] = 0.003
    assert "No significant difference from" in significance_line(agreement_result(**stored))
    table = differences_table(agreement_result(**stored))
    assert table is not None
    assert "Smallest possible adjusted p: .003." in table.note


def test_every_p_has_its_null_hypothesis_and_says_for_which_methods_it_speaks() -> None:
    table = differences_table(agreement_result(**make_differences()))
    assert table is not None
    for test in ("joint bootstrap", "PERM-BOTH"):
        assert str(NULL_HYPOTHESES[test]) in table.note
    for words in map(str, NULL_HYPOTHESES.values()):
        assert ("for these methods:" in words) != ("for methods like these:" in words)


def test_how_each_p_was_computed_is_said() -> None:
    def result(*kinds: tuple[str, int | None]) -> MetricAgreementResult:
        found = [{"value": 0.5, "p": 0.01, "p_from": {"kind": kind, "n": n}} for kind, n in kinds]
        return agreement_result(
            *(metric(f"m{place}", 0.5, kendall_tau_b=tau) for place, tau in enumerate(found))
        )

    exact, every, some = ("exact", None), ("all orders", 362_880), ("random orders", 199_999)
    assert orders_words(result(exact, exact)) == "exact (Kendall’s distribution)"
    assert orders_words(result(every)) == "from all 362,880 permutations of the methods"
    assert orders_words(result(exact, some)) == (
        "exact (Kendall’s distribution) where neither side has ties, otherwise from 199,999 random permutations of the methods"
    )
    assert p_sentence(result(some)).startswith(
        "p is from 199,999 random permutations of the methods. Null hypothesis of p"
    )
    assert p_sentence(agreement_result(metric("m", None))) == ""


@pytest.mark.parametrize(
    ("whole", "without", "said"),
    [
        # Each of the two that lead is overtaken once, by somebody else each time.
        (
            {"a": 0.6, "b": 0.6, "c": 0.2},
            {"X": {"a": 0.9, "b": 0.1, "c": 0.1}, "Y": {"a": 0.1, "b": 0.9, "c": 0.1}},
            ["a and b share the first place. None of them keeps it whichever method is left out."],
        ),
        (
            {"a": 0.6, "b": 0.2},
            {"X": {"a": 0.9, "b": 0.1}},
            ["Whichever method is left out, a still comes first."],
        ),
        (
            {"a": 0.6, "b": 0.6},
            {"X": {"a": 0.9, "b": 0.1}, "Y": {"a": 0.9, "b": 0.9}},
            ["Whichever method is left out, a still shares the first place."],
        ),
        (
            {"a": 0.6, "b": 0.2, "c": 0.2},
            {"X": {"a": 0.1, "b": 0.9, "c": 0.9}, "Y": {"a": 0.1, "b": 0.9, "c": 0.9}},
            ["First without X and Y (each left out alone): b and c."],
        ),
    ],
)
def test_who_comes_first_without_a_method_is_said_of_all_that_share_the_place(
    whole: dict[str, float], without: dict[str, dict[str, float]], said: list[str]
) -> None:
    stored = {
        "undetermined": None,
        "metrics": [
            {
                "name": key,
                "without": [{"method": m, "kendall_tau_b": found[key]} for m, found in without.items()],
            }
            for key in whole
        ],
    }
    rows = [{"name": key, "kendall_tau_b": {"value": value}} for key, value in whole.items()]
    result = load(MetricAgreementResult, {"metrics": rows, "without_each_method": stored})
    assert [unmarked(sentence) for sentence in leaders_without_each(result)[1:]] == said


def test_a_metric_that_one_method_carries_names_that_method() -> None:
    def row(name: str, **taus: float | None) -> dict[str, Any]:
        return {
            "name": name,
            "without": [{"method": method, "kendall_tau_b": tau} for method, tau in taus.items()],
        }

    spread = {f"m{n}": 0.9 for n in range(8)}
    stored = {
        "undetermined": None,
        "metrics": [row("soft_f1", **spread, last=0.1), row("po_jsd", **spread, last=0.8), row("hard_f1", a=0.2, b=0.3)],
    }  # fmt: skip
    table = without_each_table(agreement_result(without_each_method=stored))
    assert table is not None
    found = {line.head: [cell.words.translate(ISOLATES) for cell in line.cells] for line in table.rows}
    assert found["soft f1"] == ["0.89", "last", "0.10", "0.90"]
    assert found["po jsd"][1] == "none"
    # What chance may do with all methods, no method carries; what has no value has no row.
    assert found["hard f1"] == ["0.28", "–", "0.20", "0.30"]
    assert "flat" not in found
    assert table.rows[0].cells[3].note.translate(ISOLATES) == "without m0 and 7 more"
    assert without_each_table(agreement_result()) is None


def test_the_table_of_verdicts_has_the_best_metric_first_and_says_who_has_no_row() -> None:
    def row(name: str, accuracy: float) -> dict[str, Any]:
        share = {
            "accuracy": accuracy,
            "accuracy_interval": [0.4, 0.6],
            "decided": 0.65,
            "decided_interval": None,
        }
        return {"name": name, "undetermined": None, **share, "always_tie": 0.17, "n_judgments": 2308}

    stored = {
        "undetermined": None,
        "metrics": [row("hard_f1", 0.5), row("po_jsd", 0.54), {"name": "flat", "undetermined": "It is infinite."}],
        "left_out": {"soft_f1": "It has no score for each text."},
    }  # fmt: skip
    table = verdicts_table(agreement_result(verdicts=stored))
    assert table is not None
    assert [line.head for line in table.rows] == ["po jsd", "hard f1"]
    first = table.rows[0].cells
    assert (first[0].words, first[0].low, first[1].note) == ("0.54", "0.40", "no interval")
    assert "Without a score for each text: soft f1." in table.note.translate(ISOLATES)
    assert "Left out: flat. It is infinite." in table.note
    assert verdicts_table(agreement_result(verdicts={"undetermined": "No judgment names its text."})) is None
