"""hlv annotator-numbers: scores with fewer annotators, and corrected for few."""

from __future__ import annotations

import json

import numpy as np
import pytest

from annotations.selectors.distributions import label_table
from hlv.core.stored_results import dump
from hlv.stats.metrics.few_annotators import corrected_score
from hlv.stats.metrics.registry import METRICS
from metaeval.models import SupplementaryAnalysis
from metaeval.results.annotator_numbers import read_annotator_numbers
from metaeval.selectors.outputs import output_arrays
from tests.hlv.commands import failure, refusal, run
from tests.making import make_methods, make_outputs, make_study
from tests.metaeval.test_results import make_labelled

pytestmark = pytest.mark.django_db

ASK = ("--metric=po_jsd", "--metric=brier_loss", "--metric=hard_macro_f1", "--n-draws=10", "--json")


def test_the_curve_ends_at_the_score_and_corrections_are_beside_it() -> None:
    study = make_study()
    make_labelled(study)
    methods = make_methods(study, ["a", "b"])
    make_outputs(methods, list(study.items.all()))

    found = json.loads(run("annotator-numbers", study.slug, *ASK))

    assert found["methods"] == ["a", "b"]
    table = label_table(study)
    outputs = output_arrays(study, methods=methods, item_ids=table.item_ids)
    human = table.counts / table.n_annotators[:, None]
    for metric in found["metrics"]:
        assert [point["n_annotators"] for point in metric["points"]] == [1, 2, 3]
        for name, output in zip("ab", outputs.mean, strict=True):
            expected = METRICS[metric["name"]].score(human, output, task="multilabel")
            assert metric["points"][-1]["mean"][name] == pytest.approx(expected)
    brier = next(metric for metric in found["metrics"] if metric["name"] == "brier_loss")
    expected = corrected_score(
        "brier_loss", table.counts, outputs.mean[1], task="multilabel", n_annotators=table.n_annotators
    )
    assert brier["corrected"][1]["corrected"] == pytest.approx(expected.corrected)
    hard = next(metric for metric in found["metrics"] if metric["name"] == "hard_macro_f1")
    assert "no correction" in hard["corrected"][0]["undefined"]
    assert (found["n_items"], found["n_left_out"], found["n_draws"]) == (6, 0, 10)
    snapshot = SupplementaryAnalysis.objects.get()
    assert dump(read_annotator_numbers(snapshot)) == snapshot.result
    assert snapshot.parameters["numbers"] == [1, 2, 3]
    assert set(snapshot.figures.values_list("name", flat=True)) == {
        "annotator-numbers",
        "annotator-numbers-slim",
    }


def test_the_table_names_the_method_that_is_first() -> None:
    study = make_study()
    make_labelled(study)
    make_outputs(make_methods(study, ["a", "b"]), list(study.items.all()))

    out = " ".join(
        run(
            "annotator-numbers",
            study.slug,
            "--metric=po_jsd",
            "--metric=hard_macro_f1",
            "--n-draws=5",
            "--details",
        ).split()
    )

    assert "τ-b with all answers" in out
    assert "5 draws of annotators without replacement, of 6 texts" in out
    assert "the score jumps" in out


def test_what_has_no_curve_is_refused() -> None:
    study = make_study()
    make_labelled(study)
    assert "hlv import outputs" in failure("annotator-numbers", study.slug)
    make_outputs(make_methods(study, ["a"]), list(study.items.all()))
    assert "One method has outputs" in failure("annotator-numbers", study.slug)
    make_outputs(make_methods(study, ["b"]), list(study.items.all()))
    assert "between 1 and 3" in failure("annotator-numbers", study.slug, "--number=9")
    assert "No metric is called" in refusal("annotator-numbers", study.slug, "--metric=bleu")
    assert np.isfinite(json.loads(run("annotator-numbers", study.slug, *ASK))["seed"])
