"""Judgments given here leave in the paper's three files, and come back the same."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from annotations.models import Study
from metaeval.models import Campaign, Exposure, Output
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.outputs import vector
from metaeval.selectors.scores import shown_names
from metaeval.services.campaigns import CampaignSpec, plan_campaign
from metaeval.services.judging import SubmittedLabels, SubmittedVerdict, record_judgment, record_labelling
from metaeval.services.presentation import next_exposure
from tests.making import make_items, make_methods, make_outputs, make_participant, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

VERDICTS = ("left", "right", "both", "neither", "left", "cannot")


def hlv(*words: str | Path, **options: Any) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def make_judged() -> Study:
    """Two judges, labels before each pair, repeats, one second thought, and pairs that could not be judged."""
    study = make_study(slug="here")
    for label in study.labels.all():
        label.name = f"The law of {label.key}"
        label.save()
    make_outputs(make_methods(study), make_items(study, 3))
    wishes = CampaignSpec(
        name="accuracy", judges_per_comparison=2, labels_first="each-pair", repeat_share=0.3, threshold=0.0
    )
    campaign = plan_campaign(study, wishes, opened=True).campaign
    for judge in [make_participant(study, "judge") for _ in range(2)]:
        number = 0
        while isinstance(exposure := next_exposure(judge, campaign), Exposure):
            keys = ("housing", "family")[: number % 3]
            record_labelling(
                exposure=exposure, client_key=uuid4(), submitted=SubmittedLabels(keys, active_ms=4500)
            )
            given = SubmittedVerdict(
                VERDICTS[number % 6], confidence=None if number % 6 == 5 else 0.8, reason="?"
            )
            stored = record_judgment(exposure=exposure, client_key=uuid4(), submitted=given).row
            if number == 0:
                record_judgment(
                    exposure=exposure,
                    client_key=uuid4(),
                    submitted=SubmittedVerdict("both", 0.4),
                    replaces=stored,
                )
            number += 1
    return study


def lines_of(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / "paper" / f"accuracy-{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def standing(campaign: Campaign) -> Counter[tuple[str, str, str]]:
    """(left, right, winner), whichever of two methods has the smaller key."""
    counted = comparison_counts(campaign)
    names, cells = shown_names(counted.methods), counted.cells
    found: Counter[tuple[str, str, str]] = Counter()
    for row in range(len(cells)):
        pair = names[cells.first[row]], names[cells.second[row]]
        winner = (*pair, "tie")[cells.outcome[row]]
        left, right = pair if cells.first_is_left[row] else pair[::-1]
        found[left, right, winner] += int(cells.count[row])
    return found


def test_the_papers_files_come_back_the_same(tmp_path: Path) -> None:
    study = make_judged()
    first, second = tmp_path / "first", tmp_path / "second"
    hlv("export", study.slug, first)
    there = make_study(slug="there")
    files = [first / "paper" / f"accuracy-{name}" for name in ("input.jsonl", "metadata.csv", "data.jsonl")]
    hlv("import", "items", *files[:2], study=there.slug)
    hlv("import", "outputs", *files[:2], study=there.slug)
    hlv("import", "judgments", *files, study=there.slug, campaign="accuracy")
    assert standing(Campaign.objects.get(study=there)) == standing(Campaign.objects.get(study=study))

    outputs = [
        {
            (o.run.method.name, o.item.key): vector(o.probabilities or b"", 3).tolist()
            for o in Output.objects.filter(item__study=one).select_related("run__method", "item")
        }
        for one in (study, there)
    ]
    assert outputs[0] == outputs[1]

    hlv("export", there.slug, second)

    def told(folder: Path) -> list[tuple[Any, ...]]:
        """Judges of a file get their pseudonyms by chance; everything else is as it was."""
        return sorted(
            (
                one["inputId"],
                one["timestamp"],
                json.dumps(one["areasOfLawAnnotation"]),
                json.dumps(one["preferredHLVAnnotation"]),
            )
            for one in lines_of(folder, "data")
        )

    assert told(second) == told(first)
    assert lines_of(second, "input") == lines_of(first, "input")


def test_the_papers_files_hold_labels_first_revisions_and_no_repeats(tmp_path: Path) -> None:
    study = make_judged()
    hlv("export", study.slug, tmp_path)
    answers, inputs = lines_of(tmp_path, "data"), lines_of(tmp_path, "input")
    assert len({one["annotatorId"] for one in answers}) == 2
    keys = [(one["inputId"], one["annotatorId"]) for one in answers]
    assert sum(keys.count(key) == 2 for key in set(keys)) == 2, "a second thought of each judge"
    assert {tuple(one["areasOfLawAnnotation"]["selectedAreas"]) for one in answers} == {
        (), ("housing",), ("housing", "family"),
    }  # fmt: skip
    assert answers[0]["areasOfLawAnnotation"]["elapsedTime"] == 4.5
    assert {one["inputId"] for one in answers} == {one["id"] for one in inputs}
    assert inputs[0]["text"] == "The landlord keeps my deposit."
    shares = [entry["confidence"] for entry in inputs[0]["optionA"]]
    assert shares == sorted(shares, reverse=True)
