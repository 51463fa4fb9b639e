"""From an empty database to a verdict, with nothing but the commands and the browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from annotations.models import Study
from metaeval.models import Campaign, Comparison, Judgment
from tests.files import write_jsonl, write_rows, write_text
from tests.hlv.commands import refusal, run
from tests.making import make_items, make_methods, make_outputs, make_participant, make_study
from tests.metaeval.test_results import make_labelled

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_ready() -> Study:
    study = make_study(slug="ready")
    make_outputs(make_methods(study), make_items(study, 4))
    return study


def sign_in(link: str) -> Client:
    client = Client()
    client.post("/" + link.split("/", 3)[3])
    return client


def test_commands_alone_lead_to_a_verdict_in_the_browser(tmp_path: Path) -> None:
    links = {
        name: run("create-person", f"{name}@example.org", "--name", name.capitalize()).split()[-1]
        for name in ("lin", "ana", "jo")
    }
    run(
        "create-study",
        "intake",
        "--task",
        "multilabel",
        "--labels",
        "rent,heir",
        "--owner",
        "lin@example.org",
    )
    run("publish-guideline", "intake", write_text(tmp_path / "g.md", "Read the whole message."))
    requests = write_rows(tmp_path / "i.csv", ("id", "text"), ("a", "The rent rose."), ("b", "My aunt died."))
    run("import", "items", requests, "--study", "intake")
    run("add-participant", "intake", "ana@example.org", "--role", "annotator", "--group", "bar")
    run("add-participant", "intake", "jo@example.org", "--role", "judge")
    outputs = [
        {"item": item, "method": method, "distribution": {"rent": share, "heir": 1 - share}}
        for item in "ab"
        for method, share in (("jsd-loss", 0.75), ("majority", 0.5))
    ]
    run("import", "outputs", write_jsonl(tmp_path / "o.jsonl", outputs), "--study", "intake")
    said = run("plan-campaign", "intake", "accuracy", "--criterion", "Which is nearer?", "--open")
    assert said == (
        "The campaign accuracy has 2 comparisons of 2 methods on 2 texts: 2 judgments, 2 for the only judge.\n"
        "At 60 seconds per pair (the default: too few judgments were timed here), judging takes 2 minutes in total.\n"
    )

    annotator, judge = sign_in(links["ana"]), sign_in(links["jo"])
    campaign = Campaign.objects.get()
    assert annotator.get(f"/studies/{campaign.study.uuid}/annotate/", follow=True).status_code == 200
    page = judge.get(f"/studies/{campaign.study.uuid}/judge/", follow=True)
    assert "Which is nearer?" in page.content.decode()
    assert re.search("jsd-loss|majority", page.content.decode()) is None
    entered = {"client_key": str(uuid4()), "verdict": "left"}
    assert judge.post(page.redirect_chain[-1][0], entered).status_code == 302
    given = Judgment.objects.get()
    assert (given.verdict, given.comparison.mode) == ("left", Comparison.Mode.ALL_PAIRS)
    listed = json.loads(run("campaigns", "intake", "--json"))["campaigns"]
    assert [(row["name"], row["n_done"], row["n_wanted"]) for row in listed] == [("accuracy", 1, 2)]


def test_a_plan_waits_until_it_is_opened_and_can_be_closed() -> None:
    make_ready()
    said = run("plan-campaign", "ready", "first look")
    assert "Nobody judges in this study yet." in said
    assert "hlv set-campaign ready 'first look' open" in said
    assert Campaign.objects.get().state == "paused"
    assert run("set-campaign", "ready", "first look", "open") == "The campaign first look is now open.\n"
    assert run("set-campaign", "ready", "first look", "open") == "The campaign first look is already open.\n"
    assert json.loads(run("set-campaign", "ready", "first look", "closed", "--json")) == {
        "campaign": "first look",
        "state": "closed",
        "changed": True,
    }
    assert "closed" in run("campaigns", "ready")
    kept = Campaign.objects.get().study.changes.filter(what="campaign").order_by("pk")
    assert list(kept.values_list("after", "by")) == [("paused", None), ("open", None), ("closed", None)]


def test_a_dry_run_says_the_cost_and_stores_nothing() -> None:
    study = make_ready()
    for _ in range(2):
        make_participant(study, "judge")
    words = ("plan-campaign", "ready", "accuracy", "--judges-per-comparison", "2")
    said = json.loads(run(*words, "--dry-run", "--json"))
    assert (said["n_comparisons"], said["n_judgments"], said["judgments_per_judge"]) == (12, 24, 12)
    assert run(*words, "--dry-run").startswith("The campaign accuracy would have 12 comparisons of 3 methods")
    assert not Campaign.objects.exists()


def test_every_method_meets_the_one_that_the_plan_names() -> None:
    study = make_study(slug="ready")
    items = make_items(study, 4)
    for base_model in ("roberta", "llama"):
        make_outputs(make_methods(study, ("alpha", "human", "beta"), base_model=base_model), items)
    said = json.loads(run("plan-campaign", "ready", "true", "--against", "human", "--items", "3", "--json"))
    assert said["n_comparisons"] == 2 * 2 * 3
    assert [said["protocol"][name] for name in ("design", "opponents", "against")] == [
        "against",
        None,
        "human",
    ]
    assert set(Comparison.objects.values_list("mode", flat=True)) == {"against"}
    pairs = {
        (one.low.base_model, frozenset((one.low.name, one.high.name)))
        for one in Comparison.objects.select_related("low", "high")
    }
    assert pairs == {
        (base_model, frozenset((name, "human")))
        for base_model in ("roberta", "llama")
        for name in ("alpha", "beta")
    }


def test_the_exported_human_distribution_is_imported_as_a_method(tmp_path: Path) -> None:
    study = make_study(slug="ready")
    make_labelled(study)
    make_outputs(make_methods(study, base_model="roberta"), list(study.items.all()))
    run("export", "ready", tmp_path / "out")
    files = [
        tmp_path / "out" / "distributions" / name
        for name in ("distributions.npy", "items.json", "labels.json")
    ]
    run("import", "outputs", *files, "--study", "ready", "--method", "human", "--base-model", "roberta")
    said = json.loads(run("plan-campaign", "ready", "true", "--against", "human", "--dry-run", "--json"))
    assert said["n_comparisons"] == 3 * study.items.count()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--methods", "alpha,omega"), "no method 'omega' (known: alpha, beta, gamma)"),
        (("--methods", " , "), "at least one name"),
        (("--group", "llama"), "no group of methods 'llama'"),
        (("--design", "balanced"), "go together"),
        (("--opponents", "2"), "go together"),
        (("--design", "balanced", "--opponents", "1"), "not connected"),
        (("--against", "omega"), "no method 'omega' of the base model ''"),
        (("--against", "beta", "--design", "balanced", "--opponents", "2"), "leave out the number"),
        (("--items", "5"), "there are only 4"),
        (("--items", "0"), "at least one"),
        (("--judges-per-comparison", "0"), "1 to 1000"),
        (("--threshold", "nan"), "threshold"),
        (("--seed", "-1"), "seed"),
        (("--criterion", "x" * 301), "question: "),
    ],
)
def test_a_plan_that_cannot_be_is_refused(words: tuple[str, ...], said: str) -> None:
    make_ready()
    assert said in refusal("plan-campaign", "ready", "accuracy", *words)


def test_an_unknown_campaign_is_refused_with_those_there_are() -> None:
    make_ready()
    assert "known: none yet" in refusal("set-campaign", "ready", "accuracy", "open")
