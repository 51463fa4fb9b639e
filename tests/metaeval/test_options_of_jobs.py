"""Every option of every computation is applied, or refused in a sentence; a snapshot records what was computed."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from django.core.management import load_command_class
from django.urls import reverse

from annotations import jobs
from annotations.jobs import JobRefusedError
from annotations.models import Import, Job, Snapshot
from metaeval.models import (
    AutomaticJudge,
    JudgeReport,
    Judgment,
    Metric,
    MetricAgreement,
    MetricScore,
    Ranking,
    Scoring,
    Sensitivity,
)
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.selections import RULES
from metaeval.services.judges import JudgeOptions
from tests.hlv.commands import refusal, run
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_methods,
    make_participant,
    make_study,
)
from tests.metaeval.making import signed_in
from tests.metaeval.world import DRAWS, World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def given(world: World) -> dict[str, Any]:
    """A value of each option, other than the usual one, that the world's data can show."""
    study = world.campaign.study
    return {
        "model": "win-rate",
        "ties": "davidson",
        "resample": "judges",
        "n_resamples": DRAWS // 2,
        "seed": 7,
        "ridge": 0.5,
        "weights": "certainty",
        "base_model": "small",
        "judge_group": "bar",
        "without_judges": [1],
        "without_methods": ["d"],
        "without_texts": [study.items.order_by("position")[0].key],
        "under_seconds": 1.0,
        "block_by": "document",
        "as_of": world.earlier,
        "null": "methods",
        "metrics": ["po_jsd"],
        "campaign": str(make_campaign(study, "fluency").uuid),
        "against": "human",
    }


RANKING = {
    *("model", "ties", "resample", "n_resamples", "seed", "ridge", "base_model", "judge_group", "as_of"),
    "block_by",
    *RULES,
}

# Of each path: the kind of job, what it is asked with, and the options that it applies. Every other one it refuses.
PATHS: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "ranking": ("ranking", {"campaign": True}, RANKING),
    "campaign": ("metaeval", {"campaign": True}, RANKING | {"weights", "null"}),
    "against": (
        "metaeval",
        {"against": "human"},
        {"n_resamples", "seed", "without_methods", "as_of", "null", "block_by"},
    ),
    "scores": ("scoring", {}, {"metrics", "n_resamples", "seed", "weights"}),
    "judges": ("judges", {"campaign": True}, {"ties", "ridge", "n_resamples", "seed"}),
    "sensitivity": ("sensitivity", {"campaign": True}, {"base_model", "judge_group"}),
}

SNAPSHOTS: dict[str, type[Snapshot]] = {
    "ranking": Ranking,
    "metaeval": MetricAgreement,
    "scoring": Scoring,
    "judges": JudgeReport,
    "sensitivity": Sensitivity,
}

# What a result repeats of what was asked, and names: no sign that anything was done.
ECHOES = {
    *("model", "ties", "ridge", "seed", "n_resamples", "n_resamples_asked", "weights", "null", "against"),
    *("ranking", "plan", "methods_left_out", "n_left_out"),
}


def without_echoes(stored: Any) -> Any:
    if isinstance(stored, dict):
        return {name: without_echoes(value) for name, value in stored.items() if name not in ECHOES}
    return [without_echoes(value) for value in stored] if isinstance(stored, list) else stored


def asked(path: str, world: World, **option: Any) -> Job:
    kind, params, _ = PATHS[path]
    params = {
        name: str(world.campaign.uuid) if name == "campaign" else value for name, value in params.items()
    }
    if kind not in ("sensitivity",):
        params = {"n_resamples": DRAWS, "seed": 1} | params
    return jobs.create(kind=kind, study=world.campaign.study, params=params | option)


def computed(path: str, world: World, **option: Any) -> Snapshot:
    done = jobs.run_now(asked(path, world, **option))
    assert done.state == Job.State.DONE, done.reason
    found: Snapshot = SNAPSHOTS[PATHS[path][0]]._default_manager.latest("pk")
    return found


def numbers(snapshot: Snapshot) -> str:
    return json.dumps(without_echoes(snapshot.result), sort_keys=True)


def test_the_table_has_every_option_that_there_is() -> None:
    world = make_world()
    known = set(given(world))

    assert {field.name for field in fields(RankingOptions)} <= known
    assert {field.name for field in fields(JudgeOptions)} <= known
    assert PlannedAnalysis().as_job_params().keys() <= known
    for _kind, _params, applied in PATHS.values():
        assert applied <= known


