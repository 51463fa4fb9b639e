"""hlv segment-agreement: uploaded metrics against an uploaded human score of texts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr

from annotations.models import Import, Study
from annotations.selectors.distributions import label_table
from hlv.core.stored_results import dump
from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.registry import METRICS
from metaeval.models import Metric, MetricScore, SupplementaryAnalysis
from metaeval.results.segment_agreement import read_segments
from metaeval.selectors.outputs import output_arrays
from tests.hlv.commands import failure, refusal, run
from tests.making import (
    make_import,
    make_items,
    make_methods,
    make_outputs,
    make_study,
    make_uploaded_metric,
)
from tests.metaeval.test_results import make_labelled

pytestmark = pytest.mark.django_db

ASK = ("--n-resamples=40", "--seed=3", "--json")


def make_scored(n_systems: int = 7, n_items: int = 12) -> tuple[Study, dict[str, FloatArray]]:
    """Scores of texts by people, by a metric and by a loss; a score is missing."""
    generator = np.random.default_rng(5)
    quality = np.linspace(-1, 1, n_systems)[:, None] + generator.normal(size=(n_systems, n_items))
    tables = {
        "people": np.round(quality + generator.normal(size=quality.shape)),
        "metric": quality + generator.normal(size=quality.shape),
    }
    tables["loss"] = -tables["metric"]
    tables["metric"][2, 3] = np.nan
    study = make_study(task=Study.Task.NONE, labels=())
    methods = make_methods(study, [f"system {place}" for place in range(n_systems)])
    items = make_items(study, n_items)
    for place, item in enumerate(items):
        item.metadata = {"document": f"d{place // 2}"}
        item.save()
    batch = make_import(study, Import.Kind.SCORES)
    for name, table in tables.items():
        metric = Metric.objects.create(
            study=study, name=name, origin=Metric.Origin.UPLOADED, higher_is_better=name != "loss"
        )
        MetricScore.objects.bulk_create(
            MetricScore(metric=metric, method=method, item=item, value=float(value), import_batch=batch)
            for method, row in zip(methods, table, strict=True)
            for item, value in zip(items, row, strict=True)
            if not np.isnan(value)
        )
    return study, tables


def upload(study: Study, name: str, table: FloatArray, *, higher_is_better: bool = True) -> None:
    metric = Metric.objects.create(
        study=study, name=name, origin=Metric.Origin.UPLOADED, higher_is_better=higher_is_better
    )
    batch = make_import(study, Import.Kind.SCORES)
    MetricScore.objects.bulk_create(
        MetricScore(metric=metric, method=method, item=item, value=float(value), import_batch=batch)
        for method, row in zip(study.methods.order_by("position"), table, strict=True)
        for item, value in zip(study.items.order_by("position"), row, strict=True)
    )


def test_the_table_has_the_means_of_scipy() -> None:
    study, tables = make_scored()

    found = json.loads(run("segment-agreement", study.slug, "--against=people", *ASK))

    metric = {entry["name"]: entry for entry in found["metrics"]}
    assert set(metric) == {"metric", "loss"}
    both = ~np.isnan(tables["metric"])
    columns = [
        (tables["metric"][there, place], tables["people"][there, place]) for place, there in enumerate(both.T)
    ]
    per_text = metric["metric"]["groupings"]["item"]
    assert per_text["coefficients"]["kendall_tau_b"]["value"] == pytest.approx(
        np.mean([kendalltau(*column).statistic for column in columns])
    )
    assert (per_text["n_cells"], per_text["n_missing"], per_text["n_items"]) == (83, 1, 12)
    low, high = per_text["coefficients"]["pearson"]["interval"]
    assert low < per_text["coefficients"]["pearson"]["value"] < high
    means = [np.nanmean(np.where(both, tables[name], np.nan), axis=1) for name in ("metric", "people")]
    assert metric["metric"]["systems"]["full"]["pearson"] == pytest.approx(pearsonr(*means).statistic)
    assert metric["metric"]["soft"]["n_items"] == 11
    # A loss is reversed: where it is the metric's negative, it agrees as well.
    assert metric["loss"]["systems"]["full"]["pearson"] > 0.5
    assert found["systems"][0]["name"] == f"system {int(np.argmax(means[1]))}"


def test_metrics_are_tested_against_one_another_and_a_copy_is_no_other_metric() -> None:
    study, tables = make_scored()
    noise = np.random.default_rng(9).normal(size=tables["people"].shape)
    upload(study, "noise", noise)

    found = json.loads(run("segment-agreement", study.slug, "--against=people", *ASK))

    tau = next(one for one in found["differences"] if one["coefficient"] == "kendall_tau_b")
    # The cell that a metric lacks enters for none: the loss is then the same metric as its negative.
    (pair,) = tau["pairs"]
    assert sorted([pair["first"], pair["second"]]) == [["metric", "loss"], ["noise"]]
    signed = {"metric": tables["metric"], "noise": noise}
    there = ~np.isnan(tables["metric"])
    per_text = {
        name: [
            kendalltau(table[kept, place], tables["people"][kept, place]).statistic
            for place, kept in enumerate(there.T)
        ]
        for name, table in signed.items()
    }
    expected = np.mean(per_text["metric"]) - np.mean(per_text["noise"])
    assert abs(pair["difference"]) == pytest.approx(abs(expected))
    assert (tau["exact"], tau["n_permutations"], tau["n_cells"]) == (True, 4096, 83)
    details = " ".join(run("segment-agreement", study.slug, "--against=people", "--details").split())
    assert "Null hypothesis: on each of them the two metrics agree equally well with people" in details


def test_built_in_metrics_are_compared_too() -> None:
    study = make_study()
    make_labelled(study)
    methods = make_methods(study, ["a", "b", "c"])
    make_outputs(methods, list(study.items.all()))
    values = np.random.default_rng(3).normal(size=(3, study.items.count()))
    upload(study, "people", values)

    found = json.loads(run("segment-agreement", study.slug, "--against=people", "--metric=po_jsd", *ASK))

    (metric,) = found["metrics"]
    assert (metric["name"], metric["origin"], metric["label"]) == (
        "po_jsd",
        "built-in",
        METRICS["po_jsd"].label,
    )
    table = label_table(study)
    shares = table.counts / table.n_annotators[:, None]
    outputs = output_arrays(study, methods=methods, item_ids=table.item_ids)
    of_items = np.array(
        [
            [METRICS["po_jsd"].score(shares[[n]], output[[n]], task="multilabel") for n in range(len(shares))]
            for output in outputs.mean
        ]
    )
    taus = [
        kendalltau(of_items[:, n], values[:, n]).statistic
        for n in range(len(shares))
        if np.ptp(of_items[:, n]) > 1e-12
    ]
    tau = metric["groupings"]["item"]["coefficients"]["kendall_tau_b"]
    assert tau["value"] == pytest.approx(np.mean(taus))
    assert "no mean over texts" in failure(
        "segment-agreement", study.slug, "--against=people", "--metric=entropy_correlation"
    )


def test_the_snapshot_says_what_was_computed_from_which_data() -> None:
    study, _ = make_scored()
    ask = ("segment-agreement", study.slug, "--against=people", "--block-by=document", *ASK)

    run(*ask)
    first = SupplementaryAnalysis.objects.latest("pk")
    run(*ask)
    again = SupplementaryAnalysis.objects.latest("pk")

    assert again.pk != first.pk
    assert (again.result, again.data_fingerprint) == (first.result, first.data_fingerprint)
    assert dump(read_segments(first)) == first.result
    assert first.parameters == {
        "against": "people", "metrics": ["metric", "loss"], "unit": "items", "block_by": "document",
        "n_resamples": 40, "seed": 3,
    }  # fmt: skip
    assert first.against is not None
    assert first.against.name == "people"
    assert first.figures.filter(name="segment-agreement", theme="light", media_type="image/svg+xml").exists()
    item = study.items.order_by("position")[0]
    item.metadata = {"document": "d5"}
    item.save()
    run(*ask)
    assert SupplementaryAnalysis.objects.latest("pk").data_fingerprint != first.data_fingerprint


def test_a_human_score_that_is_better_when_low_is_turned() -> None:
    study, tables = make_scored()
    upload(study, "errors", -tables["people"], higher_is_better=False)

    upright, turned = (
        json.loads(run("segment-agreement", study.slug, f"--against={name}", "--metric=metric", *ASK))
        for name in ("people", "errors")
    )

    assert turned["metrics"][0]["groupings"] == upright["metrics"][0]["groupings"]
    assert [one["name"] for one in turned["systems"]] == [one["name"] for one in upright["systems"]]
    assert turned["systems"][0]["mean"] == -upright["systems"][0]["mean"]


def test_documents_are_drawn_whole() -> None:
    study, _ = make_scored()

    alone, together = (
        json.loads(run("segment-agreement", study.slug, "--against=people", "--metric=metric", *ASK, *extra))
        for extra in ((), ("--documents=document",))
    )

    intervals = [
        found["metrics"][0]["groupings"]["item"]["coefficients"]["pearson"]["interval"]
        for found in (alone, together)
    ]
    assert intervals[0] != intervals[1]


def test_means_over_language_pairs_are_weighted() -> None:
    pairs = [make_scored()[0], make_scored(n_systems=6, n_items=9)[0]]
    slugs = [study.slug for study in pairs]

    found = json.loads(run("segment-agreement", slugs[0], "--against=people", f"--and={slugs[1]}=3", *ASK))

    alone = [json.loads(run("segment-agreement", slug, "--against=people", *ASK)) for slug in slugs]
    assert [found["studies"][slug]["metrics"] for slug in slugs] == [one["metrics"] for one in alone]
    values = [
        (entry["soft"]["value"], entry["groupings"]["item"]["coefficients"]["calibrated_accuracy"]["value"])
        for entry in (one["metrics"][0] for one in alone)
    ]
    soft, accuracy = ((first + 3 * second) / 4 for first, second in zip(*values, strict=True))
    mean = found["means"][0]
    assert (mean["soft"], mean["accuracy"], mean["both"]) == pytest.approx(
        (soft, accuracy, (soft + accuracy) / 2)
    )
    out = run("segment-agreement", slugs[0], "--against=people", f"--and={slugs[1]}", "--n-resamples=10")
    # Without a weight both studies count equally.
    assert (
        f"{np.mean([value for pair in values for value in pair]):.3f}" in out.split("Weighted means over")[1]
    )
    for weight in ("0", "-1", "nan", "many"):
        assert "weight" in refusal(
            "segment-agreement", slugs[0], "--against=people", f"--and={slugs[1]}={weight}"
        )


def test_tables_name_what_was_drawn() -> None:
    study, _ = make_scored()

    out = run(
        "segment-agreement",
        study.slug,
        "--against=people",
        "--n-resamples=20",
        "--documents=document",
        "--details",
    )

    for words in (
        "Per text, over systems",
        "Mean scores of systems",
        "SPA by chance",
        "20 bootstrap resamples of documents",
    ):
        assert words in " ".join(out.split())


def test_a_score_without_texts_is_refused() -> None:
    study, _ = make_scored()
    whole = make_uploaded_metric(study, list(study.methods.all()), [0.0] * 7)

    assert "No uploaded score is called 'mqm'" in refusal("segment-agreement", study.slug, "--against=mqm")
    assert "no values of texts" in failure("segment-agreement", study.slug, f"--against={whole.name}")
    assert "no values of texts" in failure(
        "segment-agreement", study.slug, "--against=people", f"--metric={whole.name}"
    )
    assert "12 of 12 texts have no value" in failure(
        "segment-agreement", study.slug, "--against=people", "--documents=chapter"
    )
