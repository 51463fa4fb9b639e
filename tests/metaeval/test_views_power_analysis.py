"""Power analysis in the browser: the form, its errors, the job and the result."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations import jobs
from annotations.models import Job, Study
from hlv.stats.power.forecast import ForecastResult, Share, StoredScenario
from metaeval.findings.power_analysis_tables import order_headline
from metaeval.services.power_analysis import run_forecast
from tests.making import make_items, make_methods, make_participant, make_study
from tests.metaeval.making import signed_in

pytestmark = pytest.mark.django_db

ENTERED = {
    "n_methods": "3",
    "n_judges": "6",
    "n_judgments": "150",
    "n_items": "20",
    "tie_percent": "10",
    "spread": "2",
    "taste_sd": "0.3",
    "item_sd": "0.2",
    "evenness": "4",
    "better": "0.9",
    "worse": "0.5",
    "seed": "7",
}


def make_researcher(study: Study) -> Client:
    return signed_in(make_participant(study, "researcher"))


def post(study: Study, client: Client, **changes: str) -> Any:
    return client.post(reverse("power-analysis", args=[study.uuid]), ENTERED | changes)


def test_the_form_begins_with_the_study_as_it_stands() -> None:
    study = make_study()
    make_items(study, 5)
    make_methods(study, ["a", "b", "c"])
    make_participant(study, "judge")
    shown = make_researcher(study).get(reverse("power-analysis", args=[study.uuid])).context["form"].initial
    assert [shown[name] for name in ("n_methods", "n_judges", "n_items", "n_judgments")] == [3, 1, 5, 2400]


def test_asking_twice_for_one_plan_is_asking_once() -> None:
    study = make_study()
    client = make_researcher(study)
    first, again, other = (post(study, client, seed=seed)["Location"] for seed in ("7", "7", "8"))
    assert first == again != other


def test_a_plan_becomes_a_job_and_its_forecast_a_page() -> None:
    study = make_study()
    client = make_researcher(study)
    job = Job.objects.get(uuid=post(study, client)["Location"].split("/")[2])
    assert (job.kind, job.params["seed"], job.params["plan"]["tie_share"]) == ("forecast", 7, 0.1)
    address = reverse("power-analysis-result", args=[job.uuid])
    assert client.get(address)["Location"] == reverse("job", args=[job.uuid])
    Job.objects.filter(pk=job.pk).update(params=job.params | {"n_simulations": 3})
    job.refresh_from_db()
    done = jobs.run_now(job)
    assert (done.state, done.progress_done, done.progress_total) == (Job.State.DONE, 15, 15)
    assert done.progress_note.endswith("(plan 5 of 5)")
    page = client.get(address).content.decode()
    for words in ("times in 100", "Four times the judges", "Seed:", "Rank distance"):
        assert words in page
    assert address in client.get(reverse("power-analysis", args=[study.uuid])).content.decode()
    assert address in client.get(reverse("job", args=[job.uuid])).content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"n_methods": "1"}, "greater than or equal to 2"),
        ({"n_judgments": "many"}, "whole number"),
        ({"worse": "0.95"}, "must correlate less"),
        ({"tie_percent": "96"}, "less than or equal to 95"),
        ({"seed": ""}, "required"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_makes_no_job(changes: dict[str, str], sentence: str) -> None:
    study = make_study()
    response = post(study, make_researcher(study), **changes)
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"spread": "0"}, "no true order to find"),
        ({"n_methods": "9", "n_judgments": "4"}, "determine no ranking"),
    ],
)
def test_what_has_no_answer_is_said(changes: dict[str, str], headline: str) -> None:
    study = make_study()
    client = make_researcher(study)
    job = Job.objects.get(uuid=post(study, client, **changes)["Location"].split("/")[2])
    Job.objects.filter(pk=job.pk).update(params=job.params | {"n_simulations": 2})
    job.refresh_from_db()
    assert jobs.run_now(job).state == Job.State.DONE
    assert headline in client.get(reverse("power-analysis-result", args=[job.uuid])).content.decode()


def test_a_plan_that_nobody_could_hold_is_refused_before_there_is_a_job() -> None:
    with pytest.raises(jobs.JobRefusedError, match="the number of methods must be 2 or more"):
        jobs.create(
            kind="forecast",
            study=make_study(),
            params={"plan": {"n_methods": 1, "n_judges": 1, "n_judgments": 1}},
        )


def test_the_progress_of_a_forecast_is_that_of_all_its_plans() -> None:
    study = make_study()
    job = Job.objects.get(uuid=post(study, make_researcher(study))["Location"].split("/")[2])
    Job.objects.filter(pk=job.pk).update(params=job.params | {"n_simulations": 2})
    job.refresh_from_db()
    told: list[tuple[int, int]] = []

    class Telling(jobs.Progress):
        """Every report, where the job's own are throttled."""

        def __call__(self, done: int, total: int, note: str = "") -> None:
            told.append((done, total))
            super().__call__(done, total, note)

    claimed = jobs.claim(job.pk)
    assert claimed is not None
    run_forecast(claimed, Telling(claimed))
    assert [done for done, _total in told] == sorted(done for done, _total in told)
    assert ({total for _done, total in told}, told[-1]) == ({10}, (10, 10))


