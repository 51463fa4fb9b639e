"""hlv segment-agreement: uploaded metrics against an uploaded human score of texts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr

from annotations.models import Import, Study
from hlv.stats.arrays import FloatArray
from metaeval.models import Metric, MetricScore
from tests.hlv.commands import refusal, run
from tests.making import make_import, make_items, make_methods, make_study, make_uploaded_metric

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
    assert [found["studies"][slug] for slug in slugs] == alone
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
    assert "no values of texts" in refusal("segment-agreement", study.slug, f"--against={whole.name}")
    assert "no values of texts" in refusal(
        "segment-agreement", study.slug, "--against=people", f"--metric={whole.name}"
    )
    assert "12 of 12 texts have no value" in refusal(
        "segment-agreement", study.slug, "--against=people", "--documents=chapter"
    )
