"""hlv judges: a case done by hand, names, and what it says where nothing can be said."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from annotations.models import Import
from hlv.bundle import export_study
from metaeval.models import Campaign, JudgeReport, Judgment
from tests.hlv.commands import refusal, run
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_items,
    make_methods,
    make_participant,
    make_person,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.usefixtures("blank_figures")]


def make_judged(*, n_judges: int = 3) -> Campaign:
    """On the first text judges 1 and 2 say alpha and judge 3 beta, on the second judge 1 alpha and judge 2 beta."""
    study = make_study(slug="judged", task="none", labels=())
    campaign, items = make_campaign(study), make_items(study, 2)
    alpha, beta = make_methods(study, ["alpha", "beta"])
    judges = [make_participant(study, "judge", user=make_person(f"Expert {n}")) for n in range(n_judges)]
    said = [
        (0, 0, alpha, beta),
        (1, 0, alpha, beta),
        (2, 0, beta, alpha),
        (0, 1, alpha, beta),
        (1, 1, beta, alpha),
    ]
    for judge, item, winner, loser in said:
        if judge < n_judges:
            make_imported_judgment(
                campaign, winner=winner, loser=loser, judge=judges[judge], item=items[item]
            )
    # judge 1 again, sides changed: alpha once more, now on the right
    Judgment.objects.create(
        comparison=campaign.comparisons.get(item=items[0]),
        participant=judges[0],
        verdict="right",
        low_is_left=False,
        submitted_at=timezone.now(),
        import_batch=make_import(study, Import.Kind.JUDGMENTS),
    )
    return campaign


def test_the_numbers_are_those_done_by_hand() -> None:
    make_judged()
    result: dict[str, Any] = json.loads(run("judges", "judged", "--n-resamples=20", "--seed=4", "--json"))
    one, two, three = result["judges"]
    assert [row["judge"] for row in result["judges"]] == ["Judge 1", "Judge 2", "Judge 3"]
    assert [row["n_judgments"] for row in result["judges"]] == [3, 2, 1]
    # verdicts of one beside those of another: 2 of 5 the same, 2 of 4, and none of 3
    assert [row["agreement"]["same"] for row in result["judges"]] == pytest.approx([2 / 5, 2 / 4, 0])
    assert [row["side_bias"]["share"] for row in result["judges"]] == pytest.approx([2 / 3, 1, 1])
    assert (one["self_consistency"]["n_flipped"], one["self_consistency"]["same"]) == (1, 1)
    assert two["self_consistency"]["undetermined"]
    # without judge 1, beta has two of three verdicts
    assert [row["without"]["changes_leader"] for row in result["judges"]] == [True, False, False]
    assert three["flags"] == []
    assert (result["seed"], result["n_resamples"], result["undetermined"]) == (4, 20, None)


def test_the_table_says_what_changes_and_the_notes_say_why_a_number_is_missing() -> None:
    make_judged()
    out = run("judges", "judged", "--n-resamples=20", "--details")
    for words in ("3 judges", "another"):
        assert words in out
    assert "Self-consistency, Judge 2, Judge 3: No comparison came back" in out
    assert "Circular triads, all judges: This judge" in out
    assert "Expert" not in out


def test_names_are_for_those_who_ask_for_them_and_are_not_kept() -> None:
    make_judged()
    assert "Expert 0" in run("judges", "judged", "--n-resamples=0", "--names")
    assert "Expert" not in json.dumps(JudgeReport.objects.get().result)


def test_one_judge_is_refused_with_the_reason_and_exit_code_1() -> None:
    make_judged(n_judges=1)
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("judges", "judged", "--json", stdout=out, stderr=err)
    assert ended.value.code == 1
    assert err.getvalue().startswith("There is only one judge")
    assert json.loads(out.getvalue())["undetermined"] == err.getvalue().strip()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere"], "There is no study 'nowhere'"),
        (["judged", "--campaign=taste"], "no campaign 'taste'"),
        (["judged", "--n-resamples=-1"], "whole numbers from 0"),
        (["judged", "--ridge=-1"], "idge"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(words: list[str], sentence: str) -> None:
    make_judged()
    assert sentence in refusal("judges", *words)


@pytest.mark.parametrize("with_names", [False, True])
def test_reports_on_judges_are_taken_away_with_the_study(tmp_path: Path, with_names: bool) -> None:
    campaign = make_judged()
    run("judges", "judged", "--n-resamples=0", "--seed=3")
    run("judges", "judged", "--n-resamples=0", "--seed=4")
    folder = export_study(
        campaign.study, tmp_path / "out", as_of=timezone.now(), with_names=with_names
    ).folder
    rows = list(csv.DictReader((folder / "judges.csv").read_text(encoding="utf-8").splitlines()))
    expected = ["Expert 0", "Expert 1", "Expert 2"] if with_names else ["Judge 1", "Judge 2", "Judge 3"]
    assert [row["judge"] for row in rows] == expected
    assert float(rows[0]["agreement"]) == pytest.approx(2 / 5)
    assert "self_consistency: No comparison came back to this judge" in rows[1]["undetermined"]
    stored = json.loads((folder / "judge-reports.json").read_text(encoding="utf-8"))
    assert [report["seed"] for report in stored] == [3, 4]
    assert stored[0]["result"]["judges"][0]["judge"] == expected[0]
