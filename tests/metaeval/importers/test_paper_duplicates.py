"""A text of the paper's files and of a generic file is one item, or the second is refused by its row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.formats.import_options import ImportRefusedError
from annotations.formats.paper_inputs import digest_key
from annotations.models import Study
from annotations.services.imports import import_annotations, import_items, withdraw_import
from metaeval.models import Output
from metaeval.services.imports import import_judgments, import_outputs
from tests.files import write_jsonl, write_rows, write_text
from tests.making import make_study
from tests.metaeval.formats.test_paper import LANDLORD, paper_input, paper_line

pytestmark = pytest.mark.django_db

TEXT = "My landlord."


def make_generic_study(folder: Path, *rows: tuple[str, str]) -> Study:
    study = make_study(labels=("A", "B"))
    if rows:
        import_items(study, [write_rows(folder / "items.csv", ("id", "text"), *rows)])
    return study


def papers(folder: Path) -> list[Path]:
    """input.jsonl and metadata.csv."""
    return [
        write_jsonl(folder / "input.jsonl", [paper_input(70, TEXT)]),
        write_text(folder / "metadata.csv", "id,optionA,optionB\n70,ReL,MV\n"),
    ]


def test_the_papers_text_is_the_item_that_a_generic_file_named(tmp_path: Path) -> None:
    study = make_generic_study(tmp_path, ("7", TEXT), ("8", "Another."))
    report = import_items(study, papers(tmp_path))
    assert (report.n_added, report.n_known) == (0, 1)
    assert "1 text of the paper's files is an item of the study under another id." in report.notes
    import_outputs(study, papers(tmp_path))
    answers = write_text(tmp_path / "data.jsonl", json.dumps(paper_line(True, False, input_id=70)))
    import_judgments(study, [answers, *papers(tmp_path)])
    row = {"input": {"text": TEXT}, "output": {"classes": ["A"]}, "metadata": {"annotator": "w"}}
    import_annotations(study, [write_jsonl(tmp_path / "all.jsonl", [row])])
    assert list(study.items.values_list("key", flat=True)) == ["7", "8"]
    assert set(Output.objects.values_list("item__key", flat=True)) == {"7"}


def test_an_output_of_both_kinds_of_file_is_known_or_refused(tmp_path: Path) -> None:
    study = make_generic_study(tmp_path, ("7", TEXT))
    rows = [{"item": "7", "method": "ReL", "distribution": {"A": 0.75, "B": 0.25}}]
    import_outputs(study, [write_jsonl(tmp_path / "o.jsonl", rows)])
    report = import_outputs(study, papers(tmp_path))
    assert (report.n_added, report.n_known) == (1, 1)
    other = [{"item": "7", "method": "MV", "distribution": {"A": 0.5, "B": 0.25}}]
    with pytest.raises(
        ImportRefusedError, match=r"row 1.*another output for “7” already, from .*input\.jsonl"
    ):
        import_outputs(study, [write_jsonl(tmp_path / "p.jsonl", other)])


def test_a_generic_text_that_the_paper_named_is_refused(tmp_path: Path) -> None:
    study = make_generic_study(tmp_path)
    import_items(study, papers(tmp_path))
    path = write_rows(tmp_path / "items.csv", ("id", "text"), ("6", "Another."), ("7", TEXT))
    with pytest.raises(ImportRefusedError, match=f"row 3: the text of “7” is there already as “{LANDLORD}”"):
        import_items(study, [path])
    same = write_rows(tmp_path / "same.csv", ("id", "text"), (LANDLORD, TEXT))
    assert import_items(study, [same]).n_known == 1
    withdraw_import(study.imports.get(), by=None, reason="wrong")
    assert import_items(study, [path]).n_added == 2


def test_two_items_with_the_papers_text_are_told_apart_by_the_list(tmp_path: Path) -> None:
    study = make_generic_study(tmp_path, ("7", TEXT), ("8", TEXT))
    with pytest.raises(ImportRefusedError, match="“7” and “8” have the same text"):
        import_outputs(study, papers(tmp_path))
    listed = write_text(tmp_path / "metadata.csv", "id,optionA,optionB,item\n70,ReL,MV,8\n")
    import_outputs(study, [tmp_path / "input.jsonl", listed])
    assert set(Output.objects.values_list("item__key", flat=True)) == {"8"}


def test_a_pair_of_texts_has_the_digest_of_both(tmp_path: Path) -> None:
    study = make_study(labels=("A", "B"))
    path = write_rows(tmp_path / "items.csv", ("id", "premise", "hypothesis"), ("7", "p", "h"))
    import_items(study, [path])
    pair = {"premise": "p", "hypothesis": "h"}
    assert digest_key(pair) != digest_key({"text": "p"})
    row = {"input": pair, "output": {"classes": ["A"]}, "metadata": {"annotator": "w"}}
    assert import_annotations(study, [write_jsonl(tmp_path / "all.jsonl", [row])]).n_added == 1
