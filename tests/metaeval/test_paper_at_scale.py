"""The paper's own design: 12,480 comparisons, made in a few queries, and listed and taken away without loading them all."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metaeval.models import Comparison, Output, Run
from metaeval.selectors.outputs import stored_vector
from metaeval.services.campaigns import paper_spec, plan_campaign
from metaeval.services.presentation import next_exposure
from tests.making import make_items, make_methods, make_participant, make_study
from tests.metaeval.making import signed_in

pytestmark = pytest.mark.django_db

N_COMPARISONS = 12_480
N_LABELS = 12


def make_study_of_the_paper() -> Any:
    study = make_study(labels=[f"area {number}" for number in range(N_LABELS)])
    items, rng = make_items(study, 80), np.random.default_rng(5)
    outputs = []
    for base in ("roberta", "llama"):
        for method in make_methods(study, [f"method {number}" for number in range(13)], base_model=base):
            run = Run.objects.create(method=method)
            outputs += [
                Output(run=run, item=item, probabilities=stored_vector(rng.uniform(size=N_LABELS)))
                for item in items
            ]
    Output.objects.bulk_create(outputs)
    return study


def test_the_campaign_of_the_paper_is_made_in_few_queries_and_never_loaded_whole() -> None:
    study = make_study_of_the_paper()
    with CaptureQueriesContext(connection) as asked:
        plan = plan_campaign(study, paper_spec(name="accuracy"), opened=True)
    assert Comparison.objects.count() == plan.n_comparisons == N_COMPARISONS
    assert len(asked) < N_COMPARISONS / 50, "a hundred or more in each"

    client = signed_in(make_participant(study, "researcher"))
    address = f"/campaigns/{plan.campaign.uuid}/comparisons"
    method = study.methods.first()
    costs = []
    for filtered, words in (({}, "12,480 comparisons"), ({"method": str(method.uuid)}, "960 comparisons")):
        with CaptureQueriesContext(connection) as asked:
            assert words in client.get(f"{address}/", filtered).content.decode()
        assert max(sql["sql"].count("LIMIT") for sql in asked.captured_queries) > 0
        costs.append(len(asked))
    assert max(costs) < 15
    judge = make_participant(study, "judge")
    with CaptureQueriesContext(connection) as asked:
        assert next_exposure(judge, plan.campaign)
    assert len(asked) < 20

    tracemalloc.start()
    n_lines = sum(piece.count(b"\n") for piece in client.get(f"{address}.csv").streaming_content)  # type: ignore[attr-defined]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_lines == N_COMPARISONS + 1
    assert peak < 30_000_000, "2,000 rows at a time, not 12,480"