# Of the longest, "against" shows the options of metric agreement, and "ranking" those of judgments.
@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=[pytest.mark.slow] if path == "campaign" else []) for path in PATHS]
)
def test_an_option_is_applied_or_refused_in_a_sentence(path: str) -> None:
    world = make_world()
    if path == "sensitivity":
        for part in ({}, {"base_model": "small"}, {"judge_group": "bar"}):
            computed("ranking", world, **part)
    usual = numbers(computed(path, world))
    assert numbers(computed(path, world)) == usual
    _kind, own, applied = PATHS[path]
    for name, value in given(world).items():
        if name in own:
            continue
        if name in applied:
            snapshot = computed(path, world, **{name: value})
            assert numbers(snapshot) != usual, f"{path} ignores {name}"
            recorded = snapshot.parameters.get(name, value)
            assert recorded == value or name == "metrics", f"{path} records {recorded!r} of {name}"
        else:
            n_jobs = Job.objects.count()
            with pytest.raises(JobRefusedError) as refused:
                asked(path, world, **{name: value})
            assert str(refused.value).endswith("."), name
            assert Job.objects.count() == n_jobs
    with pytest.raises(JobRefusedError, match="'colour'"):
        asked(path, world, colour="red")


def test_what_says_nothing_is_no_option() -> None:
    world = make_world()
    asked("scores", world, metrics=None)
    asked("against", world, weights="equal", without_methods=[], base_model="")


def test_every_argument_of_a_command_is_an_option_or_says_what_is_printed() -> None:
    printed = {
        *("slug", "as_json", "details", "names", "items", "help", "version", "verbosity"),
        # A further table, in a file; and the texts of scores, a part of the study.
        *("labels", "where", "split"),
        *("settings", "pythonpath"),
        *("traceback", "no_color", "force_color", "skip_checks"),
        # Of a plan: the claims, in words and names.
        *("statistics", "exclusions", "notes"),
    }
    known = set(given(make_world())) | printed
    for name in ("rank", "metaeval", "score", "judges", "sensitivity", "preregister"):
        parser = load_command_class("hlv", name).create_parser("hlv", name)
        assert {action.dest for action in parser._actions} <= known, name


def test_a_human_score_is_compared_without_the_methods_that_are_left_out() -> None:
    world = make_world()
    slug = world.campaign.study.slug
    words = ("metaeval", slug, "--against", "human", "--n-resamples", "20", "--json")

    found = json.loads(run(*words, "--without-methods", "d"))

    assert found["methods"] == ["a", "b", "c"]
    assert [row["n_methods"] for row in found["metrics"]] == [3, 3, 3]
    assert found["methods_left_out"] == ["d"]
    assert found["notes"][0] == "Methods left out: d."
    assert found["parameters"]["without_methods"] == ["d"]
    assert json.loads(run(*words))["parameters"]["without_methods"] == []
    assert "model" not in found["parameters"]


def test_options_of_judgments_are_refused_beside_a_human_score() -> None:
    world = make_world()
    slug = world.campaign.study.slug
    for words in (
        ["--campaign", "accuracy"],
        ["--without-judges", "1"],
        ["--without-texts", "item-0"],
        ["--under-seconds", "2"],
        ["--ties", "davidson"],
        ["--resample", "judges"],
    ):
        said = refusal("metaeval", slug, "--against", "human", *words)
        assert "has no judgments" in said
        assert words[0].removeprefix("--").replace("-", "_") in said


def test_a_method_that_is_left_out_of_the_people_is_left_out_of_every_side() -> None:
    """An automatic judge's verdicts on it, too, and the metrics on judged texts."""
    world = make_world()
    program = AutomaticJudge.objects.create(study=world.campaign.study, name="program")
    Judgment.objects.bulk_create(
        Judgment(
            comparison=judgment.comparison,
            automatic_judge=program,
            verdict=judgment.verdict,
            low_is_left=judgment.low_is_left,
            submitted_at=judgment.submitted_at,
            import_batch=judgment.import_batch,
        )
        for judgment in list(Judgment.objects.filter(automatic_judge=None))
    )
    snapshot = computed("campaign", world, without_methods=["d"])
    rows = {row["label"]: row for row in snapshot.result["metrics"]}

    assert snapshot.result["methods"] == ["a", "b", "c"]
    # The program says what the people say, so its board is theirs to the last judgment.
    assert rows["program"]["judged"]["n_judgments"] == snapshot.result["n_judgments"]


