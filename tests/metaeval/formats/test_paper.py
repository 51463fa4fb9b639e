"""The paper's judgments: read with the options that metadata.csv names."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from annotations.formats.items import AnnotationRecord, ItemRecord
from hlv.core.tabular import RowSource, open_rows
from hlv.core.tabular.errors import FormatError, RowError
from metaeval.formats.evaluation_options import BaseModels, Options
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


def write_paper(
    folder: Path,
    lines: Sequence[dict[str, object]] = (),
    *,
    listed: str = "id,optionA,optionB\n70,ReL,MV\n71,MV,MV\n",
    inputs: Sequence[dict[str, object]] = (),
    folders: bool = False,
) -> list[RowSource]:
    """The sources data.jsonl (where there are answers), metadata.csv and input.jsonl (where there are inputs)."""
    folder.mkdir(exist_ok=True)
    (folder / "metadata.csv").write_text(listed)
    names = ["metadata.csv"]
    for name, rows in (("data.jsonl", lines), ("input.jsonl", inputs)):
        if rows:
            (folder / name).write_text("\n".join(json.dumps(row) for row in rows))
            names.append(name)
    return [open_rows(folder / name, name=f"{folder.name}/{name}" if folders else None) for name in names]


LANDLORD = "input/" + hashlib.sha256(b'{"text": "My landlord."}').hexdigest()[:16]


def read_paper(folder: Path, lines: list[dict[str, object]]) -> list[JudgmentRecord | RowError]:
    texts = [paper_input(number, "My landlord.") for number in (70, 71, 99)]
    return list(parse_judgments(write_paper(folder, lines, inputs=texts)))


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
    assert (record.item_key, record.judge, record.left, record.right) == (LANDLORD, "214", "ReL", "MV")
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


def test_the_papers_inputs_of_one_text_are_one_item(tmp_path: Path) -> None:
    lines = [paper_line(True, False, input_id=number) for number in (70, 72)]
    inputs = [paper_input(number, "My landlord.") for number in (70, 72)]
    listed, answers, shown = write_paper(
        tmp_path, lines, listed="id,optionA,optionB\n70,ReL,MV\n72,JSD,MV\n", inputs=inputs
    )
    found = judgments(list(parse_judgments([answers, listed, shown])))
    assert [(one.item_key, one.input_id, one.left, one.right) for one in found] == [
        (LANDLORD, "70", "ReL", "MV"),
        (LANDLORD, "72", "JSD", "MV"),
    ]
    texts = [one for one in parse_labelled("items", [listed, shown]) if isinstance(one, ItemRecord)]
    assert [(one.key, one.texts) for one in texts] == [(LANDLORD, (("text", "My landlord."),))]
    with pytest.raises(FormatError, match=r"input\.jsonl .* is missing"):
        list(parse_labelled("items", [listed]))
    assert outputs(list(parse_outputs([listed, shown]))) == [
        (LANDLORD, "", "ReL", {"A": 0.75, "B": 0.25}),
        (LANDLORD, "", "MV", {"A": 1.0}),
        (LANDLORD, "", "JSD", {"A": 0.75, "B": 0.25}),
    ]


def outputs(rows: list[OutputRecord | RowError]) -> list[tuple[str, str, str, dict[str, float]]]:
    assert not [row for row in rows if isinstance(row, RowError)], rows
    return [
        (one.item_key, one.base_model, one.method, dict(one.distribution or {}))
        for one in rows
        if isinstance(one, OutputRecord)
    ]


def test_the_item_of_a_text_does_not_depend_on_the_files_of_the_import(tmp_path: Path) -> None:
    one = [paper_input(70, "My landlord.")]
    several = [paper_input(12, "Another text."), paper_input(30, "My landlord."), *one]
    keys = [
        {
            item.key
            for item in parse_labelled("items", write_paper(tmp_path / name, inputs=rows)[1:])
            if isinstance(item, ItemRecord) and item.texts == (("text", "My landlord."),)
        }
        for name, rows in (("one", one), ("several", several))
    ]
    assert keys == [{LANDLORD}, {LANDLORD}]


def test_annotations_and_inputs_of_one_text_have_one_item(tmp_path: Path) -> None:
    line = {"input": {"text": "My landlord."}, "output": {"class": "A"}, "metadata": {"annotator": 1}}
    (tmp_path / "all.jsonl").write_text(json.dumps(line))
    (annotation,) = parse_labelled("annotations", [open_rows(tmp_path / "all.jsonl")])
    assert isinstance(annotation, AnnotationRecord)
    assert annotation.item_key == LANDLORD


def test_a_list_may_name_the_texts_itself(tmp_path: Path) -> None:
    sources = write_paper(
        tmp_path, [paper_line(True, False)], listed="id,optionA,optionB,item\n70,ReL,MV,t1\n"
    )
    (record,) = judgments(list(parse_judgments(sources)))
    assert record.item_key == "t1"


def test_the_papers_judgments_without_texts_are_refused(tmp_path: Path) -> None:
    sources = write_paper(tmp_path, [paper_line(True, False)])
    with pytest.raises(FormatError, match=r"input\.jsonl .* is missing.* or add a column item"):
        list(parse_judgments(sources))
    sources = write_paper(tmp_path, [paper_line(True, False)], inputs=[paper_input(71, "Another.")])
    assert one_error(list(parse_judgments(sources))).sentence == (
        "the text of the input “70” is missing: add it to input.jsonl."
    )


def two_base_models(folder: Path) -> tuple[list[RowSource], list[RowSource]]:
    """The same two methods on one text, with other outputs, for RoBERTa and for Llama."""
    other = paper_input(9, "My landlord.") | {"optionA": [{"areaOfLaw": "B", "confidence": 0.5}]}
    inputs = {"roberta": paper_input(1, "My landlord."), "llama": other}
    roberta, llama = (
        write_paper(
            folder / name, listed=f"id,optionA,optionB\n{one['id']},ReL,MV\n", inputs=[one], folders=True
        )
        for name, one in inputs.items()
    )
    return roberta, llama


def test_two_outputs_of_one_method_for_one_text_are_refused_with_both_rows(tmp_path: Path) -> None:
    roberta, llama = two_base_models(tmp_path)
    (error,) = [one for one in parse_outputs([*roberta, *llama]) if isinstance(one, RowError)]
    assert str(error) == (
        "llama/input.jsonl, row 1, column “optionA”: “ReL” has another output for this text in "
        "roberta/input.jsonl, row 1: where two base models share the name, name them with --base-model or "
        "--min-input-id."
    )


@pytest.mark.parametrize(
    "base_models",
    [
        BaseModels("roberta", by_file={"llama/input.jsonl": "llama"}),
        BaseModels(by_file={"roberta/metadata.csv": "roberta", "llama/metadata.csv": "llama"}),
        BaseModels("roberta", min_input_ids={"llama": 9}),
        BaseModels(min_input_ids={"roberta": 0, "llama": 2}),
    ],
)
def test_outputs_of_two_base_models_share_their_texts(tmp_path: Path, base_models: BaseModels) -> None:
    roberta, llama = two_base_models(tmp_path)
    found = parse_outputs([*roberta, *llama], options=Options(base_models=base_models))
    assert outputs(list(found)) == [
        (LANDLORD, "roberta", "ReL", {"A": 0.75, "B": 0.25}),
        (LANDLORD, "roberta", "MV", {"A": 1.0}),
        (LANDLORD, "llama", "ReL", {"B": 0.5}),
        (LANDLORD, "llama", "MV", {"A": 1.0}),
    ]


def test_judgments_have_the_base_model_of_their_input(tmp_path: Path) -> None:
    roberta, llama = two_base_models(tmp_path)
    answers = write_paper(tmp_path / "answers", [paper_line(True, False, input_id=n) for n in (1, 9)])[1]
    for base_models in (
        BaseModels(by_file={"roberta/metadata.csv": "roberta", "llama/input.jsonl": "llama"}),
        BaseModels("roberta", min_input_ids={"llama": 9}),
    ):
        options = Options(base_models=base_models)
        found = judgments(list(parse_judgments([*roberta, *llama, answers], options=options)))
        assert [one.base_model for one in found] == ["roberta", "llama"]


@pytest.mark.parametrize(
    ("base_models", "sentence"),
    [
        (
            BaseModels(by_file={"metadata.csv": "roberta", "input.jsonl": "llama"}),
            "the input “70” has several base models: llama, roberta.",
        ),
        (
            BaseModels(by_file={"input.jsonl": "roberta"}, min_input_ids={"llama": 70}),
            "the input “70” has several base models: llama, roberta.",
        ),
    ],
)
def test_two_base_models_of_one_input_are_refused(
    tmp_path: Path, base_models: BaseModels, sentence: str
) -> None:
    sources = write_paper(tmp_path, inputs=[paper_input(70, "My landlord.")])
    (error,) = parse_outputs(sources, options=Options(base_models=base_models))
    assert isinstance(error, RowError)
    assert error.sentence == sentence


def test_an_id_without_number_has_no_place_among_first_inputs(tmp_path: Path) -> None:
    sources = write_paper(
        tmp_path,
        listed="id,optionA,optionB\na7,ReL,MV\n",
        inputs=[paper_input(70, "My landlord.") | {"id": "a7"}],
    )
    (error,) = parse_outputs(sources, options=Options(base_models=BaseModels(min_input_ids={"llama": 9})))
    assert isinstance(error, RowError)
    assert "“a7” is no number" in error.sentence


def test_an_input_that_is_listed_twice_is_refused_with_both_rows(tmp_path: Path) -> None:
    sources = write_paper(
        tmp_path,
        listed="id,optionA,optionB\n70,ReL,MV\n70,SL,MV\n",
        inputs=[paper_input(70, "My landlord.")],
    )
    errors = [one for one in parse_outputs(sources) if isinstance(one, RowError)]
    assert [str(one) for one in errors] == [
        "metadata.csv, row 3, column “id”: the input “70” is listed here and in row 2."
    ]


def test_an_input_with_two_texts_is_refused_with_both_rows(tmp_path: Path) -> None:
    sources = write_paper(tmp_path, inputs=[paper_input(70, "My landlord."), paper_input(70, "My boss.")])
    errors = [one for one in parse_labelled("items", sources) if isinstance(one, RowError)]
    assert [str(one) for one in errors] == [
        "input.jsonl, row 2, column “id”: the input “70” has another text here than in row 1: number the inputs of "
        "several files through, or import each file by itself."
    ]


def test_an_input_without_id_or_text_is_an_error(tmp_path: Path) -> None:
    sources = write_paper(tmp_path, inputs=[paper_input(70, " "), paper_input(71, "My boss.") | {"id": ""}])
    errors = [one.sentence for one in parse_outputs(sources) if isinstance(one, RowError)]
    assert "the id of the input is missing." in errors
    assert "the text of the input “70” is missing: add it to input.jsonl." in errors


@pytest.mark.parametrize("human", ["A", "B"])
def test_the_human_distribution_is_one_of_the_compared_methods(tmp_path: Path, human: str) -> None:
    sources = write_paper(
        tmp_path,
        [paper_line(True, False)],
        listed=f"id,method,trueHLV\n70,ReL,{human}\n",
        inputs=[paper_input(70, "My landlord.")],
    )
    (record,) = judgments(list(parse_judgments(sources)))
    sides = (record.left, record.right)
    assert sides == (("human", "ReL") if human == "A" else ("ReL", "human"))
    listed, _, inputs = sources
    found = outputs(list(parse_outputs([listed, inputs])))
    assert [(method, shares) for _, _, method, shares in found] == [
        (sides[0], {"A": 0.75, "B": 0.25}),
        (sides[1], {"A": 1.0}),
    ]


def test_a_side_of_the_human_distribution_is_a_or_b(tmp_path: Path) -> None:
    sources = write_paper(
        tmp_path, listed="id,method,trueHLV\n70,ReL,left\n", inputs=[paper_input(70, "My landlord.")]
    )
    error = next(one for one in parse_outputs(sources) if isinstance(one, RowError))
    assert str(error) == (
        "metadata.csv, row 2, column “trueHLV”: “left” is no option: write A or B for the human distribution."
    )


@pytest.mark.parametrize(
    ("named", "first_ids", "sentence"),
    [
        (["a.jsonl=x", "c.jsonl=y"], [], "“c.jsonl=y” names no file"),
        (["a.jsonl="], [], "“a.jsonl=” names no file"),
        (["x", "y"], [], "“x” and “y” are both named"),
        (["a.jsonl=x", "a.jsonl=y"], [], "“x” and “y” are both named"),
        ([], ["llama"], "“llama” names no first input"),
        ([], ["llama=x"], "“llama=x” names no first input"),
        ([], ["llama=1", "llama=2"], "a second time"),
        ([], ["llama=1", "roberta=1"], "a second time"),
    ],
)
def test_base_models_that_cannot_be_understood_are_refused(
    named: list[str], first_ids: list[str], sentence: str
) -> None:
    with pytest.raises(FormatError, match=re.escape(sentence)):
        BaseModels.parse(named, first_ids, files={"a.jsonl": "a.jsonl", "b.jsonl": "b.jsonl"})


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
