"""Outputs and judgments of two base models on one set of texts, by command."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Item, Study
from metaeval.models import Judgment, Method, Output
from metaeval.selectors.judgments import current_judgments
from tests.making import make_study

pytestmark = pytest.mark.django_db

TEXTS = ("My landlord keeps the deposit.", "My boss does not pay.")


def hlv(*words: str | Path) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out, stderr=StringIO())
    return out.getvalue()


def write_files(folder: Path, *, first_id: int, share: float) -> list[Path]:
    """ReL against MV on both texts, both with the same judge."""
    folder.mkdir()
    ids = [first_id + place for place in range(len(TEXTS))]
    inputs = [
        {
            "id": number,
            "text": text,
            "optionA": [{"areaOfLaw": "housing", "confidence": share}],
            "optionB": [{"areaOfLaw": "family", "confidence": 1}],
        }
        for number, text in zip(ids, TEXTS, strict=True)
    ]
    answers = [
        {
            "inputId": number,
            "annotatorId": 7,
            "timestamp": "2024-09-27T04:49:00+00:00",
            "preferredHLVAnnotation": {"isOptionAPreferred": True, "isOptionBPreferred": False},
        }
        for number in ids
    ]
    lines = {"input.jsonl": inputs, "data.jsonl": answers}
    for name, rows in lines.items():
        (folder / name).write_text("\n".join(json.dumps(row) for row in rows))
    listed = "".join(f"{number},ReL,MV\n" for number in ids)
    (folder / "metadata.csv").write_text("id,optionA,optionB\n" + listed)
    return [folder / name for name in ("input.jsonl", "metadata.csv", "data.jsonl")]


def methods(study: Study) -> set[tuple[str, str]]:
    return set(Method.objects.filter(study=study).values_list("base_model", "name"))


BOTH = {("roberta", "ReL"), ("roberta", "MV"), ("llama", "ReL"), ("llama", "MV")}


@pytest.mark.both_databases
@pytest.mark.parametrize("together", [True, False])
def test_two_base_models_share_texts_however_their_files_are_imported(tmp_path: Path, together: bool) -> None:
    study = make_study(slug="areas")
    files = {
        "roberta": write_files(tmp_path / "roberta", first_id=0, share=0.75),
        "llama": write_files(tmp_path / "llama", first_id=2, share=0.5),
    }
    if together:
        every = [[*files["roberta"], *files["llama"]]]
        named = [[f"--base-model={path}={name}" for name, paths in files.items() for path in paths]]
    else:
        every, named = list(files.values()), [["--base-model", name] for name in files]
    for kind in ("items", "outputs", "judgments"):
        for paths, words in zip(every, named, strict=True):
            read = paths if kind == "judgments" else [path for path in paths if path.name != "data.jsonl"]
            chosen = [] if kind == "items" else [w for w in words if kind == "judgments" or "data" not in w]
            hlv("import", kind, *read, "--study", "areas", *chosen)
    assert methods(study) == BOTH
    assert Item.objects.filter(study=study).count() == len(TEXTS)
    assert Output.objects.filter(item__study=study).count() == 8
    assert current_judgments(study.campaigns.get()).count() == 4, "none of them revises another"


def test_the_first_input_of_a_base_model_tells_its_methods(tmp_path: Path) -> None:
    study = make_study(slug="areas")
    paths = write_files(tmp_path / "all", first_id=0, share=0.75)
    words = ["--study", "areas", "--base-model", "roberta", "--min-input-id", "llama=1"]
    hlv("import", "items", *paths[:2], "--study", "areas")
    hlv("import", "outputs", *paths[:2], *words)
    hlv("import", "judgments", *paths, *words)
    hlv("import", "judgments", *paths, *words)
    assert methods(study) == BOTH
    assert Judgment.objects.filter(comparison__campaign__study=study).count() == 2
    of_each = Judgment.objects.values_list("comparison__low__base_model", "comparison__item__texts__text")
    assert set(of_each) == {("roberta", TEXTS[0]), ("llama", TEXTS[1])}


def test_a_base_model_of_a_file_that_is_not_imported_is_refused(tmp_path: Path) -> None:
    make_study(slug="areas")
    paths = write_files(tmp_path / "all", first_id=0, share=0.75)
    with pytest.raises(CommandError, match=r"“other\.jsonl=llama” names no file of this import"):
        hlv("import", "outputs", *paths[:2], "--study", "areas", "--base-model", "other.jsonl=llama")


def test_two_inputs_of_one_text_and_one_pair_are_two_judgments(tmp_path: Path) -> None:
    study = make_study(slug="areas")
    first, listed, answers = write_files(tmp_path / "all", first_id=0, share=0.75)
    first.write_text(first.read_text().replace(TEXTS[1], TEXTS[0]))
    for _ in range(2):
        hlv("import", "judgments", first, listed, answers, "--study", "areas")
    assert current_judgments(study.campaigns.get()).count() == 2