def make_forecast(study: Study, client: Client, *, n_simulations: int = 3, **changes: str) -> Job:
    job = Job.objects.get(uuid=post(study, client, **changes)["Location"].split("/")[2])
    Job.objects.filter(pk=job.pk).update(params=job.params | {"n_simulations": n_simulations})
    job.refresh_from_db()
    return jobs.run_now(job)


def test_a_forecast_says_all_that_it_supposes() -> None:
    study = make_study()
    client = make_researcher(study)
    job = make_forecast(study, client)
    shown = client.get(reverse("power-analysis-result", args=[job.uuid]))
    assert dict(shown.context["planned"]).keys() >= {"Texts differ by", "Evenness of activity", "Program"}
    planned = dict(shown.context["planned"])
    assert (planned["Texts differ by"], planned["Evenness of activity"]) == ("0.2 log odds", "4")


def test_one_judge_is_said_beside_the_numbers_and_needs_none() -> None:
    study = make_study()
    client = make_researcher(study)
    job = make_forecast(study, client, n_judges="1")
    page = client.get(reverse("power-analysis-result", args=[job.uuid])).content.decode()
    for words in ("Limitations", "the intervals ignore differences between judges", "undetermined"):
        assert words in page
    listed = client.get(reverse("power-analysis", args=[study.uuid])).content.decode()
    assert "3 methods, 1 judge, 150 judgments" in listed


def test_a_forecast_of_an_earlier_version_is_read_with_the_same_care() -> None:
    study = make_study()
    client = make_researcher(study)
    job = make_forecast(study, client, n_methods="9", n_judgments="4")
    assert job.result.pop("schema_version") == 1
    for found in job.result["forecasts"]:
        for later in ("cautions", "code_version"):
            del found[later]
        for row in found["separated_by_places_apart"]:
            del row["needed_undetermined"]
    Job.objects.filter(pk=job.pk).update(result=job.result)
    page = client.get(reverse("power-analysis-result", args=[job.uuid])).content.decode()
    assert "No simulation of 3 gave an interval" in page
    assert "no number suffices" not in page


@pytest.mark.parametrize(
    ("share", "words"), [(0.01, "the true order 1 time in 100"), (0.5, "the true order 50 times in 100")]
)
def test_once_of_a_hundred_is_one_time(share: float, words: str) -> None:
    plan = StoredScenario(n_methods=3, n_judges=6, n_judgments=150)
    order = Share(share=share, interval=(0.0, 1.0))
    found = ForecastResult(plan=plan, n_simulations=100, seed=1, true_order=order)
    assert words in order_headline(found)
