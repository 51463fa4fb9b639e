"""Human labels weighted by certainty: asked for by name, refused where nothing gives it, and said wherever it was done."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.urls import reverse
from django.utils import timezone

from annotations.jobs import JobRefusedError, create
from annotations.models import Annotation, AnnotationLabel, Item, Job
from metaeval.findings.methods_section import methods_paragraph, paper_tables
from metaeval.findings.preregistration_findings import find_departure
from metaeval.models import Campaign, MetricAgreement, Ranking, Scoring
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.selectors.snapshots import newest_preregistration
from metaeval.services.preregistration import PreregistrationRefusedError, preregister
from tests.hlv.commands import refusal, run
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_items,
    make_methods,
    make_output,
    make_participant,
    make_study,
    make_uploaded_metric,
)
from tests.metaeval.making import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

HOUSING, CONTRACT = "housing", "contract"
# Of each text the answers of its annotators: the labels chosen, each with its certainty.
CERTAIN: Sequence[Mapping[str, float | None]] = [{HOUSING: 1.0}, {CONTRACT: 0.5}]
NONE_IS_CERTAIN: Sequence[Mapping[str, float | None]] = [{HOUSING: 0.0}, {CONTRACT: 0.0}]
ONE_GAVE_NONE: Sequence[Mapping[str, float | None]] = [{HOUSING: 1.0}, {CONTRACT: None}]


def answer(item: Item, *answers: Mapping[str, float | None]) -> None:
    study = item.study
    labels = {label.key: label for label in study.labels.all()}
    people = list(study.participants.filter(role="annotator").order_by("pk"))
    people += [make_participant(study) for _ in range(len(answers) - len(people))]
    for person, chosen in zip(people, answers, strict=False):
        given = Annotation.objects.create(
            item=item, participant=person, gives_labels=True, submitted_at=timezone.now()
        )
        for key, certainty in chosen.items():
            AnnotationLabel.objects.create(
                annotation=given, label=labels[key], chosen=True, certainty=certainty
            )


def make_labelled(task: str = "single", *, can_be_weighted: bool = True, **study: Any) -> Campaign:
    """Four texts: two that can be weighted, one of which nobody is certain, one with a certainty missing."""
    made = make_study(slug="weighed", task=task, **study)
    items = make_items(made, 4)
    for item in items[:2]:
        answer(item, *(CERTAIN if can_be_weighted else ONE_GAVE_NONE))
    answer(items[2], *NONE_IS_CERTAIN)
    answer(items[3], *ONE_GAVE_NONE)
    methods = make_methods(made)
    for method, shares in zip(methods, ([0.5, 0.5, 0.0], [0.8, 0.2, 0.0], [0.0, 0.5, 0.5]), strict=True):
        for item in items:
            make_output(method, item, shares)
    return make_campaign(made)


def make_judged(**study: Any) -> Campaign:
    campaign = make_labelled(**study)
    methods = list(campaign.study.methods.all())
    judges = [make_participant(campaign.study, "judge") for _ in range(2)]
    for judge in judges:
        for winner, loser in ((0, 1), (1, 2), (2, 0), (0, 1), (0, 2)):
            make_imported_judgment(campaign, winner=methods[winner], loser=methods[loser], judge=judge)
    return campaign


def scores(*words: str, metric: str) -> dict[str, float]:
    result = json.loads(run("score", "weighed", "--metric", metric, "--n-resamples", "20", "--json", *words))
    return {score["method"]: score["value"] for score in result["metrics"][0]["scores"]}


def test_of_certainties_1_and_a_half_the_first_label_has_two_thirds() -> None:
    make_labelled()
    # P = (2/3, 1/3, 0) on the two texts that have one: the sum of the smaller shares by hand
    assert scores("--weights", "certainty", metric="soft_accuracy") == pytest.approx(
        {"alpha": 1 / 2 + 1 / 3, "beta": 2 / 3 + 1 / 5, "gamma": 1 / 3}
    )
    # without a word all four texts are scored, and P = (1/2, 1/2, 0)
    alike = {"alpha": 1.0, "beta": 1 / 2 + 1 / 5, "gamma": 1 / 2}
    assert scores(metric="soft_accuracy") == scores("--weights", "equal", metric="soft_accuracy") == alike
    assert [scoring.parameters["weights"] for scoring in Scoring.objects.order_by("pk")] == [
        "certainty",
        "equal",
        "equal",
    ]


def test_with_several_labels_certainty_is_a_mean_over_annotators_and_zero_is_an_answer() -> None:
    make_labelled("multilabel")
    # memberships (1/2, 1/4, 0) twice and (0, 0, 0) once; 2 Σ min / Σ (P + Q) by hand
    smaller, both = 2 * (0.5 + 0.25), 2 * (0.75 + 1.0) + 1.0
    assert scores("--weights", "certainty", metric="soft_micro_f1")["alpha"] == pytest.approx(
        2 * smaller / both
    )
    result = Scoring.objects.get().result
    assert (result["n_items"], result["n_without_certainty"], result["n_zero_certainty"]) == (3, 1, 0)


def test_what_is_left_out_is_counted_and_errors_by_annotator_stay_as_they_are() -> None:
    make_labelled()
    said = " ".join(
        run("score", "weighed", "--weights", "certainty", "--n-resamples", "20", "--details").split()
    )
    for words in (
        "Scored on 2 texts",
        "Human labels are weighted by their certainty. Error rates by annotator are not weighted.",
        "1 labelled text is left out because an annotator gave no certainty.",
        "1 labelled text is left out because all its certainties are 0.",
        "weights certainty",
    ):
        assert words in said
    rows = Scoring.objects.get().result["annotators"]["rows"]
    # beta says housing: right for the first annotator, wrong for the second, however certain
    assert [row["error_rates"][1] for row in rows] == [0.0, 1.0]


def test_labels_that_count_alike_are_said_to() -> None:
    make_labelled()
    said = " ".join(run("score", "weighed", "--n-resamples", "20", "--details").split())
    assert "All human labels have the same weight, whatever their certainty." in said
    assert "left out" not in said


def test_scores_of_texts_are_of_the_same_weights(tmp_path: Path) -> None:
    make_labelled()
    path = tmp_path / "items.csv"
    run("score", "weighed", "--weights", "certainty", "--metric", "soft_accuracy", "--items", str(path))
    rows = [row for row in csv.DictReader(StringIO(path.read_text(encoding="utf-8"))) if row["run"] == ""]
    of_alpha = {row["item"]: float(row["value"]) for row in rows if row["method"] == "alpha"}
    assert of_alpha == pytest.approx({"item-0": 5 / 6, "item-1": 5 / 6})


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ({"asks_certainty": False}, "does not ask for certainty"),
        ({"task": "none", "labels": ()}, "no labels"),
    ],
)
@pytest.mark.parametrize("kind", ["scoring", "metaeval"])
def test_where_no_certainty_is_asked_there_is_no_job(kind: str, study: dict[str, Any], words: str) -> None:
    campaign = make_campaign(make_study(slug="weighed", **study))
    command = {"scoring": "score", "metaeval": "metaeval"}[kind]
    more = ("--metric", "po_jsd") if kind == "scoring" else ()
    assert words in refusal(command, "weighed", "--weights", "certainty", *more)
    with pytest.raises(PreregistrationRefusedError, match=words):
        preregister(campaign, PlannedAnalysis(metrics=("po_jsd",), weights="certainty"), by=None)
    assert not Job.objects.exists()


def test_weights_of_another_name_make_no_job() -> None:
    study = make_study()
    campaign = make_campaign(study)
    known, of_campaign = "'age'; known are equal, certainty", {"campaign": str(campaign.uuid)}
    for kind, params, words in (
        ("scoring", {}, known),
        ("metaeval", of_campaign, known),
        ("ranking", of_campaign, "A ranking has no option 'weights'"),
    ):
        with pytest.raises(JobRefusedError, match=words):
            create(kind=kind, study=study, params={"weights": "age"} | params)


def test_an_uploaded_score_is_compared_with_uploaded_scores_alone_and_nothing_is_weighted() -> None:
    campaign = make_labelled()
    make_uploaded_metric(campaign.study, list(campaign.study.methods.all()), [0.1, 0.2, 0.3])
    name = campaign.study.metrics.get().name
    assert "no label is weighted" in refusal(
        "metaeval", "weighed", "--against", name, "--weights", "certainty"
    )
    assert not Job.objects.exists()


def test_where_no_text_can_be_weighted_no_metric_is_left_out_in_silence() -> None:
    campaign = make_judged(can_be_weighted=False)
    for words in (("score", "weighed"), ("metaeval", "weighed", "--campaign", campaign.name)):
        with pytest.raises(CommandError, match="No text can be weighted by certainty"):
            run(*words, "--weights", "certainty", "--n-resamples", "20")
    assert not MetricAgreement.objects.exists()
    assert not Scoring.objects.exists()


def agreed(*words: str) -> MetricAgreement:
    run("metaeval", "weighed", "--n-resamples", "20", *words)
    return MetricAgreement.objects.latest("pk")


def value(agreement: MetricAgreement, metric: str, method: int) -> float:
    found: float = agreement.result["scores"]["metrics"][metric]["values"][method]
    return found


def test_a_metric_agreement_is_of_the_weights_asked_for_and_everything_that_tells_of_it_says_so() -> None:
    make_judged()
    alike, weighted = agreed(), agreed("--weights", "certainty")
    assert value(alike, "soft_accuracy", 0) == 1.0
    assert value(weighted, "soft_accuracy", 0) == pytest.approx(5 / 6)
    assert (alike.parameters["weights"], weighted.parameters["weights"]) == ("equal", "certainty")
    assert alike.data_fingerprint != weighted.data_fingerprint
    for snapshot, words in ((alike, "have the same weight"), (weighted, "are weighted by their certainty")):
        ranked, scoring = snapshot.ranking, snapshot.scoring
        assert ranked is not None
        assert scoring is not None
        assert scoring.parameters["weights"] == snapshot.result["weights"]
        assert f"uman labels {words}" in " ".join(methods_paragraph(ranked, snapshot, None))
        notes = [table.note for table in paper_tables(ranked, snapshot) if table.name != "ranking"]
        assert all(f"uman labels {words}" in note for note in notes)


def test_the_same_ranking_stands_under_both_weights() -> None:
    make_judged()
    alike, weighted = agreed().ranking, agreed("--weights", "certainty").ranking
    assert alike is not None
    assert weighted is not None
    assert alike.result["methods"] == weighted.result["methods"]
    assert alike.data_fingerprint == weighted.data_fingerprint


def test_a_later_snapshot_by_certainty_says_that_it_departs_from_the_defaults() -> None:
    make_judged()
    agreed()
    ranked = agreed("--weights", "certainty").ranking
    assert ranked is not None
    departure = find_departure(ranked)
    assert departure is not None
    assert "weights of human labels by certainty instead of equal" in departure.summary


def test_a_plan_says_the_weights_and_a_run_by_others_departs_from_it() -> None:
    campaign = make_judged()
    said = run(
        "preregister", "weighed", "--metrics", "po_jsd", "--weights", "certainty", "--n-resamples", "20"
    )
    assert "Version 1" in said
    planned = agreed()
    assert planned.parameters["weights"] == "certainty"
    assert planned.result["plan"]["added"] is False
    other = agreed("--weights", "equal")
    assert other.result["plan"]["departures"]["weights"] == {"planned": "certainty", "done": "equal"}
    ranked = Ranking.objects.latest("pk")
    departure = find_departure(ranked, newest_preregistration(campaign))
    assert departure is not None
    assert "Weights of human labels: equal (planned: by certainty)" in departure.summary


def test_a_plan_from_before_there_were_weights_counts_all_alike() -> None:
    campaign = make_judged()
    plan = preregister(campaign, PlannedAnalysis(metrics=("po_jsd",), n_resamples=20), by=None)
    older = {name: said for name, said in plan.content.items() if name != "weights"}
    assert PlannedAnalysis.of(older).weights == "equal"
    assert agreed().result["plan"]["added"] is False


def results(campaign: Campaign) -> tuple[Any, str]:
    client = signed_in(make_participant(campaign.study, "researcher"))
    return client, client.get(reverse("campaign-results", args=[campaign.uuid])).content.decode()


def test_the_page_offers_weights_and_says_of_which_its_numbers_are() -> None:
    campaign = make_judged()
    agreed("--weights", "certainty")
    client, page = results(campaign)
    assert '<select id="weights" name="weights">' in page
    assert "weights of human labels: by certainty" in page
    assert "1 labelled text is left out because all its certainties are 0." in page
    asked = {"campaign": str(campaign.uuid), "weights": "certainty"}
    client.post(reverse("compute", args=[campaign.study.uuid]), asked)
    client.post(reverse("compute", args=[campaign.study.uuid]), asked)
    job = campaign.study.jobs.get(state=Job.State.QUEUED)
    assert job.params == {"campaign": str(campaign.uuid), "weights": "certainty"}
    runs = client.get(reverse("campaign-runs", args=[campaign.uuid])).content.decode()
    assert "human labels weighted by certainty" in runs


def test_the_page_of_a_study_that_asks_for_no_certainty_offers_no_weights_and_takes_none() -> None:
    campaign = make_judged(asks_certainty=False)
    client, page = results(campaign)
    assert 'name="weights"' not in page
    plan = client.get(reverse("preregistration", args=[campaign.uuid])).content.decode()
    assert 'name="weights"' not in plan
    refused = client.post(
        reverse("compute", args=[campaign.study.uuid]),
        {"campaign": str(campaign.uuid), "weights": "certainty"},
        follow=True,
    )
    assert "does not ask for certainty" in refused.content.decode()
    assert not campaign.study.jobs.exists()


def test_weights_of_another_name_are_no_request() -> None:
    campaign = make_judged()
    client, _page = results(campaign)
    posted = {"campaign": str(campaign.uuid), "weights": "age"}
    assert client.post(reverse("compute", args=[campaign.study.uuid]), posted).status_code == 400


def test_a_bundle_says_of_which_weights_its_scores_are(tmp_path: Path) -> None:
    make_labelled()
    run("score", "weighed", "--weights", "certainty", "--n-resamples", "20")
    run("export", "weighed", str(tmp_path / "bundle"))
    readme = (tmp_path / "bundle" / "README.txt").read_text(encoding="utf-8")
    assert "Human labels are weighted by their certainty" in readme
    rows = csv.DictReader(StringIO((tmp_path / "bundle" / "provenance.csv").read_text(encoding="utf-8")))
    assert [(row["kind"], json.loads(row["parameters"])["weights"]) for row in rows] == [
        ("scoring", "certainty")
    ]
