"""Exports of Potato and Mechanical Turk."""

import json
from pathlib import Path

import pytest

from annotations.formats.items import ItemRecord
from tests.annotations.formats.labelled import answers, one_error, read


class TestPotato:
    @pytest.mark.parametrize(
        "header",
        [
            "user\tinstance_id\tdisplayed_text\tarea:::debt\tarea:::tax",
            "instance_id\tuser_id\tx\tarea.debt\tarea.tax",
        ],
    )
    def test_the_columns_of_a_scheme_are_its_labels(self, tmp_path: Path, header: str) -> None:
        first = "u1\tr1" if header.startswith("user") else "r1\tu1"
        second = "u2\tr1" if header.startswith("user") else "r1\tu2"
        text = f"{header}\n{first}\tt\ttrue\t\n{second}\tt\tdebt\ttax\n"
        rows = read("annotations", tmp_path, text, name="x.tsv")
        assert answers(rows) == [("r1", "u1", ("debt",)), ("r1", "u2", ("debt", "tax"))]

    def test_of_several_schemes_one_must_be_named(self, tmp_path: Path) -> None:
        text = "instance_id,user_id,area.debt,tone.calm\nr1,u1,true,true\n"
        assert "area, tone" in one_error(read("annotations", tmp_path, text)).sentence
        assert answers(read("annotations", tmp_path, text, maps=("label=tone",))) == [("r1", "u1", ("calm",))]


HEAD = "HITId,WorkerId,AssignmentId,AssignmentStatus,WorkTimeInSeconds,Input.id,Input.text"


class TestMechanicalTurk:
    def test_rejected_assignments_are_no_answers(self, tmp_path: Path) -> None:
        text = (
            f"{HEAD},Answer.area.label\n"
            "H1,W1,A1,Approved,31,r1,a text,debt\nH1,W2,A2,Rejected,2,r1,a text,tax\nH1,W3,A3,Submitted,9,r1,a text,tax\n"
        )
        assert answers(read("annotations", tmp_path, text)) == [
            ("r1", "W1", ("debt",)),
            ("r1", "W3", ("tax",)),
        ]
        (item,) = read("items", tmp_path, text)
        assert isinstance(item, ItemRecord)
        assert (item.key, item.texts) == ("r1", (("text", "a text"),))

    def test_checkboxes_are_a_set(self, tmp_path: Path) -> None:
        text = f"{HEAD},Answer.debt.on,Answer.tax.on\nH1,W1,A1,Approved,31,r1,t,true,false\n"
        assert answers(read("annotations", tmp_path, text)) == [("r1", "W1", ("debt",))]

    def test_boxes_of_a_named_question_are_a_set(self, tmp_path: Path) -> None:
        text = f"{HEAD},Answer.area.debt,Answer.area.tax\nH1,W1,A1,Approved,31,r1,t,true,true\n"
        assert answers(read("annotations", tmp_path, text)) == [("r1", "W1", ("debt", "tax"))]

    @pytest.mark.parametrize(
        ("answer", "labels"),
        [
            ({"area": {"label": "debt"}}, ("debt",)),
            ({"area": {"labels": ["debt", "tax"]}}, ("debt", "tax")),
            ({"area": {"debt": True, "tax": False}}, ("debt",)),
            ({"area": "debt"}, ("debt",)),
        ],
    )
    def test_task_answers_are_read(self, tmp_path: Path, answer: object, labels: tuple[str, ...]) -> None:
        cell = json.dumps([answer]).replace('"', '""')
        text = f'{HEAD},Answer.taskAnswers\nH1,W1,A1,Approved,31,r1,t,"{cell}"\n'
        assert answers(read("annotations", tmp_path, text)) == [("r1", "W1", labels)]

    def test_of_several_answers_one_must_be_named(self, tmp_path: Path) -> None:
        text = f"{HEAD},Answer.area,Answer.tone\nH1,W1,A1,Approved,31,r1,t,debt,calm\n"
        assert "area, tone" in one_error(read("annotations", tmp_path, text)).sentence
        assert answers(read("annotations", tmp_path, text, maps=("label=area",))) == [("r1", "W1", ("debt",))]

    def test_answers_that_are_no_json_are_said(self, tmp_path: Path) -> None:
        text = f"{HEAD},Answer.taskAnswers\nH1,W1,A1,Approved,31,r1,t,[oops\n"
        assert "not valid JSON" in one_error(read("annotations", tmp_path, text)).sentence
