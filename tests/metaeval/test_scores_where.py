"""Scores of texts with a fact: only those are read, and the snapshot keeps which."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from annotations import jobs
from annotations.models import Item, Study
from metaeval.findings.score_tables import score_findings
from metaeval.models import Scoring
from metaeval.results.scoring import read_scored_metrics, read_scoring
from metaeval.services.scoring_job import item_scores
from tests.making import make_methods, make_output
from tests.metaeval.making_training import make_split_study

pytestmark = pytest.mark.django_db


def make_scored(study: Study, *, n_methods: int = 2) -> None:
    """Outputs of the test texts alone."""
    tested = Item.objects.filter(study=study, metadata__split="test")
    for number, method in enumerate(make_methods(study, [f"method {number}" for number in range(n_methods)])):
        for item in tested:
            make_output(method, item, [0.6 - 0.1 * number, 0.4 + 0.1 * number])


def test_scores_of_a_part_lack_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    study = make_split_study()
    make_scored(study)
    call_command("score", study.slug, "--split", "test", "--json", "--n-resamples", "20")
    result = json.loads(capsys.readouterr().out)
    assert (result["where"], result["n_items"], result["n_incomplete"]) == ("split=test", 12, {})
    scoring = Scoring.objects.get()
    assert read_scored_metrics(scoring).where == "split=test"
    assert {row[4] for row in item_scores(scoring)} == {
        item.key for item in study.items.all() if item.metadata["split"] == "test"
    }


def test_many_methods_that_lack_the_same_texts_share_a_sentence() -> None:
    study = make_split_study()
    make_scored(study, n_methods=5)
    job = jobs.run_now(jobs.create(kind="scoring", study=study, params={"n_resamples": 0}))
    assert job.state == "done", job.reason
    result = read_scoring(Scoring.objects.get())
    assert result.where == ""
    assert "where" not in Scoring.objects.get().result
    words = [one.plain for one in score_findings(result) if "lack" in one.plain]
    assert words == ["5 methods lack an output for 48 labelled texts, which are left out for all methods."]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("split", "such as split=test"),
        ("split=exam", "Its values are dev, test, train."),
        ("colour=red", "No text has such a fact."),
    ],
)
def test_facts_that_no_text_has_are_refused(where: str, sentence: str) -> None:
    study = make_split_study()
    make_scored(study)
    with pytest.raises(CommandError, match=sentence):
        call_command("score", study.slug, "--where", where)
