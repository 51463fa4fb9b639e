"""hlv metaeval: what the second tests of two metrics suppose, as they are asked for and named."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError
from scipy import stats

from annotations.models import Job, Study
from hlv.core.rendering.numbers import p_text
from hlv.core.rendering.sentences import unmarked
from hlv.stats.meta_evaluation.paired_permutation import SWAP_NULLS
from metaeval.exporters.results import difference_rows
from metaeval.findings.difference_tables import differences_table
from metaeval.findings.methods_of_metrics import methods_of_metrics
from metaeval.models import MetricAgreement
from metaeval.results.metric_agreement import read_agreement
from tests.hlv.commands import run
from tests.making import (
    make_campaign,
    make_methods,
    make_outputs,
    make_participant,
    make_study,
    make_uploaded_metric,
)
from tests.metaeval.making import signed_in
from tests.metaeval.test_agreement_diagnostics import judge_all, make_judged
from tests.metaeval.test_results import make_labelled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

ASK = ("--n-resamples=60", "--seed=3")


def make_scored() -> Study:
    """A study with labels and with outputs of four methods that were judged."""
    study = make_study()
    make_labelled(study)
    methods = make_methods(study, ["a", "b", "c", "d"])
    judge_all(make_campaign(study), methods)
    make_outputs(methods, list(study.items.all()))
    return study


@pytest.mark.parametrize(
    ("null", "test", "words"),
    [
        ("methods-xor-items", "PERM-BOTH", "for a random method or a random text, but not both"),
        ("cells", "PERM-BOTH", "each score of a method on a text independently"),
        ("methods", "PERM-SYSTEMS", "whole methods, with all their texts"),
    ],
)
def test_the_null_hypothesis_of_exchanging_is_asked_for_kept_and_named(
    null: str, test: str, words: str
) -> None:
    study = make_scored()
    out = run(
        "metaeval", study.slug, *ASK, "--details", *([] if null == SWAP_NULLS[0] else [f"--null={null}"])
    )
    kept = MetricAgreement.objects.get()
    assert kept.parameters["null"] == null
    found = kept.result["differences"]["kendall_tau_b"]
    assert found["null"] == null
    second = [pair["second_test"] for pair in found["differences"] if pair["second_test"]]
    assert {row["test"] for row in second} == {test}
    # of four methods there are 16 exchanges of whole ones
    times = "all 16 permutations" if null == "methods" else "9,999 permutations"
    said = f"{test} permutes scores under the null hypothesis “{null}” ({words}), {times}"
    for place in (out, *(unmarked(" ".join(methods_of_metrics(kept))),)):
        assert said in " ".join(place.split())
    table = differences_table(read_agreement(kept))
    assert table is not None
    assert said in table.note
    assert f"Adjusted p of {test} (τ-b)" in table.heads
    # exchanging whole methods keeps to its level, but of four methods two orders in sixteen are as they were
    assert ("In simulations with equally good metrics, PERM-BOTH" in table.note) == (test == "PERM-BOTH")
    assert ("With permutations of 4 whole methods, no p can be below .125" in table.note) == (
        null == "methods"
    )
    assert null != "methods" or min(row["p"] for row in second) >= 0.125
    assert ("It cannot decide: the smallest possible adjusted p" in table.note) == (null == "methods")
    assert f"Null hypothesis of {test}, for " in table.note
    assert "Null hypothesis of p, for these methods" in " ".join(out.split())
    # four methods cannot stand for others
    assert "No conclusion for methods like these: 4 methods are too few." in " ".join(out.split())


def test_the_null_hypotheses_give_other_p_of_the_same_differences() -> None:
    study = make_scored()
    p: dict[str, list[float]] = {}
    for null in SWAP_NULLS:
        result = json.loads(run("metaeval", study.slug, *ASK, f"--null={null}", "--json"))
        assert result["parameters"]["null"] == null
        pairs = result["differences"]["kendall_tau_b"]["differences"]
        p[null] = [pair["second_test"]["p"] for pair in pairs if pair["second_test"]]
        assert [pair["p"] for pair in pairs if pair["second_test"]] != p[null]
    assert len({tuple(values) for values in p.values()}) == len(SWAP_NULLS)


def test_an_unknown_null_hypothesis_is_refused_by_the_command_and_by_the_job() -> None:
    study = make_scored()
    with pytest.raises(CommandError, match="invalid choice: 'systems'"):
        run("metaeval", study.slug, "--null=systems")
    assert not Job.objects.exists()


def test_what_is_computed_again_exchanges_as_before() -> None:
    study = make_scored()
    run("metaeval", study.slug, *ASK, "--null=methods")
    ranking, campaign = MetricAgreement.objects.get().ranking, study.campaigns.get()
    assert ranking is not None
    client = signed_in(make_participant(study, "researcher"))
    again = {"campaign": campaign.uuid, "again": ranking.uuid, "seed": "same", "then": "1"}
    client.post(f"/studies/{study.uuid}/compute/", again)
    assert Job.objects.get(state="queued").params["null"] == "methods"


def test_williams_t_stands_beside_the_pearson_differences_with_what_it_assumes() -> None:
    campaign, methods = make_judged()
    scores: list[list[float | None]] = [[4, 3, 2, 1.5], [3, 4, 1.5, 2], [1, 2, 4, 3]]
    for values in scores:
        make_uploaded_metric(campaign.study, methods, values)
    out = run("metaeval", campaign.study.slug, *ASK, "--details")
    assert (
        "Williams’ t of the Pearson correlations (1 d.f.) finds a significant difference in 0 of 3 pairs of metrics."
        in out
    )
    assert "assumes independent methods, normal scores" in out
    snapshot = MetricAgreement.objects.get()
    kept, result = snapshot.result, read_agreement(snapshot)
    people = kept["scores"]["human"]["values"]
    pairs = kept["differences"]["pearson"]["differences"]
    for pair, (i, j) in zip(pairs, ((0, 1), (0, 2), (1, 2)), strict=True):
        assert pair["williams"] == pytest.approx(by_hand(people, scores[i], scores[j]) | {"undetermined": None,
            "adjusted_p": pair["williams"]["adjusted_p"]})  # fmt: skip
        assert pair["williams"]["adjusted_p"] >= pair["williams"]["p"]
    assert "williams" not in kept["differences"]["kendall_tau_b"]["differences"][0]
    table = differences_table(result)
    assert table is not None
    assert table.heads[-1] == "Adjusted p of Williams’ t (Pearson)"
    assert all("1 d.f." in row.cells[-1].note for row in table.rows)
    rows = [row for row in difference_rows(result, against="taste") if row[7] == "Williams' t"]
    assert [row[8] for row in rows] == [pair["williams"]["p"] for pair in pairs]


def by_hand(people: list[float], first: list[Any], second: list[Any]) -> dict[str, float]:
    """Williams (1959) as Steiger (1980) writes it, of the determinant of the three correlations."""
    r = np.corrcoef([people, first, second])
    n, mean = len(people), (r[0, 1] + r[0, 2]) / 2
    below = 2 * (n - 1) / (n - 3) * np.linalg.det(r) + mean**2 * (1 - r[1, 2]) ** 3
    t = (r[0, 1] - r[0, 2]) * np.sqrt((n - 1) * (1 + r[1, 2]) / below)
    return {"t": t, "degrees": n - 3, "p": 2 * stats.t.sf(abs(t), n - 3)}


def test_of_three_methods_williams_t_has_a_reason_instead(tmp_path: Path) -> None:
    campaign, methods = make_judged()
    for values in ([4, 3, 2, None], [3, 4, 1.5, None]):
        make_uploaded_metric(campaign.study, methods, values)
    assert "Williams" not in run("metaeval", campaign.study.slug, *ASK, "--details")
    (pair,) = MetricAgreement.objects.get().result["differences"]["pearson"]["differences"]
    assert pair["williams"] == {
        "undetermined": "Williams' test has n - 3 degrees of freedom: 3 methods are too few."
    }
    run("export", campaign.study.slug, tmp_path / "out")
    with (tmp_path / "out" / "metric-differences.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["test"].endswith("Williams' t")]
    assert [(row["p"], row["undetermined"]) for row in rows] == [("", pair["williams"]["undetermined"])]


def test_soft_pairwise_accuracy_has_its_chance_and_p_beside_it_and_a_reason_for_no_interval() -> None:
    study = make_scored()
    run("metaeval", study.slug, *ASK)
    out = " ".join(run("metaeval", study.slug, *ASK, "--details").split())
    rows = MetricAgreement.objects.latest("pk").result["metrics"]
    soft = next(row["soft_pairwise_accuracy"] for row in rows if row["name"] == "po_jsd")
    assert 0 <= soft["chance"] <= 1
    assert soft["interval"] is None
    assert "computed from all resamples together" in soft["why_no_interval"]
    assert "No interval: the value is computed from all resamples together" in out
    shown = rf"{soft['value']:.2f} *│ *{soft['chance']:.2f} *│ *{re.escape(p_text(soft['p']))} "
    assert re.search(shown, out)


def test_without_resamples_there_is_no_soft_pairwise_accuracy_to_say_anything_of() -> None:
    study = make_scored()
    assert "oft pairwise" not in run("metaeval", study.slug, "--n-resamples=0", "--details")
