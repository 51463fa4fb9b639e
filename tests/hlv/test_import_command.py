"""`hlv import` as a person meets it: one sentence with the row, exit code 1, and an unchanged database."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Study
from tests.files import rows_of_all_tables, write_rows, write_text
from tests.making import make_items, make_methods, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LABELS = "item,annotator,label\n"
JUDGMENTS = "item,judge,left,right,winner\n"
ARABIC = "يطلب المستأجر استرداد مبلغ التأمين من المالك"


def run(*arguments: str | Path) -> str:
    out = StringIO()
    call_command("import", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def refusal(*arguments: str | Path) -> str:
    """The one sentence; the command's exit code is 1, and no table has changed."""
    before = rows_of_all_tables()
    with pytest.raises(CommandError) as failed:
        run(*arguments)
    assert failed.value.returncode == 1
    assert rows_of_all_tables() == before
    return str(failed.value)


def make_ready_study() -> Study:
    study = make_study(slug="ready", task=Study.Task.SINGLE, labels=("yes", "no"))
    make_items(study, 3)
    make_methods(study, ["A", "B"])
    return study


@pytest.mark.parametrize(
    ("kind", "name", "text", "said"),
    [
        (
            "annotations",
            "a.jsonl",
            '{"item": "item-1", "annotator": "w", "label": "yes"}\n{"item": \n',
            "line 2",
        ),
        ("annotations", "a.json", '[{"item": "item-1", "annotator": "w", "label": "yes"},]', "line 1"),
        ("annotations", "a.csv", "item,annotator\nitem-1,w\n", "label"),
        ("annotations", "a.csv", LABELS + "item-1,w,yes\nitem-2,w,maybe\n", "row 3"),
        ("annotations", "a.csv", LABELS + "item-1,w,yes\nitem-9,w,yes\n", "row 3"),
        ("annotations", "a.csv", LABELS + "item-1,w,yes\nitem-1,w,no\n", "row 3"),
        ("annotations", "a.csv", "", "empty"),
        ("annotations", "a.csv", LABELS, "no rows"),
        ("annotations", "a.csv", LABELS + f"item-1,w,{'x' * 5_000_001}\n", "row 2"),
        ("items", "i.csv", f"id,text\na,{'x' * 5_000_001}\n", "row 2"),
        ("items", "i.csv", "id,text\na,\n", "row 2"),
        ("items", "i.jsonl", '{"id": "a", "text": "x\\u0000y"}\n', "NUL"),
        ("items", "i.jsonl", '{"id": "a"\n', "line 1"),
        ("judgments", "j.csv", JUDGMENTS + "item-1,x,A,B,left\nitem-1,x,A,A,left\n", "row 3"),
        ("judgments", "j.csv", JUDGMENTS + "item-1,x,A,B,left\nitem-1,x,A,B,right\n", "row 3"),
        ("judgments", "j.csv", JUDGMENTS + "item-1,x,A,B,perhaps\n", "row 2"),
        ("judgments", "j.csv", "left,winner\nA,left\n", "right"),
        (
            "outputs",
            "o.jsonl",
            '{"item": "item-1", "method": "A", "distribution": {"yes": 0.2, "no": 0.2}}\n',
            "row 1",
        ),
        (
            "outputs",
            "o.jsonl",
            '{"item": "item-9", "method": "A", "distribution": {"yes": 1, "no": 0}}\n',
            "row 1",
        ),
        ("scores", "s.csv", "method,metric,value\nA,elo,many\n", "row 2"),
        ("scores", "s.csv", "method,metric,value\nC,elo,1\n", "row 2"),
    ],
)
def test_bad_input_is_refused_with_its_row(
    tmp_path: Path, kind: str, name: str, text: str, said: str
) -> None:
    make_ready_study()
    assert said in refusal(kind, write_text(tmp_path / name, text), "--study", "ready")


