"""Training in the browser: the methods, the dry run, the job, the table, and the way to a campaign."""

from __future__ import annotations

import csv
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from annotations import jobs
from annotations.models import Import, Job, Study
from annotations.services.imports import withdraw_import
from metaeval.models import Training
from metaeval.results.training import read_training
from tests.journeys.html_pages import Control, Page
from tests.making import make_items, make_participant, make_person, make_study
from tests.metaeval.making import signed_in
from tests.metaeval.making_training import make_split_study
from tests.metaeval.making_training import make_training as make_stored

pytestmark = pytest.mark.django_db

ENTERED: dict[str, Any] = {
    "methods": ["SL", "MV", "LA-mean"],
    "features": "char",
    "split": "split",
    "folds": "10",
    "runs": "1",
    "select": "soft_cross_entropy",
    "hidden": "0",
    "partition": "1",
    "seed": "1",
    "base_model": "",
}


def make_researcher(study: Study) -> Client:
    return signed_in(make_participant(study, "researcher"))


def words(response: Any) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", response.content.decode())).split())


def controls(response: Any, name: str) -> list[Control]:
    page = Page("", response.content.decode())
    return [control for form in page.forms for control in form.controls if control.name == name]


def make_training(study: Study, client: Client, **changes: object) -> Training:
    answer = client.post(reverse("training-new", args=[study.uuid]), {**ENTERED, **changes})
    assert answer.status_code == 302, words(answer)
    job = jobs.run_now(Job.objects.latest("pk"))
    assert job.state == Job.State.DONE, job.reason
    page = client.get(answer["Location"])
    training = Training.objects.latest()
    assert reverse("training", args=[training.uuid]) in page.content.decode()
    return training


def test_a_dry_run_says_what_would_be_trained_and_stores_nothing() -> None:
    study = make_split_study()
    client = make_researcher(study)
    answer = client.post(reverse("training-new", args=[study.uuid]), {**ENTERED, "methods": [], "look": "1"})
    page = client.get(answer["Location"])
    shown = words(page)
    assert "15 methods, 1 run each" in shown
    assert "On these labels LA-mean is the same as SL" in shown
    assert "On these labels AR, ARh are the same as MV" in shown
    assert "differ by about 0.038 in PO-JSD" in shown
    assert "Expected time on one processor" in shown
    assert "csrf" not in answer["Location"]
    assert not Job.objects.exists()


def test_a_dry_run_names_methods_that_the_labels_do_not_allow() -> None:
    study = make_split_study(task="multilabel")
    client = make_researcher(study)
    page = client.get(reverse("training-new", args=[study.uuid]), {**ENTERED, "methods": ["AL", "SL"]})
    assert "AL is left out: it is not defined where a text has several labels." in words(page)


def test_a_study_without_answers_is_told_what_is_missing() -> None:
    study = make_study()
    make_items(study, 3)
    client = make_researcher(study)
    page = client.get(reverse("training-new", args=[study.uuid]), {**ENTERED, "split": "folds"})
    assert page.status_code == 200
    assert page.context["plan"] is None
    assert page.context["missing"]


def test_splits_to_choose_from_are_facts_that_name_parts() -> None:
    study = make_split_study(n_texts=20)
    study.items.filter(position=0).update(metadata={"split": "train", "genre": "test"})
    form = make_researcher(study).get(reverse("training-new", args=[study.uuid])).context["form"]
    assert [value for value, _ in form.fields["split"].choices] == ["split", "folds"]


def test_the_table_of_a_training_leads_to_a_campaign_of_its_methods() -> None:
    study = make_split_study()
    client = make_researcher(study)
    training = make_training(study, client)
    page = client.get(reverse("training", args=[training.uuid]))
    table = read_training(training).table
    assert table is not None
    assert table.methods == ["Train mean", "SL", "MV", "LA-mean"]
    assert "Hard accuracy ↑" in words(page)
    boxes = {box.value: box.is_chosen for box in controls(page, "methods")}
    assert boxes == {"SL": True, "MV": True, "LA-mean": False}
    chosen = {"methods": ["SL", "MV"], "meeting": controls(page, "meeting")[0].value}
    form = client.get(reverse("campaign-new", args=[study.uuid]), chosen)
    ticked = [box.value for box in controls(form, "methods") if box.is_chosen]
    assert ticked == ["SL", "MV"]
    assert form.context["form"]["meeting"].value() == "group:char n-grams"


