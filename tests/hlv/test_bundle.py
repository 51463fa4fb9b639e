"""The bundle as a zip: the same bytes again, the page's and the commands' numbers, and the way to it in the browser."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations import jobs
from annotations.models import Job, Study
from hlv.bundle import bundle_path, export_study, export_zip
from hlv.core.tabular.writing import iso
from metaeval.models import Campaign, Method
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services.preregistration import preregister
from tests.hlv.commands import refusal, run
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_items,
    make_methods,
    make_participant,
    make_study,
    make_uploaded_metric,
)
from tests.metaeval.making import signed_in

pytestmark = pytest.mark.django_db

NAMES = ("=cmd|'/c calc'!A1", "R&D 50%_{x}", "كشف")


@pytest.fixture(autouse=True)
def uploads_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = str(tmp_path / "uploads")


def make_judged() -> Campaign:
    """Three methods that five judges put into one order most of the time, and a metric of another program."""
    study = make_study(task=Study.Task.NONE, labels=())
    items = make_items(study, 4)
    methods = make_methods(study, NAMES)
    campaign = make_campaign(study, "=accuracy 100%")
    for number in range(5):
        judge = make_participant(study, "judge")
        for place, item in enumerate(items):
            for one, other in ((0, 1), (1, 2), (0, 2)):
                best, worst = (one, other) if (place + number + one) % 4 else (other, one)
                make_imported_judgment(
                    campaign, winner=methods[best], loser=methods[worst], judge=judge, item=item
                )
    make_uploaded_metric(study, methods, [0.123456789012345, 0.2, 0.1])
    return campaign


def compute(campaign: Campaign, *, seed: int) -> dict[str, Any]:
    """What the command prints."""
    found: dict[str, Any] = json.loads(
        run("metaeval", campaign.study.slug, "--json", "--n-resamples", "100", "--seed", str(seed))
    )
    return found


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def test_the_same_moment_gives_the_same_zip_and_another_seed_alone_another(tmp_path: Path) -> None:
    campaign = make_judged()
    study = campaign.study
    preregister(campaign, PlannedAnalysis(metrics=(study.metrics.get().name,), seed=1), by=None)
    asked = {"campaign": str(campaign.uuid), "n_resamples": 100, "as_of": timezone.now().isoformat()}
    # One moment for all of them, after the last: nothing but the seed is another.
    moment = timezone.now() + timedelta(hours=1)
    for seed in (1, 2):
        with transaction.atomic():
            job = jobs.run_now(jobs.create(kind="metaeval", study=study, params=asked | {"seed": seed}))
            assert job.state == Job.State.DONE
            made = [export_zip(study, tmp_path / f"{seed}{copy}.zip", as_of=moment) for copy in "ab"]
            transaction.set_rollback(True)
        whole = (tmp_path / f"{seed}a.zip").read_bytes()
        assert whole == (tmp_path / f"{seed}b.zip").read_bytes()
        assert made[0].sha256 == made[1].sha256 == hashlib.sha256(whole).hexdigest()
    one, other = members(tmp_path / "1a.zip"), members(tmp_path / "2a.zip")
    rows = [list(csv.DictReader(StringIO(held["provenance.csv"].decode()))) for held in (one, other)]
    assert [[row["seed"] for row in found] for found in rows] == [["1", "1"], ["2", "2"]]
    assert [row["data_fingerprint"] for row in rows[0]] == [row["data_fingerprint"] for row in rows[1]]
    # Intervals are drawn; what was said and counted is the same.
    for name in ("metric-agreements.csv", "report/accuracy-100/metric-agreement.tex"):
        assert one[name] != other[name], name
    for name in (
        "win-counts.csv",
        "judgment-history.csv",
        "methods.csv",
        "uploaded-scores.csv",
    ):
        assert one[name] == other[name], name
    # The seed is planned, and the README says of each ranking whether it departs from the plan.
    said = ["Seed: 2 (planned: 1)" in " ".join(held["README.txt"].decode().split()) for held in (one, other)]
    assert said == [False, True]


@pytest.mark.both_databases
def test_a_zip_holds_what_the_folder_holds_and_its_checksums(tmp_path: Path) -> None:
    campaign = make_judged()
    compute(campaign, seed=1)
    moment = timezone.now()
    folder = export_study(campaign.study, tmp_path / "out", as_of=moment)
    export_zip(campaign.study, tmp_path / "out.zip", as_of=moment)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        within = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert set(within) == set(folder.files)
    assert all((tmp_path / "out" / name).read_bytes() == held for name, held in within.items())
    # A numbered figure says whose scores it draws, and the card how many answers the distributions are made of.
    named = re.findall(
        r"strength-against-score-\d+\.svg +the figure .*”: (.+)", within["README.txt"].decode()
    )
    assert named
    assert {*named} <= {str(row["label"]) for row in campaign.metric_agreements.get().result["metrics"]}
    card = within["data-card.md"].decode()
    assert "of them flagged and without labels" in card
    assert "of them with labels or the empty set" in card
    sums = dict(reversed(line.split("  ", 1)) for line in within["SHA256SUMS"].decode().splitlines())
    assert all(hashlib.sha256(within[name]).hexdigest() == digest for name, digest in sums.items())
    assert {
        "data-card.md", "provenance.csv", "versions.json", "report/accuracy-100/methods.txt",
        "report/accuracy-100/ranking.tex", "report/accuracy-100/references.bib", "report/accuracy-100/all.tex",
    } <= set(sums)  # fmt: skip


@pytest.mark.both_databases
def test_the_bundle_the_page_and_the_command_have_the_same_numbers(tmp_path: Path) -> None:
    campaign = make_judged()
    said = compute(campaign, seed=3)
    params = {"campaign": str(campaign.uuid)}
    jobs.run_now(jobs.create(kind="sensitivity", study=campaign.study, params=params))
    folder = export_study(campaign.study, tmp_path / "out", as_of=timezone.now()).folder
    client = signed_in(make_participant(campaign.study, "researcher"))
    stored = json.loads((folder / "metric-agreements.json").read_text(encoding="utf-8"))[-1]
    assert stored["result"].items() <= said.items()
    assert (stored["uuid"], stored["parameters"]) == (said["snapshot"], said["parameters"])
    for table, name in (
        ("ranking", "rankings.csv"),
        ("metric-agreement", "metric-agreements.csv"),
        ("sensitivity", "sensitivity.csv"),
    ):
        shown = client.get(reverse("campaign-table", args=[campaign.uuid, table])).content.decode()
        rows = [row[4:] for row in csv.reader(StringIO(shown))]
        assert rows == list(csv.reader(StringIO((folder / name).read_text(encoding="utf-8"))))
    report = client.get(reverse("report-file", args=[campaign.uuid, "methods.txt"])).content
    assert report == (folder / "report" / "accuracy-100" / "methods.txt").read_bytes()
    tau = said["metrics"][0]["kendall_tau_b"]["value"]
    assert f"τ-b \u2066{tau:.2f}\u2069".replace("\u2066", "").replace("\u2069", "") in report.decode()


def test_no_spreadsheet_takes_a_name_for_a_formula(tmp_path: Path) -> None:
    campaign = make_judged()
    compute(campaign, seed=1)
    folder = export_study(campaign.study, tmp_path / "out", as_of=timezone.now()).folder
    assert Method.objects.filter(name=NAMES[0]).exists()
    cells = [
        (path.name, cell)
        for path in folder.rglob("*.csv")
        for row in csv.reader(StringIO(path.read_text(encoding="utf-8")))
        for cell in row
    ]
    assert [name for name, cell in cells if NAMES[0] in cell] != []
    assert [name for name, cell in cells if cell.startswith(("=", "@"))] == []


def ask(client: Client, study: Study, **entered: str) -> Any:
    return client.post(reverse("bundle", args=[study.uuid]), entered)


def run_job(study: Study) -> Job:
    return jobs.run_now(study.jobs.latest("pk"))


def test_a_researcher_has_a_bundle_made_and_downloads_it(tmp_path: Path) -> None:
    campaign = make_judged()
    study = campaign.study
    compute(campaign, seed=1)
    client = signed_in(make_participant(study, "researcher"))
    moment = iso(timezone.now())
    assert ask(client, study, as_of=moment).status_code == 302
    job = run_job(study)
    assert job.result is not None
    response = client.get(reverse("bundle-file", args=[job.uuid]))
    content = b"".join(response.streaming_content)
    assert response["Content-Disposition"] == f'attachment; filename="{study.slug}.zip"'
    assert hashlib.sha256(content).hexdigest() == job.result["sha256"]
    run("export", study.slug, tmp_path / "told.zip", "--as-of", moment)
    assert (tmp_path / "told.zip").read_bytes() == content
    assert zipfile.ZipFile(BytesIO(content)).testzip() is None
    page = client.get(reverse("bundle", args=[study.uuid])).content.decode()
    assert job.result["sha256"] in page
    bundle_path(job).unlink()
    assert client.get(reverse("bundle-file", args=[job.uuid])).status_code == 410


def test_only_who_may_see_names_gets_a_bundle_with_them() -> None:
    study = make_study()
    make_items(study, 1)
    owner, researcher = (signed_in(make_participant(study, role)) for role in ("owner", "researcher"))
    ask(owner, study, names="on")
    job = run_job(study)
    assert job.params["names"]
    assert b"".join(owner.get(reverse("bundle-file", args=[job.uuid])).streaming_content)
    assert researcher.get(reverse("bundle-file", args=[job.uuid])).status_code == 403
    ask(researcher, study, names="on")
    assert not study.jobs.latest("pk").params["names"]


@pytest.mark.both_databases
def test_asking_twice_for_a_bundle_of_now_or_of_one_moment_is_asking_once() -> None:
    study = make_study()
    owner = signed_in(make_participant(study, "owner"))
    asked: tuple[dict[str, str], ...] = ({}, {"names": "on"}, {"as_of": "2026-03-01T14:20"})
    for entered in asked:
        assert len({ask(owner, study, **entered)["Location"] for _ in range(2)}) == 1
    assert study.jobs.count() == len(asked)


@pytest.mark.parametrize(("as_of", "said"), [("soon", "is no time"), ("2999-01-01", "lies in the future")])
def test_a_moment_that_cannot_be_is_said_beside_the_field(as_of: str, said: str) -> None:
    study = make_study()
    response = ask(signed_in(make_participant(study, "owner")), study, as_of=as_of)
    assert response.status_code == 400
    assert said in response.content.decode()
    assert not study.jobs.exists()


def test_a_zip_that_is_there_is_left_alone(tmp_path: Path) -> None:
    study = make_study()
    (tmp_path / "mine.zip").write_bytes(b"mine")
    assert "is there already" in refusal("export", study.slug, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_bytes() == b"mine"


def test_card_and_readme_say_how_the_intervals_were_made_and_which_snapshot_follows_the_defaults(
    tmp_path: Path,
) -> None:
    campaign = make_judged()
    compute(campaign, seed=3)
    run("rank", campaign.study.slug, "--n-resamples", "100", "--resample", "judgments")
    export_study(campaign.study, tmp_path / "out", as_of=timezone.now())
    first = campaign.rankings.earliest("pk")
    for name in ("data-card.md", "README.txt"):
        said = " ".join((tmp_path / "out" / name).read_text().split())
        assert "intervals here are made by judge and text" not in said
        assert "from robust standard errors (CR3) with one judgment left out at a time" in said
        assert "Its 100 resamples are of single judgments" in said
        assert "so intervals are too narrow where people judged more than once." in said
        assert "by single judgments instead of judges and texts" in said
        assert f"/rankings/{first.uuid}/, follows the defaults." in said
    assert "in which judges and texts were stored" in " ".join(
        (tmp_path / "out" / "README.txt").read_text().split()
    )
