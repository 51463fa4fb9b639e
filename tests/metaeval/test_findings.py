"""Findings: what the head of a dashboard says of a snapshot, and what it refuses to say."""

from __future__ import annotations

from typing import Any

from hlv.core.rendering.sentences import listed, unmarked
from hlv.core.stored_results import load
from metaeval.findings.choice_labels import interval_words
from metaeval.findings.findings import counted_note, findings, what_ranking_shows
from metaeval.findings.methods_of_metrics import methods_of_metrics
from metaeval.findings.ranking_tables import by_davidson
from metaeval.findings.result_figures import agreement_figure
from metaeval.models import MetricAgreement
from metaeval.results.metric_agreement import MetricAgreementResult
from tests.metaeval.making import (
    agreement_result,
    metric,
    ranking_result,
    stored_agreement,
    stored_checks,
    stored_ranking,
)


def headline(*metrics: dict[str, Any], **more: Any) -> str:
    said = findings(
        ranking_result(), agreement_result(*metrics, **more), reference="the experts’ ranking"
    ).headline
    return said.translate({0x2068: None, 0x2069: None, 0x2066: None})


def test_the_headline_counts_metrics_beyond_chance_and_names_no_winner_while_intervals_overlap() -> None:
    assert headline() == (
        "2 of 3 metrics agree with the experts’ ranking better than chance. "
        "The data do not show which one agrees best."
    )


def test_a_metric_is_called_nearest_only_where_all_others_end_below_its_interval() -> None:
    apart = {"value": 0.95, "interval": [0.9, 1.0], "p": 0.001}
    said = headline(
        metric("soft_f1", 0.9, kendall_tau_b=apart), metric("po_jsd", 0.6), metric("hard_f1", 0.2)
    )
    assert said.endswith("soft f1 agrees best.")


def sure(name: str, tau: float, p: float, **more: Any) -> dict[str, Any]:
    return metric(name, tau, kendall_tau_b={"value": tau, "p": p}, **more)


def test_beside_the_count_stands_how_many_remain_after_holms_rule() -> None:
    metrics = [sure("a", 0.9, 0.001), sure("b", 0.8, 0.02), sure("c", 0.7, 0.04), sure("d", 0.2, 0.5)]
    # 4 x .001, 3 x .02, 2 x .04 and .5: one of three stays below .05
    assert headline(*metrics).startswith(
        "3 of 4 metrics agree with the experts’ ranking better than chance (1 after Holm correction)."
    )
    said = findings(ranking_result(), agreement_result(*metrics), reference="the experts’ ranking")
    assert unmarked(said.shows[0]).endswith(
        "After Holm correction for all 4 metrics, these remain significant: a."
    )
    told = [
        unmarked(sentence)
        for sentence in methods_of_metrics(MetricAgreement(result=stored_agreement(*metrics)))
    ]
    assert "After Holm correction, 1 did." in told


def test_what_metrics_of_the_judged_texts_alone_lose_is_said_beside_what_is_held() -> None:
    metrics = [
        sure("a", 0.9, 0.001),
        sure("b", 0.8, 0.002, hypothesis="b"),
        sure("b2", 0.8, 0.002, hypothesis="b"),
    ]
    judged = [sure("a", 0.9, 0.001), sure("b", 0.5, 0.076), sure("b2", 0.5, 0.076)]
    result = agreement_result(*metrics, judged_items_only={"n_items": 60, "metrics": judged})
    said = findings(ranking_result(), result, reference="the experts’ ranking")
    assert unmarked(said.shows[1]) == (
        "Scored on the 60 judged texts only, 1 of 2 agree better than chance. No longer: b."
    )
    kept = agreement_result(*metrics, judged_items_only={"n_items": 60, "metrics": metrics})
    said = findings(ranking_result(), kept, reference="the experts’ ranking")
    assert "judged texts only, they also agree better than chance" in said.shows[1]


def test_every_metric_is_counted_once_and_named_in_headline_bullets_and_report_alike() -> None:
    twins = [metric("soft_accuracy", 0.8, hypothesis="x"), metric("total_variation", 0.8, hypothesis="x")]
    stored = stored_agreement(*twins, metric("hard_f1", 0.2), metric("flat", None))
    result = load(MetricAgreementResult, stored)
    said = findings(ranking_result(), result, reference="the experts’ ranking")
    assert said.headline.startswith("1 of 2 metrics agrees with the experts’ ranking")
    counted = (
        "2 of 4 metrics are compared. 1 is a rescaled copy and counts together with its original: "
        "total variation with soft accuracy. 1 has no value: flat."
    )
    assert unmarked(said.counted) == counted
    assert unmarked(said.shows[0]).startswith(
        "soft accuracy agrees with the experts’ ranking better than chance"
    )
    assert unmarked(counted_note(result)) == counted
    told = [unmarked(sentence) for sentence in methods_of_metrics(MetricAgreement(result=stored))]
    assert told[0].startswith("4 metrics were compared with the ranking")
    assert counted in told
    assert (
        "1 of 2 metrics agreed with the ranking better than chance (p < .05 each, without correction for the number of metrics)."
        in told
    )
    assert (
        findings(
            ranking_result(), agreement_result(metric("a", 0.8)), reference="the experts’ ranking"
        ).counted
        == ""
    )