def test_the_table_is_a_file_with_every_digit_and_for_latex() -> None:
    study = make_split_study()
    client = make_researcher(study)
    training = make_training(study, client)
    sheet = client.get(reverse("training-file", args=[training.uuid, "methods.csv"])).content.decode()
    rows = [row for row in csv.DictReader(sheet.splitlines()) if row["metric"] == "po_jsd"]
    table = read_training(training).table
    assert table is not None
    wanted = next(metric for metric in table.metrics if metric.name == "po_jsd")
    values = {row["method"]: float(row["mean_of_runs"]) for row in rows}
    assert values == {row.method: row.mean_of_runs for row in wanted.methods}
    assert {row["snapshot"] for row in rows} == {str(training.uuid)}
    tex = client.get(reverse("training-file", args=[training.uuid, "methods.tex"])).content.decode()
    assert r"\toprule" in tex
    assert client.get(reverse("training-file", args=[training.uuid, "other.csv"])).status_code == 404


def test_withdrawn_outputs_are_marked_on_the_page() -> None:
    study = make_split_study()
    client = make_researcher(study)
    address = reverse("training", args=[make_training(study, client).uuid])
    assert "were withdrawn" not in words(client.get(address))
    withdraw_import(Import.objects.get(), by=make_person(), reason="wrong texts")
    assert "were withdrawn" in words(client.get(address))


def test_methods_are_listed_with_their_runs_and_texts() -> None:
    study = make_split_study()
    client = make_researcher(study)
    training = make_training(study, client, runs="2")
    page = client.get(reverse("methods", args=[study.uuid]))
    lines = [(line.method.name, line.n_runs, line.n_texts) for line in page.context["lines"]]
    assert lines == [("Train mean", 1, 12), ("SL", 2, 12), ("MV", 2, 12), ("LA-mean", 2, 12)]
    assert reverse("training", args=[training.uuid]) in page.content.decode()


def test_arrays_of_the_folder_of_features_are_offered_and_no_path_is_taken(
    settings: Any, tmp_path: Path
) -> None:
    settings.FEATURES_DIR = str(tmp_path)
    study = make_split_study()
    keys = list(study.items.values_list("key", flat=True))
    for name in ("sentences", "without keys"):
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(1).normal(size=(60, 8)))
    (tmp_path / "sentences.txt").write_text("\n".join(keys), encoding="utf-8")
    client = make_researcher(study)
    make_training(study, client, features="sentences")
    assert study.methods.filter(base_model="sentences", name="SL").exists()
    for path in ("without keys", str(tmp_path / "sentences.npy"), "../sentences"):
        answer = client.post(
            reverse("training-new", args=[study.uuid]), {**ENTERED, "features": path, "base_model": "b"}
        )
        assert answer.status_code == 400
    assert Job.objects.count() == 1


def test_an_entry_out_of_range_is_refused_beside_its_field() -> None:
    study = make_split_study(n_texts=20)
    client = make_researcher(study)
    page = client.post(reverse("training-new", args=[study.uuid]), {**ENTERED, "runs": "0"})
    assert page.status_code == 400
    assert "runs" in page.context["form"].errors
    page = client.get(
        reverse("training-new", args=[study.uuid]), {**ENTERED, "split": "folds", "folds": "40"}
    )
    assert page.status_code == 400
    assert "cannot make 40 folds" in words(page)


def test_an_address_of_a_dry_run_is_one_to_share() -> None:
    study = make_split_study(n_texts=20)
    client = make_researcher(study)
    answer = client.post(reverse("training-new", args=[study.uuid]), {**ENTERED, "look": "1"})
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query["methods"] == ["SL", "MV", "LA-mean"]


def test_learning_curves_and_the_cost_of_each_training_are_shown() -> None:
    study = make_split_study(n_texts=20)
    page = make_researcher(study).get(reverse("training", args=[make_stored(study).uuid]))
    curves, trainings = page.context["curves"], page.context["trainings"]
    assert [cell.value for cell in curves.rows[0].cells] == [0.7, 0.6, 0.65]
    assert trainings.rows[0].cells[-1].value == 1.5
    assert "Epoch 2" in words(page)
