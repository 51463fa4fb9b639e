"""Supplementary analyses on pages of results: sections, the forms that compute them, their files and their address."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.urls import reverse

from annotations import jobs
from annotations.models import Job, Study
from metaeval.models import SupplementaryAnalysis
from metaeval.results.segment_agreement import read_segments
from tests.hlv.test_segment_agreement_command import make_scored, upload
from tests.making import make_campaign, make_methods, make_outputs, make_participant, make_study
from tests.metaeval.making import make_ranking_snapshot, signed_in
from tests.metaeval.test_agreement_diagnostics import judge_all, make_judged
from tests.metaeval.test_results import make_labelled

pytestmark = pytest.mark.django_db


def computed(study: Study, kind: str, **params: Any) -> SupplementaryAnalysis:
    job = jobs.run_now(jobs.create(kind=kind, study=study, params=params))
    assert job.state == Job.State.DONE, job.reason
    return SupplementaryAnalysis.objects.latest("pk")


def make_segments() -> tuple[Study, SupplementaryAnalysis]:
    study, tables = make_scored()
    upload(study, "noise", np.random.default_rng(9).normal(size=tables["people"].shape))
    return study, computed(study, "segment-agreement", against="people", n_resamples=20, block_by="document")


def text_of(content: bytes) -> str:
    return " ".join(content.decode().split())


def test_a_section_begins_with_its_purpose_and_a_form_computes_it() -> None:
    study, _tables = make_scored()
    campaign = make_campaign(study)
    make_ranking_snapshot(campaign)
    client = signed_in(make_participant(study, "researcher"))

    page = text_of(client.get(reverse("campaign-results", args=[campaign.uuid])).content)

    assert '<a href="#segment-agreement">Agreement per text</a>' in page
    assert "How well each metric agrees with people on single texts" in page
    assert "How well a perfect metric could agree with these judgments" in page
    # There are no labels, so there are no annotators.
    assert "annotator-numbers" not in page
    posted = {"what": "segment-agreement", "against": "people", "block_by": "document"}
    reply = client.post(reverse("analyse", args=[study.uuid]), posted)
    job = Job.objects.get()
    assert reply["Location"] == reverse("job", args=[job.uuid])
    assert (job.kind, job.params) == ("segment-agreement", {"against": "people", "block_by": "document"})
    # Asked again it is the same job, and the page leads to it.
    client.post(reverse("analyse", args=[study.uuid]), posted)
    assert Job.objects.count() == 1
    page = text_of(client.get(reverse("campaign-results", args=[campaign.uuid])).content)
    assert f'href="{reverse("job", args=[job.uuid])}">Show progress' in page


def test_a_form_that_cannot_be_computed_is_refused_in_a_sentence() -> None:
    study, _tables = make_scored()
    client = signed_in(make_participant(study, "researcher"))
    address = reverse("analyse", args=[study.uuid])

    for posted, words in (
        ({"what": "horoscope"}, "Choose which analysis to compute."),
        ({"what": "segment-agreement", "against": "mqm"}, "No uploaded score is called"),
        ({"what": "annotator-numbers"}, "This study has no labels"),
        ({"what": "annotator-numbers", "against": "people"}, "has no option"),
        ({"what": "noise-ceiling"}, "This study has no campaign yet."),
    ):
        reply = client.post(address, posted)
        assert reply.status_code == 400
        assert words in reply.content.decode()
    assert not Job.objects.exists()


def test_a_computed_section_has_its_answer_figure_tables_and_files() -> None:
    study, snapshot = make_segments()
    client = signed_in(make_participant(study, "researcher"))

    page = text_of(client.get(reverse("results", args=[study.uuid])).content)

    assert "\u2069 agrees best with \u2068people\u2069 (mean τ-b " in page
    assert 'alt="' in page
    for words in (
        "Per text, over systems",
        "Differences between metrics per text: Kendall τ-b",
        "Mean scores of systems",
        "documents, by the column document",
        "Null hypothesis: on each of them",
        f"seed {snapshot.seed}",
        snapshot.code_version,
        reverse("analysis", args=[snapshot.uuid]),
        reverse("analysis-file", args=[snapshot.uuid, "segment-differences.csv"]),
        reverse("analysis-file", args=[snapshot.uuid, "segment-agreement.tex"]),
    ):
        assert words in page, words
    fixed = client.get(reverse("analysis", args=[snapshot.uuid]))
    assert "This address always shows this snapshot." in fixed.content.decode()
    assert reverse("analyse", args=[study.uuid]) not in fixed.content.decode()


def test_files_have_every_digit_and_where_it_comes_from() -> None:
    study, snapshot = make_segments()
    client = signed_in(make_participant(study, "researcher"))
    result = read_segments(snapshot)

    text = client.get(
        reverse("analysis-file", args=[snapshot.uuid, "segment-agreement.csv"])
    ).content.decode()

    rows = list(csv.DictReader(StringIO(text)))
    assert len(rows) == 9
    for row in rows:
        metric = next(one for one in result.metrics if one.label == row["metric"])
        found = metric.groupings[row["grouping"]].coefficients["kendall_tau_b"]  # type: ignore[index]
        assert found.interval is not None
        assert [
            float(row[name]) for name in ("kendall_tau_b", "kendall_tau_b_low", "kendall_tau_b_high")
        ] == [
            found.value,
            *found.interval,
        ]
        assert (row["snapshot"], row["against"]) == (str(snapshot.uuid), "people")
    paper = client.get(
        reverse("analysis-file", args=[snapshot.uuid, "segment-agreement.tex"])
    ).content.decode()
    assert paper.count(r"\toprule") >= 5
    assert r"$\tau$" in paper
    for name in ("segment-agreement.pdf", "horoscope.csv", "annotator-numbers.tex"):
        assert client.get(reverse("analysis-file", args=[snapshot.uuid, name])).status_code == 404


def test_scores_with_fewer_annotators_are_shown_with_their_curves() -> None:
    study = make_study()
    make_labelled(study)
    make_outputs(make_methods(study, ["a", "b"]), list(study.items.all()))
    snapshot = computed(study, "annotator-numbers", n_draws=5)
    client = signed_in(make_participant(study, "researcher"))

    page = text_of(client.get(reverse("results", args=[study.uuid])).content)

    assert "another method is first with 1 annotator per text than with 3" in page
    assert "Intervals contain 95 % of the draws" in page
    assert "Scores with fewer annotators" in page
    text = client.get(
        reverse("analysis-file", args=[snapshot.uuid, "annotator-numbers.csv"])
    ).content.decode()
    rows = [row for row in csv.DictReader(StringIO(text)) if row["metric"] == "po_jsd"]
    assert [(row["method"], row["n_annotators"]) for row in rows] == [
        (method, str(number)) for number in (1, 2, 3) for method in "ab"
    ]
    assert all(float(row["low"]) - 1e-9 <= float(row["mean"]) <= float(row["high"]) + 1e-9 for row in rows)
    corrected = client.get(reverse("analysis-file", args=[snapshot.uuid, "corrected-scores.csv"]))
    assert b"po_jsd" in corrected.content


def test_a_ceiling_is_of_its_campaign_and_its_reason_is_shown_where_there_is_none() -> None:
    campaign, methods = make_judged(n_items=4)
    for _ in range(7):
        judge_all(campaign, methods, items=list(campaign.study.items.all()))
    other = make_campaign(campaign.study, "fluency")
    for one in (campaign, other):
        make_ranking_snapshot(one)
        computed(campaign.study, "noise-ceiling", campaign=str(one.uuid), n_splits=10)
    client = signed_in(make_participant(campaign.study, "researcher"))

    page, without = (
        text_of(client.get(reverse("campaign-results", args=[one.uuid])).content) for one in (campaign, other)
    )

    assert "a perfect metric would have a Pearson correlation of" in page
    assert "New judges and new texts" in page
    assert "a perfect metric would have" not in without
    assert "known judges" in without
