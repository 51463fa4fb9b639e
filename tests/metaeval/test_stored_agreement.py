"""The schema of a stored metric agreement: what it holds, and how it reads what earlier versions stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hlv.core.stored_results import VERSION, NewerResultError, dump, load
from metaeval.models import MetricAgreement
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from tests.metaeval.grouped import make_grouped
from tests.metaeval.judged import run
from tests.metaeval.making import agreement_result, make_differences, metric, stored_agreement


@pytest.mark.django_db
def test_every_part_of_a_computed_agreement_is_read() -> None:
    run(make_grouped(met=True, automatic=True), "metaeval", n_resamples=30, seed=3)
    snapshot = MetricAgreement.objects.get()
    stored, found = snapshot.result, read_agreement(snapshot)
    assert [row.label for row in found.metrics] == [row["label"] for row in stored["metrics"]]
    assert [row.kendall_tau_b and row.kendall_tau_b.value for row in found.metrics] == [
        row["kendall_tau_b"]["value"] for row in stored["metrics"]
    ]
    assert (found.n_judges, found.resampling_unit) == (stored["n_judges"], stored["resampling_unit"])
    assert found.by_tau is not None
    assert len(found.by_tau.differences) == len(stored["differences"]["kendall_tau_b"]["differences"])
    assert found.noise_ceiling is not None
    assert found.noise_ceiling.ceiling == stored["noise_ceiling"]["ceiling"]
    assert found.without_each_method is not None
    assert found.without_each_method.metrics[0].taus
    assert found.grouped is not None
    assert [table.group for table in found.grouped.answered] == ["small", "large"]
    assert [row.label for row in found.grouped.metrics] == [row.label for row in found.metrics]
    assert found.scores is not None
    assert found.scores.of_metric("everywhere", "uploaded").values == [*range(4, 0, -1), 3, 4, 1, 2]
    program = next(row for row in found.metrics if row.origin == "automatic judge")
    assert program.judged is not None
    assert program.judged.n_judgments
    assert dump(found) == stored


EXAMPLE = Path(__file__).parent / "examples" / "metric_agreement_version_0.json"


def test_the_keys_of_version_0_stay_and_each_row_gets_its_label() -> None:
    content = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    found = load(MetricAgreementResult, content)
    stored = dump(found)
    assert (content.get(VERSION), stored[VERSION]) == (None, 1)
    assert lost(content, stored) == []
    assert load(MetricAgreementResult, stored) == found
    labels = [row["label"] for row in content["metrics"]]
    assert [row["label"] for row in stored["groups"]["metrics"]] == labels
    assert "against" not in stored


def lost(before: Any, after: Any, path: str = "") -> list[str]:
    """The paths of the values of `before` that `after` does not have."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            one
            for key, member in before.items()
            for one in lost(member, after.get(key, ...), f"{path}.{key}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [one for n, member in enumerate(before) for one in lost(member, after[n], f"{path}[{n}]")]
    return [] if before == after else [path]


def test_version_0_may_lack_labels_and_held_sets_of_metrics_as_groups() -> None:
    row = {"name": "m", "kendall_tau_b": {"value": 0.5}}
    found = load(MetricAgreementResult, {"metrics": [row], "groups": [["m"]]})
    assert (found.metrics[0].label, found.metrics[0].hypothesis, found.groups) == ("m", "m", None)


def test_version_0_told_in_a_sentence_alone_what_a_prior_solved() -> None:
    rule = "Resampling interval; 666 without a ranking of their own were solved with a weak prior."
    (row,) = agreement_result(metric("m", 0.5, interval_rule=rule)).metrics
    assert row.n_resamples_with_prior == 666
    (row,) = agreement_result(metric("m", 0.5, interval_rule=rule, n_resamples_with_prior=5)).metrics
    assert row.n_resamples_with_prior == 5


def test_an_agreement_of_a_newer_version_is_refused_by_name() -> None:
    with pytest.raises(NewerResultError, match=r"^This metric agreement was stored by a newer version"):
        load(MetricAgreementResult, stored_agreement(schema_version=99))


def test_the_best_that_was_compared_need_not_be_the_best_of_all() -> None:
    assert agreement_result(**make_differences()).best_is_best_of_all
    lone = agreement_result(metric("lone", 0.95), metric("soft_f1", 0.89), **make_differences())
    assert not lone.best_is_best_of_all
    assert not agreement_result().best_is_best_of_all


def test_what_a_later_version_adds_without_a_new_schema_is_passed_over() -> None:
    found = agreement_result(
        metric("m", 0.5, kendall_tau_b={"value": 0.5, "later": 1}),
        differences={"kendall_tau_b": {"methods_like_these": {"undetermined": "Too few.", "later": {}}}},
        later={"than": "this"},
    )
    assert found.by_tau is not None
    assert found.by_tau.methods_like_these is not None
    assert found.by_tau.methods_like_these.undetermined == "Too few."
    assert (found.interval_method, found.by_tau.smallest_adjusted_p, found.identical) == (None, None, [])
