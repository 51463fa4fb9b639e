"""The page of all campaigns and human scores of a study, and its files."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from annotations import jobs
from annotations.models import Study
from metaeval.models import MetricAgreement
from tests.making import make_participant, make_study
from tests.metaeval.making import signed_in
from tests.metaeval.several_campaigns import make_several

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def make_computed(**more: bool) -> tuple[Study, Client]:
    study = make_several(
        "several",
        {"accuracy": range(7), "clarity": (1, 0, 2, 3, 4, 6, 5)},
        {"near": [7.0, 6, 5, 4, 3, 1, 2], "far": [4.0, 6, 2, 7, 1, 5, 3]},
        **more,
    )
    for campaign in study.campaigns.all():
        asked = {"campaign": str(campaign.uuid), "n_resamples": 60, "seed": 3}
        jobs.run_now(jobs.create(kind="metaeval", study=study, params=asked))
    return study, signed_in(make_participant(study, "researcher"))


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_the_page_has_the_answer_the_table_and_its_files() -> None:
    study, client = make_computed()
    address = reverse("over-campaigns", args=[study.uuid])

    assert address in text_of(client, reverse("results", args=[study.uuid]))
    page = text_of(client, address)

    assert "2 of 4 tested cells agree with people better than chance after one Holm correction." in page
    assert "Agreement of metrics with people: Kendall’s τ-b, data" in page
    assert "one Holm correction over 4 tests" in page
    for snapshot in MetricAgreement.objects.all():
        assert str(snapshot.uuid) in page
    assert "Each base model separately" not in page
    files = reverse("over-campaigns-file", args=[study.uuid, "csv"])
    assert f'href="{files}?statistic=kendall_tau_b"' in page


def test_another_statistic_and_its_file() -> None:
    study, client = make_computed(base_models=True)

    asked = {"statistic": "pearson", "by_base_model": "1"}
    reply = client.get(reverse("over-campaigns-file", args=[study.uuid, "csv"]), asked)
    page = client.get(reverse("over-campaigns", args=[study.uuid]), asked).content.decode()

    rows = list(csv.DictReader(StringIO(reply.content.decode())))
    assert {row["statistic"] for row in rows} == {"pearson"}
    assert {(row["campaign"], row["base_model"]) for row in rows} == {
        (campaign, base) for campaign in ("accuracy", "clarity") for base in ("small", "large")
    }
    assert reply["Content-Disposition"] == 'attachment; filename="several-agreement-over-campaigns.csv"'
    assert '<option value="pearson" selected>' in page
    assert 'value="1" checked' in page
    tex = client.get(reverse("over-campaigns-file", args=[study.uuid, "tex"]), asked).content.decode()
    assert "Pearson" in tex
    # Four columns are on two sheets.
    assert r"\label{tab:agreement-over-campaigns-2}" in tex


def test_a_study_without_results_says_what_to_do() -> None:
    study = make_study()
    client = signed_in(make_participant(study, "researcher"))

    assert "Open a campaign and choose Recompute." in text_of(
        client, reverse("over-campaigns", args=[study.uuid])
    )
    assert client.get(reverse("over-campaigns-file", args=[study.uuid, "csv"])).status_code == 404


def test_what_does_not_exist_is_not_found() -> None:
    study, client = make_computed()

    assert client.get(reverse("over-campaigns", args=[study.uuid]), {"statistic": "luck"}).status_code == 404
    assert client.get(reverse("over-campaigns-file", args=[study.uuid, "xlsx"])).status_code == 404


def test_the_page_reads_as_many_rows_for_many_metrics(
    django_assert_max_num_queries: object,
) -> None:
    study, client = make_computed()

    with django_assert_max_num_queries(24):  # type: ignore[operator]  # a fixture of pytest-django
        client.get(reverse("over-campaigns", args=[study.uuid]))