LETTER = "my landlord took " * 20


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("annotations", f"{LABELS}item-1,w,{LETTER}\n"),
        ("annotations", f"{LABELS}{LETTER},w,yes\n"),
        ("annotations", f"{LABELS[:-1]},certainty\nitem-1,w,yes,{LETTER}\n"),
        ("annotations", f"{LABELS[:-1]},timestamp\nitem-1,w,yes,{LETTER}\n"),
        ("judgments", f"{JUDGMENTS}item-1,x,A,B,{LETTER}\n"),
        ("judgments", f"{JUDGMENTS}item-1,x,{LETTER},{LETTER},left\n"),
        ("outputs", f'item,method,distribution\nitem-1,A,"{LETTER}"\n'),
        ("outputs", f"item,method,yes,no\nitem-1,A,{LETTER},1\n"),
        ("outputs", f"item,method,yes,no\n{LETTER},A,0,1\n"),
        ("scores", f"method,metric,value\nA,elo,{LETTER}\n"),
        ("scores", f"method,metric,value,item\nA,elo,1,{LETTER}\n"),
        ("scores", f"method,metric,value\n{LETTER},elo,1\n"),
        ("scores", f"method,metric,value,direction\nA,elo,1,{LETTER}\n"),
        ("scores", f"method,{LETTER}\nA,many\nA,1\n"),
        ("items", f"{LETTER},{LETTER}\na,b\n"),
    ],
)
def test_no_sentence_prints_a_whole_cell(tmp_path: Path, kind: str, text: str) -> None:
    make_ready_study()
    assert LETTER.strip() not in refusal(kind, write_text(tmp_path / "f.csv", text), "--study", "ready")


def test_a_file_in_another_encoding_than_named_is_refused(tmp_path: Path) -> None:
    make_ready_study()
    path = write_text(tmp_path / "i.csv", f"id,text\na,{ARABIC}\n", encoding="windows-1256")
    assert "utf-8" in refusal("items", path, "--study", "ready", "--encoding", "utf-8").lower()


def test_the_report_names_an_encoding_that_was_found_out(tmp_path: Path) -> None:
    make_ready_study()
    path = write_text(tmp_path / "i.csv", f"id,text\na,{ARABIC}\n", encoding="windows-1256")
    assert "i.csv was read as windows-1256." in run("items", path, "--study", "ready")
    plain = write_text(tmp_path / "p.csv", f"id,text\nb,{ARABIC}\n")
    assert "read as" not in run("items", plain, "--study", "ready")


@pytest.mark.parametrize(
    "text",
    [JUDGMENTS + "item-1,x,A,B,left\n", "idx,cmp_key,annotator1,annotator2\n0,A_B,1,2\n"],
    ids=["judgments", "PandaLM"],
)
def test_judgments_are_not_read_as_annotations(tmp_path: Path, text: str) -> None:
    make_ready_study()
    path = write_text(tmp_path / "j.csv", text)
    said = refusal("annotations", path, "--study", "ready")
    assert said.startswith("j.csv looks like judgments")
    assert "hlv import judgments" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--map", "item"], "map"),
        (["--map", "item=nothing"], "nothing"),
        (["--certainty-range", "4:0"], "range"),
        (["--format", "none-such"], "format"),
    ],
)
def test_an_option_that_cannot_be_read_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    make_ready_study()
    path = write_text(tmp_path / "a.csv", LABELS + "item-1,w,yes\n")
    assert said in refusal("annotations", path, "--study", "ready", *arguments)


def test_a_missing_file_and_an_unknown_study_are_said(tmp_path: Path) -> None:
    make_ready_study()
    assert "no file" in refusal("items", tmp_path / "none.csv", "--study", "ready")
    assert "no study" in refusal("items", tmp_path / "none.csv", "--study", "unready")


def test_json_tells_the_rows_at_fault(tmp_path: Path) -> None:
    make_ready_study()
    path = write_text(tmp_path / "a.csv", LABELS + "item-8,w,yes\nitem-9,w,yes\n")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import", "annotations", str(path), study="ready", as_json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert [(error["source"], error["row"]) for error in told["errors"]] == [("a.csv", 2), ("a.csv", 3)]