def test_judged_texts_are_those_of_the_judgments_that_count() -> None:
    world = make_world()
    study = world.campaign.study
    keys = [item.key for item in study.items.order_by("position")]

    whole = computed("campaign", world)
    part = computed("campaign", world, without_texts=keys[:2])

    # All texts are judged: there is nothing beside all of them.
    assert whole.result["judged_items_only"] is None
    assert part.result["judged_items_only"]["n_items"] == 4


def test_a_plan_is_followed_by_each_command_with_what_that_command_has() -> None:
    world = make_world()
    slug = world.campaign.study.slug
    run(
        "preregister",
        slug,
        "--metrics",
        "po_jsd",
        "--weights",
        "certainty",
        "--without-methods",
        "d",
        "--n-resamples",
        "20",
    )

    ranked = json.loads(run("rank", slug, "--json"))
    agreed = json.loads(run("metaeval", slug, "--json"))

    assert (ranked["plan"]["added"], agreed["plan"]["added"]) == (False, False)
    assert "weights" not in ranked["parameters"]
    assert agreed["parameters"]["weights"] == "certainty"
    assert agreed["parameters"]["without_methods"] == ["d"]
    # The ranking that goes with the metrics is held against the weights, too.
    run("metaeval", slug, "--weights", "equal", "--json")
    kept = Ranking.objects.latest("pk")
    assert kept.result["plan"]["departures"] == {"weights": {"planned": "certainty", "done": "equal"}}


def test_a_snapshot_records_the_unit_that_was_drawn_and_not_the_one_asked_for() -> None:
    world = make_world()
    campaign = make_campaign(world.campaign.study, "without texts")
    methods = list(campaign.study.methods.order_by("position"))
    judges = [make_participant(campaign.study, "judge") for _ in range(3)]
    for judge in judges:
        for one, other in ((0, 1), (1, 2), (2, 3), (3, 0)):
            make_imported_judgment(campaign, winner=methods[one], loser=methods[other], judge=judge)

    snapshot = computed("ranking", World(campaign, ""), resample="both")

    assert snapshot.result["resampling_unit"] == "judges"
    assert snapshot.parameters["resample"] == "judges"


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"what": "judges", "judge_group": "bar"}, "no option &#x27;judge_group&#x27;"),
        ({"what": "judges", "weights": "certainty"}, "no option &#x27;weights&#x27;"),
        ({"what": "sensitivity", "weights": "certainty"}, "no option &#x27;weights&#x27;"),
        ({"seed": "new"}, "Choose the snapshot"),
        ({"then": "on"}, "Choose the snapshot"),
    ],
)
def test_a_form_that_asks_for_what_is_not_done_is_refused(posted: dict[str, str], words: str) -> None:
    world = make_world()
    client = signed_in(make_participant(world.campaign.study, "researcher"))

    reply = client.post(
        reverse("compute", args=[world.campaign.study.uuid]), {"campaign": str(world.campaign.uuid)} | posted
    )

    assert reply.status_code == 400
    assert words in reply.content.decode()


def test_where_nothing_was_drawn_no_resamples_are_named() -> None:
    study = make_study()
    campaign = make_campaign(study)
    make_methods(study, list("abcd"))
    batch = make_import(study, Import.Kind.SCORES)
    for name, values in (("human", [1.0, 2.0, 3.0, 4.0]), ("bleu", [2.0, 1.0, 3.0, 4.0])):
        metric = Metric.objects.create(study=study, name=name, origin="uploaded")
        for method, value in zip(study.methods.order_by("position"), values, strict=True):
            MetricScore.objects.create(metric=metric, method=method, value=value, import_batch=batch)

    said = run("metaeval", study.slug, "--against", "human", "--n-resamples", "39215")
    found = MetricAgreement.objects.get()
    scored = json.loads(run("score", study.slug, "--metric", "bleu", "--n-resamples", "39215", "--json"))

    assert "39,215" not in said
    assert "no resamples" in said
    assert (found.result["n_resamples"], found.parameters["n_resamples"]) == (0, 0)
    assert found.result["n_resamples_asked"] == 39215
    assert (scored["n_resamples"], scored["parameters"]["n_resamples"]) == (0, 0)
    score = ("score", study.slug, "--metric", "bleu", "--n-resamples", "39215")
    assert "cannot be resampled" in " ".join(run(*score, "--details").split())
    assert campaign.study_id == study.pk
