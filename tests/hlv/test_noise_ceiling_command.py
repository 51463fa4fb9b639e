"""hlv noise-ceiling: for new judges on the same texts, and for new judges and texts."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from hlv.stats.raters.disjoint_noise_ceiling import disjoint_noise_ceiling
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

    assert found == asdict(expected) | {"seed": 2}
    out = " ".join(run("noise-ceiling", campaign.study.slug, "--n-splits=20").split())
    assert "New judges and new texts" in out
    assert "32 judges and 4 texts" in out


def test_judgments_that_cannot_be_halved_are_refused() -> None:
    campaign, _ = make_judged()
    make_items(campaign.study, 1)

    assert "0 known texts" in refusal("noise-ceiling", campaign.study.slug)
    assert "--n-splits is 1 or more" in refusal("noise-ceiling", campaign.study.slug, "--n-splits=0")
