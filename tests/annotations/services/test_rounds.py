"""Reports on a round: what they say, of whom, and that asking again gives the same."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotations import jobs
from annotations.jobs import JobRefusedError
from annotations.models import Annotation, LabelAgreement, RoundReport
from annotations.services.annotating import Answer, record_annotation
from annotations.services.rounds import compute_round
from hlv.stats.agreement.agreement_report import NO_PAIRS
from tests.annotations.making import make_count, make_place
from tests.annotations.rounds import answer, make_report, make_round
from tests.making import make_items, make_participant, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_report_sets_each_annotator_beside_the_others_and_each_group_apart() -> None:
    made = make_round()
    result = make_report(made.study).result
    found = {row["annotator"]: row for row in result["annotators"]}
    # Alike with one of two on every text, with both on half of them.
    assert found["Annotator 1"]["agreement"]["value"] == pytest.approx(0.75)
    assert found["Annotator 3"]["agreement"]["value"] == pytest.approx(0.5)
    assert found["Annotator 3"]["departure"]["value"] == pytest.approx(-0.5)
    groups = {row["group"]: row for row in result["groups"]}
    assert groups.keys() == {"academia", "bar"}
    assert groups["academia"]["krippendorff_alpha"]["undetermined"] == NO_PAIRS
    assert groups["bar"]["entered"]["n_answers"] == 12
    assert result["growth"][-1]["n_answers"] == 18
    assert sum(result["entropy"]["n_items_by_bin"]) == 6


def test_texts_that_divide_people_come_first_and_flags_are_counted() -> None:
    made = make_round()
    texts = make_report(made.study).texts
    assert [line["counts"] for line in texts["divided"]] == [[2, 1, 0]] * 3
    # Equally divided: in the order of the study.
    assert [line["position"] for line in texts["divided"]] == sorted(
        line["position"] for line in texts["divided"]
    )
    assert [line["flags"] for line in texts["flagged"]] == [[0, 1, 0]]


def test_times_are_those_of_first_answers_and_a_revision_counts_for_agreement_alone() -> None:
    made = make_round(n_items=2)
    first = Annotation.objects.filter(participant=made.people[2]).earliest("pk")
    assert first.assignment is not None
    again = Answer(chosen={"housing": 0.8}, active_ms=900_000)
    record_annotation(assignment=first.assignment, client_key=uuid4(), answer=again, replaces=first)
    report = make_report(made.study)
    assert {row["annotator"]: row["median_s"] for row in report.result["times"]}["Annotator 3"] == 30
    assert report.texts["divided"] == []
    assert report.agreement.result["percent"]["value"] == 1


def test_the_same_seed_and_answers_give_the_same_report() -> None:
    made = make_round()
    one = compute_round(made.study, n_resamples=20, seed=3)
    other = compute_round(made.study, n_resamples=20, seed=3, as_of=one.report.as_of)
    assert (one.report.result, one.report.texts) == (other.report.result, other.report.texts)
    assert one.report.data_fingerprint == other.report.data_fingerprint


def test_labels_that_came_as_counts_divide_texts_and_name_nobody() -> None:
    place = make_place(task="single")
    make_count(place)
    report = make_report(place.study)
    assert (report.result["annotators"], report.result["groups"], report.result["growth"]) == ([], [], [])
    assert report.result["n_annotators"] is None


def test_without_labels_or_answers_no_report_is_made() -> None:
    with pytest.raises(JobRefusedError, match="no labels"):
        jobs.create(kind="round", study=make_study(task="none", labels=()), params={})
    with pytest.raises(JobRefusedError, match="No text has labels from people yet"):
        compute_round(make_study())


def test_one_answer_is_reported_with_reasons_for_all_that_is_missing() -> None:
    study = make_study()
    make_items(study, 1)
    answer(make_participant(study), chosen={"housing": 0.8})
    report = make_report(study)
    assert report.undetermined == NO_PAIRS
    assert report.result["annotators"][0]["agreement"]["undetermined"]
    assert report.result["entropy"]["n_items_with_one_answer"] == 1


def test_the_job_stores_both_snapshots_with_their_figures_or_nothing() -> None:
    made = make_round()
    job = jobs.run_now(jobs.create(kind="round", study=made.study, params={"n_resamples": 20}))
    assert job.state == job.State.DONE, job.reason
    report = RoundReport.objects.get(uuid=(job.result or {})["round_report"])
    assert report.agreement == LabelAgreement.objects.get(job=job)
    names = {(row.name, row.theme, row.media_type) for row in report.figures.all()}
    assert len(names) == 18
    assert {name for name, _theme, _kind in names} >= {"agreement", "growth-slim", "entropy"}
    for row in report.figures.filter(media_type="image/svg+xml"):
        assert bytes(row.content).startswith(b"<svg")
