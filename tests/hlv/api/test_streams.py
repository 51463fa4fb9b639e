"""Streams of the HTTP API: each kind of rows in both formats, and imported again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotations import jobs
from annotations.models import Job, Study, User
from tests.hlv.api.program import Program, is_problem, lines
from tests.hlv.api.test_client import client_of, whole_content
from tests.making import (
    make_campaign,
    make_items,
    make_methods,
    make_outputs,
    make_participant,
    make_person,
    make_study,
)
from tests.metaeval.test_agreement_diagnostics import judge_all
from tests.metaeval.test_results import make_labelled

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ITEMS = [
    {"item": "1", "text": {"title": "=1+1", "body": "a\u2028b\nc"}, "lang": "en", "court": "York"},
    {"item": "2", "text": {"title": "two", "body": "second"}, "lang": "", "year": "1999"},
]
ANSWERS: list[dict[str, Any]] = [
    {"item": "1", "annotator": "Ana", "label": ["housing", "family"], "certainty": {"housing": 0.75}},
    {"item": "1", "annotator": "Bo", "label": [], "reason": "x"},
    {"item": "2", "annotator": "Ana", "label": None, "flags": "guideline_unclear"},
    {"item": "2", "annotator": "Bo", "label": ["contract"], "submitted_at": "2026-03-01T14:20:00Z"},
]
OUTPUTS = [
    {"item": item, "method": method, "run": "1", "distribution": {"housing": 0.5, "contract": share, "family": 0.25}}
    for item in ("1", "2")
    for method, share in (("a", 0.1), ("b", 0.3))
]  # fmt: skip
JUDGMENTS = [
    {"item": "1", "judge": "Jo", "left": "a", "right": "b", "winner": "left", "confidence": 0.5},
    {"item": "2", "judge": "Jo", "left": "b", "right": "a", "winner": "both"},
]
SCORES = [
    {"method": "a", "metric": "TER", "value": 0.5, "higher_is_better": "down"},
    {"method": "b", "metric": "TER", "value": 0.7, "higher_is_better": "down"},
]


@pytest.fixture
def owner() -> User:
    return make_person("Owner")


def new_study(owner: User, slug: str) -> Study:
    study = make_study(slug=slug)
    make_participant(study, "owner", user=owner)
    return study


def filled(owner: User, slug: str) -> Any:
    """A study with one row or more of each kind, imported by the client."""
    new_study(owner, slug)
    study = client_of(owner).study(slug)
    study.import_rows(ITEMS, kind="items", mapping=[]).wait()
    study.import_rows(ANSWERS, kind="annotations").wait()
    study.import_rows(OUTPUTS, kind="outputs").wait()
    study.import_rows(JUDGMENTS, kind="judgments", campaign="accuracy").wait()
    study.import_rows(SCORES, kind="scores").wait()
    return study


KINDS = ("items", "annotations", "outputs", "judgments", "scores")


def all_rows(study: Any, kind: str) -> list[Any]:
    return list(study.judgments("accuracy") if kind == "judgments" else getattr(study, kind)())


def _content(row: dict[str, Any]) -> str:
    """Without pseudonyms, whose numbers an import draws."""
    return json.dumps({name: value for name, value in row.items() if name not in ("annotator", "judge")})


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_every_stream_imports_again_and_gives_the_same_rows(owner: User, tmp_path: Path, ending: str) -> None:
    first = filled(owner, "first")
    new_study(owner, "second")
    second = client_of(owner).study("second")
    for kind in KINDS:
        campaign = {"campaign": "accuracy"} if kind == "judgments" else {}
        path = first.save(kind, tmp_path / f"{kind}.{ending}", **campaign)
        second.import_file(path, kind=kind, **campaign).wait()
    for kind in KINDS:
        sent, found = all_rows(first, kind), all_rows(second, kind)
        assert len(sent) > 1, kind
        assert len(found) == len(sent), kind
        if ending == "jsonl" or kind == "outputs":
            assert sorted(map(_content, found)) == sorted(map(_content, sent)), kind


def test_ndjson_rows_have_exact_texts_and_all_names(owner: User) -> None:
    study = filled(owner, "first")
    assert [item["text"] for item in study.items()] == [item["text"] for item in ITEMS]
    answers = list(study.annotations())
    assert {tuple(answer) for answer in answers} == {tuple(answers[0])}
    given = {str(answer["label"]): answer["certainty"] for answer in answers}
    # The order of annotators is not that of the file.
    assert given == {
        "['housing', 'family']": {"housing": 0.75},
        "[]": None,
        "None": None,
        "['contract']": None,
    }


def test_accept_chooses_the_format_and_the_parameter_comes_first(owner: User) -> None:
    study = new_study(owner, "intake")
    make_labelled(study)
    program, path = Program(owner), f"studies/{study.uuid}/annotations/"
    types = [
        program.get(f"{path}{query}", **headers)["Content-Type"]
        for query, headers in (
            ("", {}),
            ("", {"accept": "text/csv"}),
            ("?format=ndjson", {"accept": "text/csv"}),
            ("", {"accept": "image/png"}),
        )
    ]
    assert types == ["application/x-ndjson", "text/csv; charset=utf-8"] + ["application/x-ndjson"] * 2
    is_problem(program.get(f"{path}?format=xml"), 400, "ndjson or csv")


def test_a_csv_disarms_formulas(owner: User) -> None:
    study = filled(owner, "first")
    text = Program(owner).get(f"studies/{study.uuid}/items/?format=csv").getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["text.title"] == "'=1+1"
    assert (rows[1]["court"], rows[1]["year"]) == ("", "1999")


def test_an_option_of_imports_is_called_format_too(owner: User) -> None:
    study = new_study(owner, "intake")
    make_items(study, 1)
    key = study.items.get().key
    rows = [{"item": key, "annotator": "Ana", "label": ["housing"]}]
    job = client_of(owner).study("intake").import_rows(rows, kind="annotations", format="long").wait()
    assert job.state == "done"


class TestPages:
    def test_rows_come_page_by_page_and_each_once(self, owner: User) -> None:
        studies = [new_study(owner, f"s{n}").slug for n in range(5)]
        program = Program(owner)
        page = program.get("studies/?limit=2").json()
        assert [one["slug"] for one in page["results"]] == studies[:2]
        # What is added meanwhile moves no page.
        new_study(owner, "later")
        found = [one["slug"] for one in page["results"]]
        while page["next"]:
            page = program.get(page["next"].split("/api/v1/")[1]).json()
            found += [one["slug"] for one in page["results"]]
        assert found == [*studies, "later"]

    def test_results_of_all_kinds_are_newest_first_over_pages(self, owner: User) -> None:
        study = new_study(owner, "intake")
        make_labelled(study)
        campaign = make_campaign(study)
        judge_all(campaign, make_methods(study, ["a", "b", "c", "d"]), items=make_items(study, 2))
        for seed in (1, 2):
            for kind, more in (("agreement", {}), ("ranking", {"campaign": str(campaign.uuid)})):
                made = jobs.create(kind=kind, study=study, params={"n_resamples": 20, "seed": seed, **more})
                assert jobs.run_now(made).state == "done"
        program = Program(owner)
        page = program.get(f"studies/{study.uuid}/results/?limit=1").json()
        found = list(page["results"])
        while page["next"]:
            page = program.get(page["next"].split("/api/v1/")[1]).json()
            assert len(page["results"]) == 1
            found += page["results"]
        assert [one["kind"] for one in found] == ["rankings", "label-agreements"] * 2
        assert found == program.get(f"studies/{study.uuid}/results/").json()["results"]
        only = client_of(owner).study("intake").results("rankings")
        assert [one.kind for one in only] == ["rankings"] * 2

    @pytest.mark.parametrize(
        "query",
        ["studies/?cursor=x", "studies/?cursor=cD1mb28=", "{}results/?cursor=x", "{}results/?kind=x"],
    )
    def test_what_is_no_cursor_is_refused(self, owner: User, query: str) -> None:
        study = new_study(owner, "intake")
        refused = Program(owner).get(query.format(f"studies/{study.uuid}/"))
        assert refused.status_code in (400, 404)
        assert refused["Content-Type"] == "application/problem+json"


class TestLinks:
    def test_they_have_the_host_and_port_of_the_request(self, owner: User, settings: Any) -> None:
        settings.HAS_BASE_URL, settings.ALLOWED_HOSTS = False, ["hlv.test"]
        study = new_study(owner, "intake")
        new_study(owner, "other")
        program = Program(owner)
        host = {"host": "hlv.test:8443"}
        page = program.get("studies/?limit=1", **host).json()
        assert page["next"].startswith("http://hlv.test:8443/api/v1/studies/?")
        job = program.post(f"studies/{study.uuid}/bundles/", {}, **host)
        assert job["Location"].startswith("http://hlv.test:8443/api/v1/jobs/")
        invited = program.post(f"studies/{study.uuid}/invitations/", {"role": "judge"}, **host).json()
        assert invited["link"].startswith("http://hlv.test:8443/join/")

    def test_an_address_that_is_set_comes_first(self, owner: User, settings: Any) -> None:
        settings.HAS_BASE_URL, settings.BASE_URL = True, "https://hlv.example.org"
        new_study(owner, "intake")
        new_study(owner, "other")
        page = Program(owner).get("studies/?limit=1").json()
        assert page["next"].startswith("https://hlv.example.org/api/v1/studies/?")


class TestBundles:
    def test_a_bundle_is_made_and_written(self, owner: User, tmp_path: Path) -> None:
        study = new_study(owner, "intake")
        make_labelled(study)
        path = client_of(owner).study("intake").export(tmp_path / "intake.zip")
        assert path.read_bytes().startswith(b"PK")
        assert [one.name for one in tmp_path.iterdir()] == ["intake.zip"]

    def test_names_need_a_scope_and_a_right(self, owner: User) -> None:
        study = new_study(owner, "intake")
        researcher = make_person("Researcher")
        make_participant(study, "researcher", user=researcher)
        path = f"studies/{study.uuid}/bundles/"
        is_problem(Program(researcher).post(path, {"names": True}), 403, "see names")
        is_problem(Program(owner, scopes=["read"]).post(path, {"names": True}), 403, "scope “people”")
        made = Program(owner).post(path, {"names": True}).json()["uuid"]
        jobs.run_now(Job.objects.get(uuid=made))
        is_problem(Program(researcher).get(f"jobs/{made}/bundle/"), 403, "see names")
        is_problem(Program(owner, scopes=["read"]).get(f"jobs/{made}/bundle/"), 403, "scope “people”")
        whole = Program(owner).get(f"jobs/{made}/bundle/")
        assert whole_content(whole).startswith(b"PK")

    def test_a_bundle_that_is_not_made_is_not_there(self, owner: User) -> None:
        study = new_study(owner, "intake")
        program = Program(owner)
        made = program.post(f"studies/{study.uuid}/bundles/", {}).json()["uuid"]
        is_problem(program.get(f"jobs/{made}/bundle/"), 409, "not done")
        is_problem(program.post(f"studies/{study.uuid}/bundles/", {"as_of": "soon"}), 422, "no time")
        future = timezone.now().replace(year=timezone.now().year + 1).isoformat()
        is_problem(program.post(f"studies/{study.uuid}/bundles/", {"as_of": future}), 422, "future")


def test_scores_of_files_and_of_the_newest_scoring(owner: User) -> None:
    study = new_study(owner, "intake")
    make_labelled(study)
    make_outputs(make_methods(study, ["a", "b"]), list(study.items.all()))
    here = client_of(owner).study("intake")
    here.import_rows(SCORES, kind="scores").wait()
    here.run("scoring", n_resamples=20, seed=1).wait()
    found = lines(Program(owner).get(f"studies/{study.uuid}/scores/"))
    assert [row["metric"] for row in found[:2]] == ["TER", "TER"]
    assert {row["method"] for row in found[2:]} == {"a", "b"}
    assert json.loads(json.dumps(found)) == list(here.scores())
