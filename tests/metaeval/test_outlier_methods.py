"""Agreement without outlier methods and without a direction, on the data of WMT19."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.urls import reverse

from annotations.models import Study
from hlv.core.stored_results import load
from metaeval.exporters.results import agreement_rows
from metaeval.findings.outlier_tables import OUTLIER_HEADER, outlier_rows, outliers_table
from metaeval.models import MetricAgreement
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from tests.hlv.commands import run
from tests.making import make_methods, make_participant, make_study, make_uploaded_metric
from tests.metaeval.making import agreement_result, signed_in
from tests.metaeval.several_campaigns import make_several
from tests.published import wmt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

SEED = "--seed=3"


def make_wmt19() -> Study:
    """22 systems, two of which the authors of the rule leave out."""
    study = make_study(task="none", labels=(), slug="wmt")
    methods = make_methods(study, [f"system {place}" for place in range(22)])
    for name, values in (
        ("human", wmt.WMT19_EN_DE_HUMAN),
        ("BLEU", wmt.WMT19_EN_DE_BLEU),
        ("error rate", [-value for value in wmt.WMT19_EN_DE_SACREBLEU]),
        ("constant", [1.0] * 22),
    ):
        metric = make_uploaded_metric(study, methods, values)
        metric.name = name
        metric.save()
    return study


def metaeval(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("metaeval", "wmt", "--against=human", SEED, *words, "--json"))
    return found


def by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows}


def test_wmt19_without_its_outliers_beside_the_full_result() -> None:
    make_wmt19()

    found = metaeval()

    outliers = found["outliers"]
    assert list(outliers["outliers"]) == [f"system {place}" for place in wmt.WMT19_EN_DE_OUTLIERS]
    # By hand: the median is .0875, the median distance from it .123; (-1.769 - .0875) / (1.4826 x .123) = -10.18.
    assert list(outliers["outliers"].values()) == pytest.approx([-10.18042, -2.67329], abs=5e-6)
    assert len(outliers["methods"]) == 20
    # As printed by WMT19, and by the authors of the rule.
    full, without = by_name(found["metrics"]), by_name(outliers["metrics"])
    assert full["BLEU"]["pearson"]["value"] == pytest.approx(wmt.WMT19_EN_DE_R["BLEU"], abs=5e-4)
    assert full["error rate"]["pearson"]["value"] == pytest.approx(-0.9693612728, abs=1e-9)
    assert without["error rate"]["pearson"]["value"] == pytest.approx(-0.8061972638, abs=1e-9)
    assert without["BLEU"]["n_methods"] == 20
    assert without["constant"]["undetermined"]
    assert outliers["chance"]["constant"] is None
    # Leaving both out by name is the same computation.
    named = by_name(metaeval("--without-methods", "system 10", "system 16")["metrics"])
    for name in ("BLEU", "error rate"):
        for coefficient in ("kendall_tau_b", "spearman", "pearson", "pairwise_accuracy"):
            assert without[name][coefficient] == named[name][coefficient]


def test_the_table_has_strengths_with_the_image_of_the_interval() -> None:
    make_wmt19()
    words = " ".join(run("metaeval", "wmt", "--against=human", SEED, "--details").split())

    assert "system 10 (−10.2) and system 16 (−2.7)" in words
    assert "By the rule of WMT, these methods are outliers: system 10, system 16." in words
    result = read_agreement(MetricAgreement.objects.latest("pk"))
    table = outliers_table(result)
    assert table is not None
    rows = {row.head: [cell.value for cell in row.cells] for row in table.rows}
    linear, strength, chance, n_left, tau, their_r, their_strength, their_chance = rows["error rate"]
    assert (linear, their_r) == (pytest.approx(-0.96936, abs=5e-6), pytest.approx(-0.80620, abs=5e-6))
    assert (strength, their_strength, n_left) == (-float(linear), -float(their_r), 20)  # type: ignore[arg-type]
    assert isinstance(tau, float)
    assert tau < 0
    # E|r| of unrelated scores is near .17 with 22 systems, and .18 with 20.
    assert 0.1 < float(chance) < 0.25  # type: ignore[arg-type]
    assert 0.15 < float(their_chance) < 0.22  # type: ignore[arg-type]


def test_the_file_has_every_digit_of_both_sets_of_methods(tmp_path: Path) -> None:
    study = make_wmt19()
    metaeval()
    result = read_agreement(MetricAgreement.objects.latest("pk"))

    rows = [dict(zip(OUTLIER_HEADER, row, strict=True)) for row in outlier_rows(result, against="human")]

    # Three metrics, two sets of methods, three statistics.
    assert len(rows) == 18
    strengths = {
        (row["metric"], row["methods"]): row["value"]
        for row in rows
        if row["statistic"] == "absolute_pearson"
    }
    assert strengths["error rate", "without_outliers"] == pytest.approx(0.8061972638, abs=1e-9)
    assert {row["outliers"] for row in rows} == {"system 10; system 16"}
    run("export", study.slug, tmp_path / "out")
    with (tmp_path / "out" / "metric-outliers.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["statistic"] for row in written] == [row["statistic"] for row in rows]
    assert next(agreement_rows(result, against="human"))[4] == "kendall_tau_b"


def test_methods_without_an_outlier_have_one_half_of_the_table() -> None:
    study = make_several("one", {"accuracy": range(7)}, {"near": [7.0, 6, 5, 4, 3, 1, 2]})
    run("metaeval", "one", "--n-resamples=60", SEED)
    result = read_agreement(MetricAgreement.objects.get())

    table = outliers_table(result)

    assert result.outliers is not None
    assert (result.outliers.outliers, result.outliers.metrics) == ({}, [])
    assert table is not None
    assert "No method is an outlier by the rule of WMT." in table.note
    assert [len(row.cells) for row in table.rows] == [3]
    client = signed_in(make_participant(study, "researcher"))
    campaign = study.campaigns.get()
    page = client.get(reverse("campaign-results", args=[campaign.uuid])).content.decode()
    assert "Outliers and |r|" in page
    reply = client.get(reverse("campaign-table", args=[campaign.uuid, "metric-outliers"]))
    assert [row["methods"] for row in csv.DictReader(StringIO(reply.content.decode()))] == ["all"] * 3


def test_where_the_rule_does_not_apply_the_reason_is_there() -> None:
    study = make_study(task="none", labels=(), slug="wmt")
    methods = make_methods(study, ["a", "b", "c", "d", "e"])
    for name, values in (("human", [1.0, 1, 1, 2, 3]), ("metric", [5.0, 4, 3, 2, 1])):
        metric = make_uploaded_metric(study, methods, values)
        metric.name = name
        metric.save()

    outliers = metaeval()["outliers"]

    assert "the median absolute deviation is 0" in outliers["undetermined"]
    assert (outliers["outliers"], outliers["metrics"]) == ({}, [])
    # |r| needs no rule.
    strengths = [abs(np.corrcoef([1.0, 1, 1, 2, 3], row)[0, 1]) for row in _orders([5.0, 4, 3, 2, 1])]
    assert outliers["chance"]["metric"] == pytest.approx(np.mean(strengths), abs=1e-12)


def _orders(values: list[float]) -> list[list[float]]:
    if len(values) < 2:
        return [values]
    return [
        [first, *rest]
        for place, first in enumerate(values)
        for rest in _orders([*values[:place], *values[place + 1 :]])
    ]


def test_an_earlier_snapshot_has_no_table() -> None:
    result = agreement_result()
    assert result.outliers is None
    assert outliers_table(result) is None
    assert list(outlier_rows(result, against="accuracy")) == []
    assert load(MetricAgreementResult, {"metrics": []}).outliers is None
