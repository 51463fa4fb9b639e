"""Items come in once, whole and byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.formats.import_options import ImportOptions, ImportRefusedError
from annotations.models import Import, Item
from annotations.services.imports import import_items
from tests.files import rows_of_all_tables, write_jsonl, write_rows, write_text
from tests.making import make_items, make_study

pytestmark = pytest.mark.django_db


def test_items_stand_after_those_there_are(tmp_path: Path) -> None:
    study = make_study()
    make_items(study, 2)
    before = list(study.items.order_by("position").values_list("key", flat=True))
    import_items(study, [write_rows(tmp_path / "i.csv", ("id", "text"), ("b", "B"), ("a", "A"))])
    assert list(study.items.order_by("position").values_list("key", flat=True)) == [*before, "b", "a"]


def test_the_same_file_twice_adds_nothing_and_leaves_no_import_row(tmp_path: Path) -> None:
    study = make_study()
    path = write_rows(tmp_path / "i.csv", ("id", "text"), ("a", "A"), ("b", "B"))
    assert import_items(study, [path]).n_added == 2
    before = rows_of_all_tables()
    again = import_items(study, [path])
    assert (again.n_added, again.n_known, again.imports) == (0, 2, ())
    assert "Nothing new" in again.sentence
    assert rows_of_all_tables() == before


def test_ids_and_texts_survive_byte_for_byte(tmp_path: Path) -> None:
    study = make_study()
    odd = ["00123", "1e5", "NA", " lead", "كتـاب\u200cها", "e\u0301", "é", "TRUE"]
    import_items(study, [write_jsonl(tmp_path / "i.jsonl", [{"id": key, "text": key} for key in odd])])
    stored = list(study.items.order_by("position").values_list("key", "texts__text"))
    assert stored == [(key, key) for key in odd]


def test_a_known_item_with_another_text_is_an_error_that_names_the_row(tmp_path: Path) -> None:
    study = make_study()
    import_items(study, [write_rows(tmp_path / "one.csv", ("id", "text"), ("a", "A"))])
    before = rows_of_all_tables()
    with pytest.raises(ImportRefusedError) as refused:
        import_items(study, [write_rows(tmp_path / "two.csv", ("id", "text"), ("b", "B"), ("a", "other"))])
    assert [(error.source, error.row) for error in refused.value.errors] == [("two.csv", 3)]
    assert "two.csv, row 3" in refused.value.sentence
    assert rows_of_all_tables() == before


def test_of_two_long_texts_the_place_is_said_where_they_part(tmp_path: Path) -> None:
    study, begins = make_study(), "The policy covers damage by storms and floods "
    import_items(study, [write_rows(tmp_path / "1.csv", ("id", "text"), ("a", f"{begins}of any cause."))])
    with pytest.raises(ImportRefusedError) as refused:
        import_items(study, [write_rows(tmp_path / "2.csv", ("id", "text"), ("a", f"{begins}<b>only</b>."))])
    assert "“…y storms and floods of any cause.” and not “…y storms and floods <b>only</b>.”" in str(
        refused.value
    )


def test_an_item_that_judgments_named_gets_its_text(tmp_path: Path) -> None:
    study = make_study()
    Item.objects.create(study=study, key="a", position=0)
    report = import_items(study, [write_rows(tmp_path / "i.csv", ("id", "text"), ("a", "A"))])
    assert report.n_added == 1
    assert study.items.get().texts.get().text == "A"


def test_several_files_are_several_imports_that_stand_or_fall_together(tmp_path: Path) -> None:
    study = make_study()
    for folder in ("train", "dev"):
        (tmp_path / folder).mkdir()
    one = write_rows(tmp_path / "train" / "i.csv", ("id", "text"), ("a", "A"))
    two = write_rows(tmp_path / "dev" / "i.csv", ("id", "text"), ("b", "B"))
    import_items(study, [one, two])
    assert sorted(Import.objects.values_list("source", "n_added")) == [("dev/i.csv", 1), ("train/i.csv", 1)]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(tmp_path: Path) -> None:
    study = make_study()
    before = rows_of_all_tables()
    path = write_rows(tmp_path / "i.csv", ("id", "text"), ("a", "A"))
    report = import_items(study, [path], options=ImportOptions(dry_run=True))
    assert (report.n_added, report.imports) == (1, ())
    assert "would be added" in report.sentence
    assert rows_of_all_tables() == before


def test_arabic_in_windows_1256_imports(tmp_path: Path) -> None:
    study = make_study()
    text = "id,text\n" + "".join(f"{n},المستأجر يطلب استرداد مبلغ التأمين من المالك\n" for n in range(20))
    import_items(study, [write_text(tmp_path / "i.csv", text, encoding="windows-1256")])
    assert study.items.first().texts.get().text == "المستأجر يطلب استرداد مبلغ التأمين من المالك"  # type: ignore[union-attr]  # there are twenty