def test_with_four_methods_no_metric_can_be_shown_to_agree() -> None:
    said = headline(metric("soft_f1", 1.0, n_methods=4))
    assert "With 4 methods, no metric can agree" in said
    assert "p = .083" in said


def test_an_order_turned_upside_down_is_no_agreement() -> None:
    upside = {"value": -0.9, "interval": [-1.0, -0.7], "p": 0.001}
    stored = stored_agreement(
        metric("soft_f1", 0, kendall_tau_b=upside),
        metric("po_jsd", 0.2, kendall_tau_b={"value": 0.2, "p": 0.5}),
    )
    result = load(MetricAgreementResult, stored)
    said = findings(ranking_result(), result, reference="the experts’ ranking")
    isolates = {0x2068: None, 0x2069: None, 0x2066: None}
    assert said.headline.translate(isolates) == (
        "No metric agrees with the experts’ ranking better than chance. soft f1 ranks the methods in the opposite order."
    )
    assert "opposite order to the experts’ ranking (τ-b −0.90, −1.00 to −0.70; p < .05)" in said.shows[
        0
    ].translate(isolates)
    assert "soft" not in said.unclear[0]
    reading = agreement_figure(MetricAgreement(result=stored), [], number=1).reading
    assert "between the dashed lines: not distinguishable from chance" in reading


def test_no_answer_at_all_is_said() -> None:
    assert headline(metric("flat", None)) == "No metric could be compared with the experts’ ranking."


def test_more_methods_would_help_by_as_much_as_chance_shrinks() -> None:
    said = findings(ranking_result(), agreement_result(), reference="the experts’ ranking")
    held, helped = " ".join(said.shows), " ".join(said.next_steps)
    assert "0.41" in helped
    assert "0.56" in helped
    assert "without correction for the number of metrics" in held


def test_methods_whose_rank_is_open_are_named() -> None:
    said = findings(ranking_result(), None, reference="the experts’ ranking")
    assert said.headline == "The judgments do not show which of the top 2 methods (of 3) is best."
    assert "JSD loss" in said.unclear[0]
    assert [words[:10] for words in said.next_steps][-2:] == ["To separat", "Add texts:"]
    of_many = findings(ranking_result(n_items=60), None, reference="the experts’ ranking")
    assert of_many.next_steps == said.next_steps[:-1]


def test_methods_below_the_two_that_may_be_first_stand_below_both() -> None:
    assert unmarked(what_ranking_shows(ranking_result())[0]).endswith("ranks below the top 2 methods.")


def test_a_ranking_with_ties_as_half_wins_says_what_modelled_ties_make_of_it() -> None:
    def said(**found: Any) -> list[str]:
        other = {"model": "bradley-terry", "ties": "davidson", "undetermined": None, "leaders": ["a"]} | found
        return [
            str(one)
            for one in by_davidson(ranking_result(n_ties=9, checks=stored_checks(other_models=[other])))
        ]

    assert said(tau_b=1.0) == ["With Davidson ties the order is the same."]
    assert "τ-b 0.67 between the two). Leading: a" in unmarked(said(tau_b=2 / 3)[0])
    assert "not determined: why" in said(tau_b=None, undetermined="why")[0]
    assert by_davidson(ranking_result()) == []


def test_the_paragraph_on_methods_spells_out_what_the_intervals_are() -> None:
    said = interval_words("CR3, two-way widest of judges and items, t(J_eff - 1), 95%")
    assert said.startswith(
        "from cluster-robust standard errors (CR3), the widest of the intervals by judge, by text"
    )
    assert "J_eff" not in said
    earlier = interval_words("CR3, two-way maximum of judges and items, t(J_eff - 1), 95%")
    assert earlier.startswith(
        "from cluster-robust standard errors (CR3), the largest of those by judge, by text"
    )
    assert interval_words("bootstrap by judges") == "bootstrap by judges"


def test_an_impossible_ranking_names_its_groups_and_what_would_join_them_once() -> None:
    said = findings(
        ranking_result(
            undetermined="The methods fall into 2 groups.",
            unconnected=[["a", "b"], ["c"]],
            joins=[["a", "c"], ["c", "a"]],
        ),
        None,
        reference="the experts’ ranking",
    )
    assert said.headline == "These judgments do not determine a ranking yet."
    assert [sentence[:8] for sentence in said.unclear] == ["The 2 gr", "Group 1:", "Group 2:"]
    assert len(said.next_steps) == 1


def test_a_sentence_that_an_arabic_name_begins_runs_as_its_own_words_do() -> None:
    methods = stored_ranking(names=("كشف", "b", "c"))["methods"]
    methods[0]["rank_interval"], methods[1]["rank_interval"] = [1, 1], [2, 2]
    said = findings(ranking_result(methods=methods), None, reference="the experts’ ranking")
    assert said.headline == "\u200e\u2068كشف\u2069 ranks first of 3 methods."
    assert unmarked(said.headline) == "كشف ranks first of 3 methods."


def test_many_names_are_cut_and_the_rest_counted() -> None:
    assert "and 2 more" in listed(["a", "b", "c", "d", "e", "f"])
