"""Sentences on which metrics agree with people: what is counted, corrected, and left unclear."""

from __future__ import annotations

from typing import Any

from hlv.core.rendering.sentences import unmarked
from metaeval.findings.agreement_findings import (
    AgreementRead,
    agreement_headline,
    agreement_read,
    compared_with_one_another,
    counted_metrics,
    what_agreement_leaves_unclear,
    what_agreement_shows,
    what_improves_agreement,
)
from metaeval.results.metric_agreement import MetricAgreementResult
from tests.metaeval.making import agreement_result, make_differences, metric


def row(name: str, tau: float, p: float | None, **more: Any) -> dict[str, Any]:
    measure = {"value": tau, "interval": [tau - 0.05, tau + 0.05], "p": p}
    return metric(name, tau, kendall_tau_b=measure, **more)


def headline(result: MetricAgreementResult) -> str:
    return unmarked(agreement_headline(agreement_read(result), result, reference="the experts"))


def shown(*rows: dict[str, Any], **more: Any) -> list[str]:
    read = agreement_read(agreement_result(*rows, **more))
    return [unmarked(sentence) for sentence in what_agreement_shows(read, reference="the experts")]


def names(read: AgreementRead) -> list[list[str]]:
    return [[one.name for one in rows] for rows in (read.beyond, read.against, read.within, read.after_holm)]


def test_a_significant_negative_tau_is_no_agreement() -> None:
    read = agreement_read(agreement_result(row("a", 0.9, 0.001), row("b", -0.9, 0.001), row("c", 0.3, 0.05)))
    assert names(read) == [["a"], ["b"], ["c"], ["a"]]


def test_holm_correction_counts_all_compared_metrics() -> None:
    # 0.02 times 3 is 0.06; 0.04 follows it.
    read = agreement_read(agreement_result(row("a", 0.9, 0.02), row("b", 0.8, 0.04), row("c", 0.1, 0.9)))
    assert names(read)[0] == ["a", "b"]
    assert names(read)[3] == []
    # 0.01 times 3 is 0.03, 0.04 times 2 is 0.08.
    read = agreement_read(agreement_result(row("a", 0.9, 0.01), row("b", 0.8, 0.04), row("c", 0.1, 0.9)))
    assert names(read)[3] == ["a"]


def test_a_metric_without_a_p_value_is_kept() -> None:
    read = agreement_read(agreement_result(row("a", 0.95, None), row("b", 0.8, 0.04), row("c", 0.7, 0.04)))
    assert names(read)[3] == ["a"]


def test_the_headline_without_a_metric() -> None:
    assert headline(agreement_result(metric("flat", None))) == "No metric could be compared with the experts."


def test_few_methods_cannot_show_agreement() -> None:
    # Of three methods the same order has p = 2 / 3!.
    result = agreement_result(row("a", 1.0, 0.333, n_methods=3), row("b", 0.3, 1.0, n_methods=3))
    assert headline(result).startswith(
        "With 3 methods, no metric can agree with the experts better than chance"
    )
    assert "p = .333" in headline(result)


def test_the_headline_names_metrics_in_the_opposite_order() -> None:
    assert headline(agreement_result(row("a", -0.9, 0.001), row("b", 0.1, 0.8))) == (
        "No metric agrees with the experts better than chance. a ranks the methods in the opposite order."
    )


def test_the_headline_of_metrics_within_chance() -> None:
    assert headline(agreement_result(row("a", 0.1, 0.8))) == (
        "The metric does not agree with the experts better than chance."
    )
    assert headline(agreement_result(row("a", 0.1, 0.8), row("b", 0.2, 0.6))) == (
        "None of 2 metrics agrees with the experts better than chance."
    )


def test_the_headline_of_one_metric() -> None:
    assert headline(agreement_result(row("a", 0.9, 0.001))) == (
        "The only metric agrees with the experts better than chance."
    )
    assert headline(agreement_result(row("a", 0.9, 0.001), row("b", 0.1, 0.9))) == (
        "1 of 2 metrics agrees with the experts better than chance."
    )


def test_the_headline_counts_again_after_holm_correction() -> None:
    result = agreement_result(row("a", 0.9, 0.001), row("b", 0.85, 0.04), row("c", 0.1, 0.9))
    assert headline(result) == (
        "2 of 3 metrics agree with the experts better than chance (1 after Holm correction). The data do not show "
        "which one agrees best."
    )


def test_one_metric_is_the_best_where_all_intervals_are_below_its_own() -> None:
    result = agreement_result(row("a", 0.9, 0.001), row("b", 0.79, 0.001))
    assert headline(result).endswith("better than chance. a agrees best.")
    result = agreement_result(row("a", 0.9, 0.001), row("b", 0.81, 0.001))
    assert headline(result).endswith("The data do not show which one agrees best.")


