"""Answers of source annotators: who, on what, and what becomes of two of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.formats.import_options import Duplicates, ImportOptions, ImportRefusedError
from annotations.import_ledger import ROWS_THAT_CHANGE_PLANS
from annotations.models import Annotation, AnnotationLabel, Import, Item, Study
from annotations.selectors.answers import current_answers
from annotations.selectors.distributions import label_table
from annotations.services.imports import import_annotations, import_items, withdraw_import
from hlv.core.tabular.mapping import CertaintyRange, Mapping
from tests.costs import rows_known
from tests.files import rows_of_all_tables, write_jsonl, write_rows
from tests.making import make_items, make_study

pytestmark = pytest.mark.django_db
HEADER = ("item", "annotator", "label")


def make_labelled_study(n_items: int = 3, *, task: str = Study.Task.SINGLE) -> Study:
    """A study with the items item-1, item-2 ... and the labels yes and no."""
    study = make_study(task=task, labels=("yes", "no"))
    make_items(study, n_items)
    return study


def chosen(study: Study) -> dict[tuple[str, str, int], str]:
    """What stands: (item, source, occurrence) to its label."""
    return {
        (item, source, occurrence): label
        for item, source, occurrence, label in current_answers(study)
        .filter(labels__chosen=True)
        .values_list(
            "item__key", "participant__source", "participant__source_occurrence", "labels__label__key"
        )
    }


@pytest.mark.both_databases
def test_the_database_has_statistics_of_a_large_file_at_once(tmp_path: Path) -> None:
    study = make_labelled_study(10)
    rows = [(f"item-{n % 10}", f"worker {n // 10}", "yes") for n in range(ROWS_THAT_CHANGE_PLANS)]
    import_annotations(study, [write_rows(tmp_path / "answers.csv", HEADER, *rows)])
    assert rows_known(Annotation._meta.db_table) >= ROWS_THAT_CHANGE_PLANS


def test_sources_are_pseudonymous_annotators_and_never_the_person_who_imports(tmp_path: Path) -> None:
    study = make_labelled_study()
    path = write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"), ("item-1", "w2", "no"))
    report = import_annotations(study, [path])
    assert report.created == {"annotators": 2}
    sources = list(study.participants.order_by("source").values_list("source", "user", "role"))
    assert sources == [("w1", None, "annotator"), ("w2", None, "annotator")]
    assert study.items.get(key="item-1").evidence == Item.Evidence.ANNOTATIONS


def test_pseudonyms_do_not_follow_the_order_of_the_file(tmp_path: Path) -> None:
    study = make_labelled_study()
    names = [f"w{place:02}" for place in range(20)]
    path = write_rows(tmp_path / "a.csv", HEADER, *(("item-1", name, "yes") for name in names))
    import_annotations(study, [path])
    numbered = dict(study.participants.values_list("source", "number"))
    assert sorted(numbered.values()) == list(range(1, 21))
    assert [numbered[name] for name in names] != list(range(1, 21))
    later = write_rows(tmp_path / "b.csv", HEADER, ("item-1", "v2", "yes"), ("item-1", "v1", "yes"))
    import_annotations(study, [later])
    after = dict(study.participants.values_list("source", "number"))
    assert {name: after[name] for name in names} == numbered
    assert {after["v1"], after["v2"]} == {21, 22}


def test_the_same_file_twice_adds_no_row(tmp_path: Path) -> None:
    study = make_labelled_study()
    path = write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"), ("item-2", "w1", "no"))
    import_annotations(study, [path])
    before = rows_of_all_tables()
    assert import_annotations(study, [path]).n_added == 0
    assert rows_of_all_tables() == before


def test_a_longer_file_of_the_same_name_adds_only_what_is_new(tmp_path: Path) -> None:
    study = make_labelled_study()
    import_annotations(study, [write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"))])
    longer = write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"), ("item-2", "w1", "no"))
    report = import_annotations(study, [longer])
    assert (report.n_added, report.n_known) == (1, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("item-9", "w1", "yes"), "item-9"),
        (("item-1", "w1", "maybe"), "maybe"),
        (("item-1", "", "yes"), "annotator"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_stored(tmp_path: Path, row: tuple[str, ...], said: str) -> None:
    study = make_labelled_study()
    before = rows_of_all_tables()
    with pytest.raises(ImportRefusedError) as refused:
        import_annotations(study, [write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w0", "yes"), row)])
    assert [error.row for error in refused.value.errors] == [3]
    assert said in refused.value.errors[0].sentence
    assert rows_of_all_tables() == before


def test_a_study_without_labels_says_what_is_missing(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    with pytest.raises(ImportRefusedError, match="has no labels"):
        import_annotations(study, [write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"))])


def test_two_labels_are_refused_where_a_study_takes_one(tmp_path: Path) -> None:
    study = make_labelled_study()
    path = write_jsonl(tmp_path / "a.jsonl", [{"item": "item-1", "annotator": "w", "label": ["yes", "no"]}])
    with pytest.raises(ImportRefusedError, match="takes one per answer"):
        import_annotations(study, [path])


def test_the_empty_set_is_an_answer_that_counts(tmp_path: Path) -> None:
    study = make_labelled_study(task=Study.Task.MULTILABEL)
    rows = [
        {"item": "item-1", "annotator": "w1", "label": ["yes", "no"]},
        {"item": "item-1", "annotator": "w2", "label": []},
    ]
    import_annotations(study, [write_jsonl(tmp_path / "a.jsonl", rows)])
    table = label_table(study)
    assert table.n_annotators.tolist() == [2]
    assert table.distributions(one_label_only=False).tolist() == [[0.5, 0.5]]


def test_certainties_are_shares_of_their_scale(tmp_path: Path) -> None:
    study = make_labelled_study()
    path = write_rows(
        tmp_path / "a.csv", (*HEADER, "certainty"), ("item-1", "w1", "yes", "1"), ("item-1", "w2", "no", "4")
    )
    import_annotations(study, [path], options=ImportOptions(certainty_range=CertaintyRange(0, 4)))
    assert list(AnnotationLabel.objects.order_by("pk").values_list("certainty", flat=True)) == [0.25, 1.0]


CONFLICT = (("item-1", "w1", "yes"), ("item-2", "w1", "no"), ("item-1", "w1", "no"))


def test_two_answers_of_one_source_are_refused_and_both_rows_named(tmp_path: Path) -> None:
    study = make_labelled_study()
    before = rows_of_all_tables()
    with pytest.raises(ImportRefusedError) as refused:
        import_annotations(study, [write_rows(tmp_path / "a.csv", HEADER, *CONFLICT)])
    assert "row 4" in str(refused.value.errors[0])
    assert "row 2" in str(refused.value.errors[0])
    assert rows_of_all_tables() == before


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("first", {("item-1", "w1", 0): "yes"}),
        ("last", {("item-1", "w1", 0): "no"}),
        ("all", {("item-1", "w1", 0): "yes", ("item-1", "w1", 1): "no"}),
    ],
)
def test_the_rule_for_duplicates_says_which_answer_enters(
    tmp_path: Path, rule: str, expected: dict[tuple[str, str, int], str]
) -> None:
    study = make_labelled_study()
    path = write_rows(tmp_path / "a.csv", HEADER, *CONFLICT)
    options = ImportOptions(duplicates=Duplicates(rule))
    report = import_annotations(study, [path], options=options)
    assert chosen(study) == {**expected, ("item-2", "w1", 0): "no"}
    assert report.n_left_out == (0 if rule == "all" else 1)
    before = rows_of_all_tables()
    assert import_annotations(study, [path], options=options).n_added == 0
    assert rows_of_all_tables() == before


def test_the_last_answer_is_the_latest_by_its_time(tmp_path: Path) -> None:
    study = make_labelled_study()
    header = (*HEADER, "timestamp")
    rows = (("item-1", "w1", "yes", "2026-03-02T10:00"), ("item-1", "w1", "no", "2026-03-01T10:00"))
    options = ImportOptions(duplicates=Duplicates.LAST)
    import_annotations(study, [write_rows(tmp_path / "a.csv", header, *rows)], options=options)
    assert chosen(study) == {("item-1", "w1", 0): "yes"}


def test_another_file_may_replace_an_answer_and_the_first_is_kept(tmp_path: Path) -> None:
    study = make_labelled_study()
    import_annotations(study, [write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"))])
    later = write_rows(tmp_path / "b.csv", HEADER, ("item-1", "w1", "no"))
    with pytest.raises(ImportRefusedError, match=r"already, in a\.csv"):
        import_annotations(study, [later])
    import_annotations(study, [later], options=ImportOptions(duplicates=Duplicates.LAST))
    assert chosen(study) == {("item-1", "w1", 0): "no"}
    assert Annotation.objects.get(replaces__isnull=False).replaces is not None
    assert Annotation.objects.count() == 2


def test_a_withdrawn_import_no_longer_counts_and_importing_again_brings_it_back(tmp_path: Path) -> None:
    study = make_labelled_study()
    path = write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"))
    import_annotations(study, [path])
    withdraw_import(Import.objects.get(), by=None, reason="wrong file")
    assert chosen(study) == {}
    again = import_annotations(study, [path])
    assert (again.n_added, again.reinstated) == (0, 1)
    assert chosen(study) == {("item-1", "w1", 0): "yes"}
    assert Annotation.objects.count() == 1


def test_a_corrected_file_takes_the_place_of_a_withdrawn_one(tmp_path: Path) -> None:
    study = make_labelled_study()
    import_annotations(
        study, [write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"), ("item-2", "w1", "yes"))]
    )
    withdraw_import(Import.objects.get(), by=None)
    corrected = write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"), ("item-2", "w1", "no"))
    assert import_annotations(study, [corrected]).n_added == 2
    assert chosen(study) == {("item-1", "w1", 0): "yes", ("item-2", "w1", 0): "no"}


def test_an_import_is_withdrawn_once(tmp_path: Path) -> None:
    study = make_labelled_study()
    import_annotations(study, [write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"))])
    withdraw_import(Import.objects.get(), by=None)
    with pytest.raises(ImportRefusedError, match="already withdrawn"):
        withdraw_import(Import.objects.get(), by=None)


def test_items_with_answers_cannot_be_withdrawn(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"))
    import_items(study, [write_rows(tmp_path / "i.csv", ("id", "text"), ("item-1", "A"))])
    import_annotations(study, [write_rows(tmp_path / "a.csv", HEADER, ("item-1", "w1", "yes"))])
    with pytest.raises(ImportRefusedError, match="have answers"):
        withdraw_import(Import.objects.get(kind="items"), by=None)


def test_a_mapping_joins_columns_for_items_and_answers_alike(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"))
    path = write_rows(
        tmp_path / "m.csv",
        ("title", "version", "words", "worker", "said"),
        ("t", "1", "A", "w", "yes"),
        ("t", "2", "B", "w", "no"),
    )
    mapping = Mapping.parse(["item=title+version", "text=words", "annotator=worker", "label=said"])
    import_items(study, [path], options=ImportOptions(mapping=mapping))
    import_annotations(study, [path], options=ImportOptions(mapping=mapping))
    assert chosen(study) == {("t/1", "w", 0): "yes", ("t/2", "w", 0): "no"}


def test_a_flag_may_stand_alone_and_gives_no_labels(tmp_path: Path) -> None:
    study = make_labelled_study()
    path = write_rows(
        tmp_path / "a.csv",
        (*HEADER, "flags"),
        ("item-1", "w1", "", "guideline_unclear"),
        ("item-1", "w2", "yes", ""),
    )
    import_annotations(study, [path])
    unclear = Annotation.objects.get(participant__source="w1")
    assert (unclear.guideline_unclear, unclear.gives_labels) == (True, False)


def test_a_skip_beside_what_only_an_answer_says_is_refused_in_words(tmp_path: Path) -> None:
    study = make_labelled_study()
    path = write_rows(
        tmp_path / "a.csv", (*HEADER, "flags"), ("item-1", "w1", "", '"skipped, no_label_applies"')
    )
    with pytest.raises(ImportRefusedError) as refused:
        import_annotations(study, [path])
    assert "keep one of the two" in refused.value.errors[0].sentence
