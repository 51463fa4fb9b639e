"""The paper's judgments: read with the options that metadata.csv names."""

import json
from pathlib import Path

import pytest

from annotations.formats.records import ItemRecord
from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError, RowError
from metaeval.formats.records import JudgmentRecord, OutputRecord, Verdict
from tests.core.tabular.parsing import parse_labelled
from tests.metaeval.formats.parsing import parse_judgments, parse_outputs


def judgments(rows: list[JudgmentRecord | RowError]) -> list[JudgmentRecord]:
    assert not [row for row in rows if isinstance(row, RowError)], rows
    return [row for row in rows if isinstance(row, JudgmentRecord)]


def one_error(rows: list[JudgmentRecord | RowError]) -> RowError:
    (error,) = [row for row in rows if isinstance(row, RowError)]
    return error


def paper_line(
    a: bool, b: bool, *, time: str = "2024-09-27T04:49:00+00:00", input_id: int = 70
) -> dict[str, object]:
    return {
        "inputId": input_id,
        "annotatorId": 214,
        "timestamp": time,
        "areasOfLawAnnotation": {"elapsedTime": 12.5, "selectedAreas": ["A", "B"]},
        "preferredHLVAnnotation": {
            "elapsedTime": 3,
            "isOptionAPreferred": a,
            "isOptionBPreferred": b,
            "confidence": 0.75,
        },
    }


def read_paper(folder: Path, lines: list[dict[str, object]]) -> list[JudgmentRecord | RowError]:
    (folder / "data.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    (folder / "metadata.csv").write_text("id,optionA,optionB\n70,ReL,MV\n71,MV,MV\n")
    return list(parse_judgments([open_rows(folder / "data.jsonl"), open_rows(folder / "metadata.csv")]))


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (True, True, Verdict.BOTH),
        (True, False, Verdict.LEFT),
        (False, True, Verdict.RIGHT),
        (False, False, Verdict.NEITHER),
    ],
)
def test_the_papers_judgments_are_read_with_their_options(
    tmp_path: Path, a: bool, b: bool, verdict: Verdict
) -> None:
    (record,) = judgments(read_paper(tmp_path, [paper_line(a, b)]))
    assert (record.item_key, record.judge, record.left, record.right) == ("70", "214", "ReL", "MV")
    assert (record.verdict, record.confidence) == (verdict, 0.75)
    assert record.metadata["selected_areas"] == '["A", "B"]'


def test_a_revision_in_the_papers_file_keeps_both_rows(tmp_path: Path) -> None:
    first, second = paper_line(True, False), paper_line(False, True, time="2024-09-30T22:44:00+00:00")
    found = judgments(read_paper(tmp_path, [second, first]))
    assert all(one.revisable for one in found)
    assert max(found, key=lambda one: one.submitted_at).verdict is Verdict.RIGHT


def test_the_papers_judgments_need_their_options(tmp_path: Path) -> None:
    rows = read_paper(tmp_path, [paper_line(True, True, input_id=99)])
    assert "“99” is not in the list of options" in one_error(rows).sentence
    with pytest.raises(FormatError, match=r"metadata\.csv .* is missing: bring it together with"):
        list(parse_judgments([open_rows(tmp_path / "data.jsonl")]))


def test_a_self_pair_in_the_papers_file_is_an_error(tmp_path: Path) -> None:
    assert (
        "compared with itself"
        in one_error(read_paper(tmp_path, [paper_line(True, True, input_id=71)])).sentence
    )


def paper_input(input_id: int, text: str) -> dict[str, object]:
    return {
        "id": input_id,
        "text": text,
        "optionA": [{"areaOfLaw": "A", "confidence": 0.75}, {"areaOfLaw": "B", "confidence": 0.25}],
        "optionB": [{"areaOfLaw": "A", "confidence": 1}],
    }


def test_the_papers_inputs_bring_judgments_on_one_text_together_and_give_its_outputs(tmp_path: Path) -> None:
    lines = [paper_line(True, False, input_id=number) for number in (70, 72)]
    read_paper(tmp_path, lines)
    (tmp_path / "metadata.csv").write_text("id,optionA,optionB\n70,ReL,MV\n72,MV,JSD\n")
    inputs = [json.dumps(paper_input(number, "My landlord.")) for number in (70, 72)]
    (tmp_path / "input.jsonl").write_text("\n".join(inputs))
    listed, shown = open_rows(tmp_path / "metadata.csv"), open_rows(tmp_path / "input.jsonl")
    found = judgments(list(parse_judgments([open_rows(tmp_path / "data.jsonl"), listed, shown])))
    assert [(one.item_key, one.left, one.right) for one in found] == [
        ("70", "ReL", "MV"),
        ("70", "MV", "JSD"),
    ]
    texts = [one for one in parse_labelled("items", [listed, shown]) if isinstance(one, ItemRecord)]
    assert [(one.key, one.texts) for one in texts] == [("70", (("text", "My landlord."),))]
    with pytest.raises(FormatError, match=r"input\.jsonl .* is missing"):
        list(parse_labelled("items", [listed]))
    outputs = [one for one in parse_outputs([listed, shown]) if isinstance(one, OutputRecord)]
    assert [(one.item_key, one.method, dict(one.distribution or {})) for one in outputs] == [
        ("70", "ReL", {"A": 0.75, "B": 0.25}),
        ("70", "MV", {"A": 1.0}),
        ("70", "JSD", {"A": 1.0}),
    ]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("A", "no list of objects"),
        ([{"areaOfLaw": "A", "confidence": 3}], "0 to 1"),
        ([{"area": "A"}], "areaOfLaw"),
    ],
)
def test_an_option_that_is_no_list_of_areas_is_an_error(
    tmp_path: Path, option: object, sentence: str
) -> None:
    (tmp_path / "metadata.csv").write_text("id,optionA,optionB\n70,ReL,MV\n")
    (tmp_path / "input.jsonl").write_text(json.dumps(paper_input(70, "My landlord.") | {"optionA": option}))
    sources = [open_rows(tmp_path / name) for name in ("metadata.csv", "input.jsonl")]
    errors = [one for one in parse_outputs(sources) if isinstance(one, RowError)]
    assert sentence in errors[0].sentence
    with pytest.raises(FormatError, match=r"metadata\.csv .* is missing: bring it together with"):
        list(parse_outputs(sources[1:], format_name="paper"))
