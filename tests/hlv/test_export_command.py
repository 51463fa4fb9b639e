"""What is taken away: the same bytes, pseudonyms, disarmed cells, and files that import again."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotations.models import Import, Study
from annotations.selectors.distributions import LabelTable, label_table
from annotations.services.imports import import_annotations, import_items, withdraw_import
from hlv.bundle import ExportRefusedError, export_study
from metaeval.models import Campaign
from metaeval.selectors.judgments import comparison_counts
from metaeval.services.imports import import_judgments, import_outputs
from tests.files import write_jsonl, write_rows
from tests.making import make_study

pytestmark = pytest.mark.django_db


def make_labelled_study(tmp_path: Path, *, task: str, slug: str = "") -> Study:
    """Two items, three sources, certainties, a flag, and the empty set where several labels may be chosen."""
    fields = {"slug": slug} if slug else {}
    study = make_study(task=task, labels=("yes", "no", "-1"), **fields)
    items = [
        {"item": "set/dev/1", "text": {"premise": "=A1+1", "hypothesis": "ب"}, "lang": "ar"},
        {"item": "set/dev/2", "text": "plain, with a comma"},
    ]
    several = task == Study.Task.MULTILABEL
    answers = [
        {"item": "set/dev/1", "annotator": "w1", "label": "yes", "certainty": {"yes": 0.8}, "group": "bar"},
        {"item": "set/dev/1", "annotator": "w2", "label": ["yes", "no"] if several else "-1", "group": "bar"},
        {
            "item": "set/dev/2",
            "annotator": "w1",
            "label": "no",
            "timestamp": "2026-03-01T10:00:00Z",
            "group": "bar",
        },
    ]
    if several:
        answers.append({"item": "set/dev/2", "annotator": "w3", "label": [], "group": "academia"})
    folder = tmp_path / f"in-{study.pk}"
    folder.mkdir()
    import_items(study, [write_jsonl(folder / "items.jsonl", items)])
    import_annotations(study, [write_jsonl(folder / "answers.jsonl", answers)])
    return study


def counted(table: LabelTable) -> tuple[list[list[float]], list[float], list[list[float]]]:
    return (
        table.counts.tolist(),
        table.n_annotators.tolist(),
        np.where(np.isnan(table.certainties), -1, table.certainties).tolist(),
    )


def exported(study: Study, tmp_path: Path, name: str = "out") -> Path:
    return export_study(study, tmp_path / name, as_of=timezone.now()).folder


def lines_of(path: Path) -> list[str]:
    """Sorted: the order of people goes by their numbers, which each study shuffles."""
    return sorted(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("task", [Study.Task.SINGLE, Study.Task.MULTILABEL])
@pytest.mark.parametrize("name", ["answers.csv", "paper.jsonl"])
def test_answers_import_again_to_the_same_study(tmp_path: Path, task: str, name: str) -> None:
    study = make_labelled_study(tmp_path, task=task)
    folder = exported(study, tmp_path)
    again = make_study(task=task, labels=("yes", "no", "-1"))
    import_items(again, [folder / "items.jsonl"])
    import_annotations(again, [folder / name])
    assert counted(label_table(again)) == counted(label_table(study))
    items = [list(one.items.order_by("pk").values_list("key", "lang")) for one in (study, again)]
    assert items[0] == items[1]
    for key in ("set/dev/1", "set/dev/2"):
        texts = [list(one.items.get(key=key).texts.values_list("name", "text")) for one in (study, again)]
        assert texts[0] == texts[1]
    # Pseudonyms became sources: exported again, under the same names, the answers are the same.
    second = export_study(again, tmp_path / "again", as_of=timezone.now(), with_names=True).folder
    assert lines_of(second / "answers.csv") == lines_of(folder / "answers.csv")


def test_formats_of_other_programs_carry_their_own_items(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    folder = exported(study, tmp_path)
    for name in (
        "lewidi2023.json",
        "lewidi2025.json",
        "label-studio.json",
        "paper.jsonl",
        "dataset/data.parquet",
    ):
        again = make_study(task=Study.Task.SINGLE, labels=("yes", "no", "-1"))
        import_items(again, [folder / name])
        import_annotations(again, [folder / name])
        texts = [sorted(one.items.values_list("key", "texts__text")) for one in (study, again)]
        assert texts[0] == texts[1]
        assert label_table(again).counts.tolist() == label_table(study).counts.tolist()
        assert set(again.participants.values_list("source", flat=True)) == {"Annotator 1", "Annotator 2"}


@pytest.mark.parametrize("name", ["label-studio.json", "dataset/data.parquet"])
def test_sets_of_labels_import_again_from_formats_of_other_programs(tmp_path: Path, name: str) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.MULTILABEL)
    folder = exported(study, tmp_path)
    again = make_study(task=Study.Task.MULTILABEL, labels=("yes", "no", "-1"))
    import_items(again, [folder / name])
    import_annotations(again, [folder / name])
    for table in (label_table(study), label_table(again)):
        assert table.n_annotators.sum() > 0
    assert label_table(again).counts.tolist() == label_table(study).counts.tolist()
    assert label_table(again).n_annotators.tolist() == label_table(study).n_annotators.tolist()
    keys = ("key", "lang", "texts__name", "texts__text")
    assert list(again.items.values_list(*keys)) == list(study.items.values_list(*keys))


def test_the_dataset_folder_says_what_its_columns_are(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    folder = exported(study, tmp_path) / "dataset"
    data = pq.read_table(folder / "data.parquet")
    card = (folder / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["configs"] == [{"config_name": "default", "data_files": "data.parquet"}]
    assert head["size_categories"] == ["n<1K"]
    croissant = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    (file,), (records,) = croissant["distribution"], croissant["recordSet"]
    assert file["sha256"] == hashlib.sha256((folder / "data.parquet").read_bytes()).hexdigest()
    named = [field["source"]["extract"]["column"] for field in records["field"]]
    assert named == data.column_names == re.findall(r"^\| `(.*?)` \|", card, re.MULTILINE)
    shares = {row["item"]: row["distribution"] for row in data.to_pylist() if row["distribution"]}
    assert all(abs(sum(one) - 1) < 1e-9 for one in shares.values())
    assert shares


def test_the_same_time_gives_the_same_bytes_even_after_more_came(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    moment = timezone.now()
    first = export_study(study, tmp_path / "first", as_of=moment)
    later = write_rows(tmp_path / "b.csv", ("item", "annotator", "label"), ("set/dev/2", "w9", "yes"))
    import_annotations(study, [later])
    withdraw_import(Import.objects.get(source="answers.jsonl"), by=None)
    second = export_study(study, tmp_path / "second", as_of=moment)
    assert first.files == second.files
    for name in first.files:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()
    third = export_study(study, tmp_path / "third", as_of=timezone.now())
    assert (third.folder / "answers.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "set/dev/2,Annotator 3,,yes,,,,,,,"
    ]


def test_checksums_cover_every_file(tmp_path: Path) -> None:
    folder = exported(make_labelled_study(tmp_path, task=Study.Task.SINGLE), tmp_path)
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(listed) == there - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_people_are_pseudonyms_unless_names_are_asked_for(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    folder = exported(study, tmp_path)
    assert not any(b"w1" in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    named = export_study(study, tmp_path / "named", as_of=timezone.now(), with_names=True).folder
    assert ",w1," in (named / "answers.csv").read_text(encoding="utf-8")
    assert "confidential" in (named / "README.txt").read_text(encoding="utf-8")


def test_a_spreadsheet_runs_nothing_and_numbers_stay(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("-1", "=evil()"))
    items = [{"item": "=cmd()", "text": "a"}]
    answers = [
        {"item": "=cmd()", "annotator": "w", "label": "-1"},
        {"item": "=cmd()", "annotator": "v", "label": "=evil()"},
    ]
    import_items(study, [write_jsonl(tmp_path / "i.jsonl", items)])
    import_annotations(study, [write_jsonl(tmp_path / "a.jsonl", answers)])
    folder = exported(study, tmp_path)
    with (folder / "annotations.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted((row["item"], row["label"]) for row in rows) == [
        ("'=cmd()", "'=evil()"),
        ("'=cmd()", "-1"),
    ]
    assert json.loads((folder / "items.jsonl").read_text(encoding="utf-8"))["item"] == "=cmd()"


def test_every_revision_is_there_and_says_whether_it_stands(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    later = write_rows(tmp_path / "b.csv", ("item", "annotator", "label"), ("set/dev/2", "w1", "yes"))
    call_command("import", "annotations", str(later), study=study.slug, duplicates="last", stdout=StringIO())
    folder = exported(study, tmp_path)
    with (folder / "annotations.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["item"] == "set/dev/2"]
    assert [(row["label"], row["revision"], row["stands"]) for row in rows] == [
        ("no", "1", "false"),
        ("yes", "2", "true"),
    ]


def test_the_array_has_its_lists_beside_it(tmp_path: Path) -> None:
    folder = exported(make_labelled_study(tmp_path, task=Study.Task.SINGLE), tmp_path) / "distributions"
    array = np.load(folder / "distributions.npy", allow_pickle=False)
    assert array.tolist() == [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    assert json.loads((folder / "items.json").read_text(encoding="utf-8")) == ["set/dev/1", "set/dev/2"]
    assert json.loads((folder / "labels.json").read_text(encoding="utf-8")) == ["yes", "no", "-1"]


def test_judgments_and_outputs_import_again(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    header = ("item", "judge", "left", "right", "winner")
    rows = [
        ("set/dev/1", "x", "A", "B", "left"),
        ("set/dev/1", "y", "B", "A", "tie"),
        ("set/dev/2", "x", "A", "C", "C"),
    ]
    import_judgments(study, [write_rows(tmp_path / "j.csv", header, *rows)])
    shares = {"yes": 0.1, "no": 0.2, "-1": 0.7}
    import_outputs(
        study,
        [write_jsonl(tmp_path / "o.jsonl", [{"item": "set/dev/1", "method": "A", "distribution": shares}])],
    )
    folder = exported(study, tmp_path)
    again = make_study(task=Study.Task.SINGLE, labels=("yes", "no", "-1"))
    import_items(again, [folder / "items.jsonl"])
    import_judgments(again, [folder / "judgments" / "judging.csv"])
    import_outputs(again, [folder / "outputs.jsonl"])
    second = export_study(again, tmp_path / "again", as_of=timezone.now(), with_names=True).folder
    for name in ("judgments/judging.csv", "outputs.jsonl", "win-counts.csv", "methods.csv"):
        assert lines_of(second / name) == lines_of(folder / name)
    assert comparison_counts(Campaign.objects.get(study=again)).cells.n_judgments == 3


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ExportRefusedError, match="not empty"):
        export_study(study, tmp_path / "full", as_of=timezone.now())
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_the_command_prints_the_time_that_gives_the_same_bytes(tmp_path: Path) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    out = StringIO()
    call_command("export", study.slug, str(tmp_path / "one"), as_json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert "answers.csv" in told["files"]
    call_command("export", study.slug, str(tmp_path / "two"), as_of=told["as_of"], stdout=StringIO())
    assert (tmp_path / "one" / "SHA256SUMS").read_bytes() == (tmp_path / "two" / "SHA256SUMS").read_bytes()


@pytest.mark.parametrize(("as_of", "said"), [("soon", "no time"), ("2999-01-01", "future")])
def test_a_time_that_cannot_be_is_said(tmp_path: Path, as_of: str, said: str) -> None:
    study = make_labelled_study(tmp_path, task=Study.Task.SINGLE)
    with pytest.raises(CommandError, match=said):
        call_command("export", study.slug, str(tmp_path / "out"), as_of=as_of)
    assert not (tmp_path / "out").exists()
