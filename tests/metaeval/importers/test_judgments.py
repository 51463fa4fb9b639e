"""Judgments: pairs in one order, judges as sources, true repeats kept, conflicts refused."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from annotations.formats.import_options import Duplicates, ImportRefusedError
from annotations.models import Import, Study
from annotations.services.imports import withdraw_import
from hlv.core.tabular.mapping import Mapping
from metaeval.formats.evaluation_options import BaseModels, EvaluationOptions
from metaeval.models import Campaign, Comparison, Judgment, Method
from metaeval.selectors.judges import judge_roster
from metaeval.selectors.judgments import all_current_judgments, comparison_counts, current_judgments
from metaeval.services.imports import import_judgments
from tests.files import rows_of_all_tables, write_jsonl, write_rows
from tests.making import make_items, make_methods, make_study

pytestmark = pytest.mark.django_db
HEADER = ("item", "judge", "left", "right", "winner")


def make_judged_study() -> Study:
    return make_study(task=Study.Task.NONE, labels=())


def verdicts(study: Study) -> list[tuple[str, str, str, str | None]]:
    """What stands: (left, right, verdict, judge)."""
    return [
        (
            *(
                (row.comparison.low.name, row.comparison.high.name)
                if row.low_is_left
                else (row.comparison.high.name, row.comparison.low.name)
            ),
            row.verdict,
            row.participant.source if row.participant else None,
        )
        for row in current_judgments(Campaign.objects.get(study=study))
        .order_by("pk")
        .select_related("comparison__low", "comparison__high", "participant")
    ]


def test_missing_items_and_methods_are_made_and_reported(tmp_path: Path) -> None:
    study = make_judged_study()
    path = write_rows(tmp_path / "j.csv", HEADER, ("i", "x", "B", "A", "left"), ("i", "y", "A", "B", "tie"))
    report = import_judgments(study, [path])
    assert report.created == {"campaigns": 1, "items": 1, "judges": 2, "methods": 2}
    assert verdicts(study) == [("B", "A", "left", "x"), ("A", "B", "tie", "y")]
    assert Comparison.objects.get().mode == Comparison.Mode.IMPORTED
    assert list(study.participants.values_list("role", "user")) == [("judge", None)] * 2


def test_numbers_for_winners_are_read_one_way_and_the_report_says_which(tmp_path: Path) -> None:
    study = make_judged_study()
    rows = [("i", f"j{code}", "A", "B", code) for code in ("0", "1", "2")]
    report = import_judgments(study, [write_rows(tmp_path / "j.csv", HEADER, *rows)])
    assert (
        "Winners given as numbers were read so: 0 is a tie, 1 the left output, 2 the right one."
        in report.notes
    )
    assert [verdict for _, _, verdict, _ in verdicts(study)] == ["tie", "left", "right"]


def test_winners_that_are_only_0_and_1_may_number_the_outputs_and_are_refused(tmp_path: Path) -> None:
    study = make_judged_study()
    rows = [("i", "x", "A", "B", "1"), ("i", "y", "A", "B", "0")]
    with pytest.raises(ImportRefusedError, match=r"j\.csv, row 3.* are only 0 and 1"):
        import_judgments(study, [write_rows(tmp_path / "j.csv", HEADER, *rows)])
    assert not Judgment.objects.exists()


def test_strict_refuses_what_the_study_does_not_have(tmp_path: Path) -> None:
    study = make_judged_study()
    make_methods(study, ["A", "B"])
    make_items(study, 2)
    before = rows_of_all_tables()
    rows = (
        ("item-1", "x", "A", "B", "left"),
        ("item-1", "x", "A", "C", "left"),
        ("item-7", "x", "A", "B", "left"),
    )
    with pytest.raises(ImportRefusedError) as refused:
        import_judgments(
            study, [write_rows(tmp_path / "j.csv", HEADER, *rows)], options=EvaluationOptions(strict=True)
        )
    assert [error.row for error in refused.value.errors] == [3, 4]
    assert rows_of_all_tables() == before


def test_a_method_never_meets_itself(tmp_path: Path) -> None:
    study = make_judged_study()
    with pytest.raises(ImportRefusedError, match=r"row 2.*compared with itself"):
        import_judgments(study, [write_rows(tmp_path / "j.csv", HEADER, ("i", "x", "A", "A", "left"))])


CONFLICT = (("i", "x", "A", "B", "left"), ("i", "y", "A", "B", "left"), ("i", "x", "A", "B", "right"))


def test_two_judgments_of_one_judge_on_one_input_are_refused_and_both_rows_named(tmp_path: Path) -> None:
    study = make_judged_study()
    before = rows_of_all_tables()
    with pytest.raises(ImportRefusedError) as refused:
        import_judgments(study, [write_rows(tmp_path / "j.csv", HEADER, *CONFLICT)])
    assert "row 4" in refused.value.sentence
    assert "row 2" in refused.value.sentence
    assert rows_of_all_tables() == before


@pytest.mark.parametrize(
    ("rule", "of_x"), [("first", ["left"]), ("last", ["right"]), ("all", ["left", "right"])]
)
def test_the_rule_for_duplicates_says_which_judgment_enters(
    tmp_path: Path, rule: str, of_x: list[str]
) -> None:
    study = make_judged_study()
    path = write_rows(tmp_path / "j.csv", HEADER, *CONFLICT)
    options = EvaluationOptions(duplicates=Duplicates(rule))
    import_judgments(study, [path], options=options)
    assert [verdict for _, _, verdict, judge in verdicts(study) if judge == "x"] == of_x
    before = rows_of_all_tables()
    assert import_judgments(study, [path], options=options).n_added == 0
    assert rows_of_all_tables() == before


def test_a_pair_shown_again_with_changed_sides_is_a_repeat_and_both_count(tmp_path: Path) -> None:
    study = make_judged_study()
    rows = (("i", "x", "A", "B", "left"), ("i", "x", "B", "A", "right"))
    import_judgments(study, [write_rows(tmp_path / "j.csv", HEADER, *rows)])
    assert comparison_counts(Campaign.objects.get()).cells.n_judgments == 2


def test_another_winner_after_a_change_of_sides_is_kept_and_remarked(tmp_path: Path) -> None:
    study = make_judged_study()
    rows = (
        ("i", "x", "A", "B", "left"),
        ("i", "x", "B", "A", "left"),
        ("i", "y", "A", "B", "left"),
        ("i", "y", "B", "A", "right"),
        ("i", "z", "A", "B", "tie"),
        ("i", "z", "B", "A", "left"),
    )
    path = write_rows(tmp_path / "j.csv", HEADER, *rows)
    report = import_judgments(study, [path])
    (note,) = report.notes
    assert note.startswith("Sides changed, another winner: 1 pair of judgments")
    assert "(j.csv, row 2 and j.csv, row 3)" in note
    assert report.n_added == 6
    assert import_judgments(study, [path]).notes == report.notes
    by_a_program = EvaluationOptions(automatic="gpt", campaign="other", duplicates=Duplicates.FIRST)
    assert "1 pair" in import_judgments(study, [path], options=by_a_program).notes[0]


def test_true_repeats_without_judges_are_kept_and_known_again(tmp_path: Path) -> None:
    study = make_judged_study()
    path = write_rows(tmp_path / "j.csv", ("left", "right", "winner"), *[("A", "B", "left")] * 3)
    assert import_judgments(study, [path]).n_added == 3
    assert import_judgments(study, [path]).n_added == 0
    longer = write_rows(tmp_path / "j.csv", ("left", "right", "winner"), *[("A", "B", "left")] * 5)
    assert import_judgments(study, [longer]).n_added == 2
    assert Judgment.objects.filter(participant__isnull=True).count() == 5


def test_one_file_gives_a_campaign_for_each_criterion(tmp_path: Path) -> None:
    study = make_judged_study()
    path = write_rows(
        tmp_path / "j.csv",
        ("pair", "plot", "language"),
        ('"base,sft"', "base", "same"),
        ('"sft,rl"', "rl", "sft"),
    )
    for criterion in ("plot", "language"):
        mapping = Mapping.parse(["left,right=pair", f"winner={criterion}"])
        report = import_judgments(
            study, [path], options=EvaluationOptions(mapping=mapping, campaign=criterion)
        )
        assert report.n_added == 2
    assert list(Campaign.objects.order_by("pk").values_list("name", flat=True)) == ["plot", "language"]
    assert Method.objects.count() == 3


def test_an_automatic_judge_never_stands_among_people(tmp_path: Path) -> None:
    study = make_judged_study()
    path = write_rows(tmp_path / "j.csv", ("item", "left", "right", "winner"), ("i", "A", "B", "left"))
    report = import_judgments(study, [path], options=EvaluationOptions(automatic="gpt"))
    assert report.created["automatic judges"] == 1
    campaign = Campaign.objects.get()
    assert comparison_counts(campaign).cells.n_judgments == 0
    assert comparison_counts(campaign, automatic_judge=study.automatic_judges.get()).cells.n_judgments == 1  # type: ignore[attr-defined]  # metaeval hangs its models on Study
    assert study.participants.count() == 0


def test_names_spelled_otherwise_are_the_same_method(tmp_path: Path) -> None:
    study = make_judged_study()
    make_methods(study, ["Alpha", "Beta"])
    path = write_rows(tmp_path / "j.csv", ("left", "right", "winner"), ("a1", "b1", "b1"))
    options = EvaluationOptions(names={"a1": "Alpha", "b1": "Beta"}, strict=True)
    import_judgments(study, [path], options=options)
    assert verdicts(study) == [("Alpha", "Beta", "right", None)]


def test_a_name_that_two_groups_share_asks_for_the_group(tmp_path: Path) -> None:
    study = make_judged_study()
    make_methods(study, ["A", "B"], base_model="small")
    make_methods(study, ["A", "B"], base_model="large")
    path = write_rows(tmp_path / "j.csv", ("left", "right", "winner"), ("A", "B", "A"))
    with pytest.raises(ImportRefusedError, match="--base-model"):
        import_judgments(study, [path])
    import_judgments(study, [path], options=EvaluationOptions(base_models=BaseModels("large")))
    assert Comparison.objects.get().low.base_model == "large"
    assert Method.objects.count() == 4


def paper_row(*, judge: str, time: str, a: bool, b: bool) -> dict[str, object]:
    return {
        "inputId": "1",
        "annotatorId": judge,
        "timestamp": time,
        "areasOfLawAnnotation": {"elapsedTime": 5, "selectedAreas": []},
        "preferredHLVAnnotation": {
            "elapsedTime": 7,
            "isOptionAPreferred": a,
            "isOptionBPreferred": b,
            "confidence": 0.5,
        },
    }


def test_in_the_papers_files_the_later_row_revises_and_both_are_kept(tmp_path: Path) -> None:
    study = make_judged_study()
    options_file = write_rows(
        tmp_path / "metadata.csv", ("id", "optionA", "optionB", "item"), ("1", "A", "B", "i")
    )
    rows = [
        paper_row(judge="x", time="2026-03-02T10:00:00", a=False, b=True),
        paper_row(judge="x", time="2026-03-01T10:00:00", a=True, b=False),
        paper_row(judge="y", time="2026-03-01T11:00:00", a=False, b=False),
    ]
    path = write_jsonl(tmp_path / "answers.jsonl", rows)
    report = import_judgments(study, [path, options_file])
    assert sorted(verdicts(study)) == [("A", "B", "neither", "y"), ("A", "B", "right", "x")]
    assert Judgment.objects.count() == 3
    assert "1 judgment is a revision;" in report.notes[0]
    assert import_judgments(study, [path, options_file]).n_added == 0


def test_a_withdrawn_import_of_judgments_no_longer_counts(tmp_path: Path) -> None:
    study = make_judged_study()
    path = write_rows(tmp_path / "j.csv", HEADER, ("i", "x", "A", "B", "left"))
    import_judgments(study, [path])
    withdraw_import(Import.objects.get(), by=None)
    assert verdicts(study) == []
    corrected = write_rows(tmp_path / "j.csv", HEADER, ("i", "x", "A", "B", "right"))
    import_judgments(study, [corrected])
    assert verdicts(study) == [("A", "B", "right", "x")]


def test_a_withdrawn_file_does_not_come_back_beside_its_correction(tmp_path: Path) -> None:
    study = make_judged_study()
    wrong = write_rows(tmp_path / "j.csv", HEADER, ("i", "x", "A", "B", "left"))
    import_judgments(study, [wrong])
    withdraw_import(Import.objects.get(), by=None)
    import_judgments(study, [write_rows(tmp_path / "k.csv", HEADER, ("i", "x", "A", "B", "right"))])
    with pytest.raises(ImportRefusedError, match="both would count"):
        import_judgments(study, [wrong])
    assert verdicts(study) == [("A", "B", "right", "x")]


@pytest.mark.both_databases
@pytest.mark.parametrize("by", ["people", "a program"])
def test_of_files_that_replace_one_another_the_newest_that_is_not_withdrawn_stands(
    tmp_path: Path, by: str
) -> None:
    study = make_judged_study()
    options = EvaluationOptions(duplicates=Duplicates.LAST, automatic="program" if by == "a program" else "")
    moments = []

    def bring(name: str, verdict: str) -> Import:
        path = write_rows(tmp_path / name, HEADER, ("i", "x", "A", "B", verdict))
        import_judgments(study, [path], options=options)
        moments.append(timezone.now())
        return Import.objects.get(source=name)

    def stands(as_of: datetime | None = None) -> list[str]:
        campaign = Campaign.objects.get(study=study)
        return [row.verdict for row in all_current_judgments(campaign, as_of=as_of)]

    bring("1.csv", "left")
    middle = bring("2.csv", "right")
    newest = bring("3.csv", "tie")
    withdraw_import(middle, by=None)
    assert stands() == ["tie"]
    fourth = bring("4.csv", "both")
    assert [stands(as_of) for as_of in moments] == [["left"], ["right"], ["tie"], ["both"]]
    for batch in (newest, fourth):
        withdraw_import(batch, by=None)
    assert stands() == ["left"]
    bring("5.csv", "neither")
    assert stands() == ["neither"], "what replaces a judgment that was replaced before"


def test_a_programs_kept_repeats_stand_side_by_side_when_one_is_withdrawn(tmp_path: Path) -> None:
    study = make_judged_study()
    options = EvaluationOptions(duplicates=Duplicates.ALL, automatic="program")
    for name, verdict in (("1.csv", "left"), ("2.csv", "right"), ("3.csv", "tie")):
        import_judgments(
            study, [write_rows(tmp_path / name, HEADER, ("i", "x", "A", "B", verdict))], options=options
        )
    withdraw_import(Import.objects.get(source="2.csv"), by=None)
    assert all_current_judgments(Campaign.objects.get(study=study)).count() == 2


def test_options_are_kept_with_the_import(tmp_path: Path) -> None:
    study = make_judged_study()
    path = write_rows(tmp_path / "j.csv", HEADER, ("i", "x", "A", "B", "left"))
    import_judgments(study, [path], options=EvaluationOptions(campaign="plot"))
    assert json.loads(json.dumps(Import.objects.get().options)) == {"duplicates": "error", "campaign": "plot"}


def test_a_file_under_another_name_adds_nothing_even_where_no_judge_is_known(tmp_path: Path) -> None:
    study = make_study(task="none", labels=())
    rows = [("item", "left", "right", "winner"), ("q1", "a", "b", "left"), ("q1", "a", "b", "right")]
    import_judgments(study, [write_rows(tmp_path / "a.csv", *rows)])
    assert import_judgments(study, [write_rows(tmp_path / "b.csv", *rows)]).n_added == 0
    assert Judgment.objects.count() == 2


def test_repeats_of_one_imported_judge_are_one_judges(tmp_path: Path) -> None:
    study = make_study(task="none", labels=())
    rows = [("item", "judge", "left", "right", "winner")]
    rows += [
        ("q1", judge, "a", "b", winner) for judge in ("jo", "ana") for winner in ("left", "right", "left")
    ]
    path = write_rows(tmp_path / "a.csv", *rows)
    import_judgments(study, [path], options=EvaluationOptions(duplicates=Duplicates.ALL))
    campaign = Campaign.objects.get()
    cells = comparison_counts(campaign).cells
    assert (cells.n_judgments, cells.n_judges) == (6, 2)
    assert sorted(judge.n_cannot for judge in judge_roster(campaign).judges.values()) == [0, 0]