def test_tests_of_differences_name_the_best() -> None:
    rows = [metric("soft_f1", 0.89), metric("po_jsd", 0.78), metric("hard_f1", 0.28)]
    assert headline(agreement_result(*rows, **make_differences(near=0.01))).endswith("soft f1 agrees best.")
    assert headline(agreement_result(*rows, **make_differences(near=0.4))).endswith(
        "The data do not show which one agrees best."
    )


def test_copies_and_undefined_metrics_are_counted_once() -> None:
    read = agreement_read(
        agreement_result(
            row("a", 0.9, 0.001, hypothesis="x"),
            row("copy", 0.9, 0.001, hypothesis="x"),
            metric("flat", None),
        )
    )
    assert unmarked(counted_metrics(read.counts)) == (
        "1 of 3 metrics is compared. 1 is a rescaled copy and counts together with its original: copy with a. "
        "1 has no value: flat."
    )


def test_nothing_is_said_where_all_metrics_count() -> None:
    assert counted_metrics(agreement_read(agreement_result(row("a", 0.9, 0.001))).counts) == ""


def test_metrics_left_out_of_the_comparison_have_their_reason() -> None:
    rows = [
        metric(name, tau)
        for name, tau in (("soft_f1", 0.89), ("po_jsd", 0.78), ("hard_f1", 0.28), ("flat", 0.1))
    ]
    result = agreement_result(*rows, **make_differences())
    found = compared_with_one_another(agreement_read(result).counts, result)
    assert unmarked(found).endswith(
        "metrics are also compared with each other. Left out: flat (it is constant)."
    )
    result = agreement_result(*rows[:3], **make_differences())
    assert compared_with_one_another(agreement_read(result).counts, result) == ""
    assert compared_with_one_another(agreement_read(agreement_result()).counts, agreement_result()) == ""


def test_what_is_shown_has_the_range_and_the_correction() -> None:
    assert shown(row("a", 0.9, 0.001), row("b", 0.7, 0.04), row("c", 0.1, 0.9), row("d", -0.9, 0.001)) == [
        "a and b agree with the experts better than chance (τ-b 0.70 to 0.90; p < .05 each, without correction for "
        "the number of metrics). After Holm correction for all 4 metrics, these remain significant: a.",
        "d ranks the methods in the opposite order to the experts (τ-b −0.90, −0.95 to −0.85; p < .05). Check its "
        "direction: is higher or lower better?",
    ]


def test_a_single_metric_needs_no_correction() -> None:
    assert shown(row("a", 0.9, 0.001)) == [
        "a agrees with the experts better than chance (τ-b 0.90, 0.85 to 0.95; p < .05, without correction for the "
        "number of metrics)."
    ]


def test_metrics_that_lose_their_agreement_on_judged_texts_are_named() -> None:
    rows = [row("a", 0.9, 0.001), row("b", 0.8, 0.001)]
    judged = [row("a", 0.9, 0.001), row("b", 0.2, 0.5)]
    assert shown(*rows, judged_items_only={"n_items": 1200, "metrics": judged})[1] == (
        "Scored on the 1,200 judged texts only, 1 of 2 agree better than chance. No longer: b."
    )
    assert shown(*rows, judged_items_only={"n_items": 12, "metrics": rows})[1] == (
        "Scored on the 12 judged texts only, they also agree better than chance."
    )


def test_what_remains_unclear_has_the_border_of_chance() -> None:
    read = agreement_read(agreement_result(row("a", 0.9, 0.001), row("b", 0.1, 0.9, n_methods=5)))
    first, border, fewer = map(unmarked, what_agreement_leaves_unclear(read))
    assert first == "The data do not show whether b agrees with the ranking better than chance."
    # Of nine methods 36 pairs: tau-b of 18 / 36 has p = .075, of 20 / 36 p = .045.
    assert border == "With 9 methods, a τ-b of 0.50 or less is not distinguishable from chance."
    assert fewer == "A metric that scores fewer methods needs a higher τ-b."


def test_more_methods_are_advised_where_none_can_show_agreement() -> None:
    read = agreement_read(agreement_result(row("a", 1.0, 0.333, n_methods=3)))
    (advice,) = map(unmarked, what_improves_agreement(read))
    # Of eight methods 28 pairs: 16 / 28 has p = .061, 18 / 28 p = .031.
    assert advice == "Add methods: with 8, a τ-b of 0.64 is significant."
    assert what_improves_agreement(agreement_read(agreement_result(metric("flat", None)))) == []
