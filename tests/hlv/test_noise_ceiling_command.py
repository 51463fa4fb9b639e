"""hlv noise-ceiling: for new judges on the same texts, and for new judges and texts."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from django.core.management import CommandError

from hlv.core.stored_results import dump
from hlv.stats.raters.disjoint_noise_ceiling import disjoint_noise_ceiling
from metaeval.models import SupplementaryAnalysis
from metaeval.results.noise_ceiling import read_ceiling
from metaeval.selectors.judgments import comparison_counts
from tests.hlv.commands import refusal, run
from tests.making import make_items
from tests.metaeval.test_agreement_diagnostics import judge_all, make_judged

pytestmark = pytest.mark.django_db


def test_both_ceilings_are_those_of_the_library() -> None:
    campaign, methods = make_judged(n_items=4)
    for _ in range(7):
        judge_all(campaign, methods, items=list(campaign.study.items.all()))
    counted = comparison_counts(campaign)
    expected = disjoint_noise_ceiling(counted.cells, 4, n_splits=20, seed=2)

    found = json.loads(run("noise-ceiling", campaign.study.slug, "--n-splits=20", "--seed=2", "--json"))

    assert {name: found[name] for name in asdict(expected)} == asdict(expected)
    snapshot = SupplementaryAnalysis.objects.get()
    assert (found["seed"], found["snapshot"]) == (2, str(snapshot.uuid))
    assert (snapshot.campaign, snapshot.data_fingerprint) == (campaign, counted.fingerprint)
    assert snapshot.parameters == {"ties": "half", "n_splits": 20, "seed": 2}
    assert read_ceiling(snapshot).found == expected
    assert dump(read_ceiling(snapshot)) == snapshot.result
    out = " ".join(run("noise-ceiling", campaign.study.slug, "--n-splits=20").split())
    assert "New judges and new texts" in out
    assert "32 judges and 4 texts" in out


def test_judgments_that_cannot_be_halved_are_refused() -> None:
    campaign, _ = make_judged()
    make_items(campaign.study, 1)

    with pytest.raises(CommandError, match="0 known texts"):
        run("noise-ceiling", campaign.study.slug)
    # That there is none is an answer, which is kept with its reason.
    assert "0 known texts" in SupplementaryAnalysis.objects.get().undetermined
    assert "--n-splits is 1 or more" in refusal("noise-ceiling", campaign.study.slug, "--n-splits=0")