def test_rows_at_fault_are_written_to_a_file(tmp_path: Path) -> None:
    make_ready_study()
    path = write_text(tmp_path / "a.csv", LABELS + "item-8,w,yes\nitem-9,w,yes\n")
    refusal("annotations", path, "--study", "ready", "--errors", tmp_path / "errors.csv")
    assert len((tmp_path / "errors.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_json_reports_what_was_added(tmp_path: Path) -> None:
    make_ready_study()
    path = write_rows(tmp_path / "j.csv", ("left", "right", "winner"), ("A", "B", "A"))
    report = json.loads(run("judgments", path, "--study", "ready", "--json"))
    assert (report["n_rows"], report["n_added"], report["kind"]) == (1, 1, "judgments")
    again = json.loads(run("judgments", path, "--study", "ready", "--json"))
    assert (again["n_added"], again["n_known"]) == (0, 1)


def test_a_file_after_the_mapping_is_a_file(tmp_path: Path) -> None:
    make_ready_study()
    path = write_rows(tmp_path / "j.csv", ("x", "y", "w"), ("A", "B", "A"))
    other = write_rows(tmp_path / "k.csv", ("x", "y", "w"), ("B", "A", "tie"))
    said = run("judgments", path, "--study", "ready", "--map", "left=x", "right=y", "winner=w", other)
    assert said.startswith("2 judgments added")


def test_names_spelled_elsewhere_come_from_a_file(tmp_path: Path) -> None:
    make_ready_study()
    names = write_text(tmp_path / "names.csv", "alpha,A\nbeta,B\n")
    path = write_rows(tmp_path / "s.csv", ("method", "metric", "value"), ("alpha", "elo", "1"))
    assert "1 score added from 1 record;" in run("scores", path, "--study", "ready", "--names", names)


def test_create_study_makes_labels_and_says_what_is_wrong() -> None:
    out = StringIO()
    call_command(
        "create_study", "fresh", task="ordinal", labels="low, mid,high", owner="lin@example.org", stdout=out
    )
    study = Study.objects.get(slug="fresh")
    assert list(study.labels.values_list("key", flat=True)) == ["low", "mid", "high"]
    assert study.participants.get().role == "owner"
    for arguments in (["fresh"], ["Bad Slug"], ["two", "--labels", "a,b"], ["three", "--task", "single"]):
        with pytest.raises(CommandError) as failed:
            call_command("create_study", *arguments)
        assert failed.value.returncode == 1


def test_scores_as_people_have_them_are_imported_by_one_command(tmp_path: Path) -> None:
    study = make_ready_study()
    path = write_text(
        tmp_path / "s.csv", "method,item,TER,licence,year\nA,item-1,0.5,MIT,2023\nB,new,0.25,MIT,2024\n"
    )
    directions = write_text(tmp_path / "d.csv", "metric,direction\nTER,lower is better\n")
    told = run(
        *("scores", path, "--study", "ready", "--directions", directions),
        *("--ignore-columns", "year", "--create-items"),
    )
    assert "1 item created" in told
    assert "Ignored columns of s.csv: “licence”, “year”." in told
    assert list(study.metrics.values_list("name", "higher_is_better")) == [("TER", False)]
    assert study.items.filter(key="new").exists()


def test_outputs_that_sum_to_nearly_1_are_imported_with_an_option(tmp_path: Path) -> None:
    make_ready_study()
    path = write_text(tmp_path / "o.csv", "item,method,yes,no\nitem-1,A,0.5,0.49\n")
    assert "sum to 0.99, not to 1" in refusal("outputs", path, "--study", "ready")
    assert "The largest difference from 1 was 0.01." in run(
        "outputs", path, "--study", "ready", "--normalise"
    )


def test_a_label_with_a_comma_is_named_in_quotes() -> None:
    call_command("create_study", "commas", task="single", labels='"yes, mostly", no', stdout=StringIO())
    assert list(Study.objects.get(slug="commas").labels.values_list("key", flat=True)) == [
        "yes, mostly",
        "no",
    ]
