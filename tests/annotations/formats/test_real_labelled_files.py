"""The real files, whole: counts, keys, and texts byte for byte."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from pathlib import Path

import pytest

from annotations.formats.records import AnnotationRecord, CountRecord, ItemRecord
from hlv.core.tabular import open_rows
from hlv.core.tabular.mapping import CertaintyRange, Mapping, Options
from tests.core.tabular.parsing import parse_labelled

CONTRACTS = (
    "item=title+version",
    "annotator=workerid",
    "label=individual_judgment",
    "certainty=confidence",
    "text=header+continuation",
)


@pytest.mark.parametrize(
    ("dataset", "n_items", "n_annotations", "n_annotators"),
    [("HS-Brexit", 1120, 6720, 6), ("ArMIS", 943, 2829, 3), ("MD-Agreement", 4161, 20805, 702)],
)
def test_lewidi_imports_whole_with_ids_kept_apart(
    shared_data: Path, dataset: str, n_items: int, n_annotations: int, n_annotators: int
) -> None:
    sources = [open_rows(path) for path in sorted((shared_data / "lewidi2023" / dataset).glob("*.json"))]

    items = [row for row in parse_labelled("items", sources) if isinstance(row, ItemRecord)]
    answers = [row for row in parse_labelled("annotations", sources) if isinstance(row, AnnotationRecord)]

    assert len({item.key for item in items}) == len(items) == n_items
    assert len(answers) == n_annotations
    assert {answer.item_key for answer in answers} == {item.key for item in items}
    assert {label for answer in answers for label in answer.labels} == {"0", "1"}
    assert len({answer.annotator for answer in answers}) == n_annotators


def test_lewidi_texts_survive_byte_for_byte(shared_data: Path) -> None:
    path = shared_data / "lewidi2023" / "ArMIS" / "ArMIS_test.json"
    expected = {f"ArMIS/test/{key}": entry["text"] for key, entry in json.loads(path.read_text()).items()}
    items = [row for row in parse_labelled("items", [open_rows(path)]) if isinstance(row, ItemRecord)]
    assert {item.key: item.texts[0][1] for item in items} == expected


def test_the_double_annotator_of_md_agreement_keeps_both_labels(shared_data: Path) -> None:
    source = open_rows(shared_data / "lewidi2023" / "MD-Agreement" / "MD-Agreement_test.json")
    answers = [row for row in parse_labelled("annotations", [source]) if isinstance(row, AnnotationRecord)]
    given = Counter((answer.item_key, answer.annotator) for answer in answers)
    assert [pair for pair, n in given.items() if n > 1] == [("MD-Agreement/test/2038", "Ann448")]
    assert sum(answer.item_key == "MD-Agreement/test/2038" for answer in answers) == 5


def test_the_groups_of_hs_brexit_are_known(shared_data: Path) -> None:
    source = open_rows(shared_data / "lewidi2023" / "HS-Brexit" / "HS-Brexit_dev.json")
    answers = [row for row in parse_labelled("annotations", [source]) if isinstance(row, AnnotationRecord)]
    assert {(answer.annotator, answer.group) for answer in answers} == {
        *((f"Ann{n}", "target group") for n in (1, 2, 3)),
        *((f"Ann{n}", "control group") for n in (4, 5, 6)),
    }


def test_chaosnli_counts_reproduce_the_files_entropy(shared_data: Path) -> None:
    path = shared_data / "chaosnli" / "chaosNLI_snli.jsonl"
    source = open_rows(path)
    records = [row for row in parse_labelled("annotations", [source]) if isinstance(row, CountRecord)]
    items = [row for row in parse_labelled("items", [source]) if isinstance(row, ItemRecord)]
    stated = [json.loads(line)["entropy"] for line in path.read_text().splitlines()]

    assert len(records) == len(items) == 1514
    assert [name for name, _ in items[0].texts] == ["premise", "hypothesis"]
    for record, entropy in zip(records, stated, strict=True):
        shares = [n / sum(record.counts.values()) for n in record.counts.values() if n]
        assert -sum(p * math.log2(p) for p in shares) == pytest.approx(entropy, abs=1e-9)


def test_vague_contracts_give_every_answer_by_mapping(shared_data: Path) -> None:
    path = shared_data / "vague_contracts" / "main-merged.csv"
    options = Options(task="single", certainty_range=CertaintyRange.parse("0:4"))
    mapping = Mapping.parse(CONTRACTS)
    rows = list(parse_labelled("annotations", [open_rows(path)], mapping=mapping, options=options))
    answers = [row for row in rows if isinstance(row, AnnotationRecord)]
    items = [
        row
        for row in parse_labelled("items", [open_rows(path)], mapping=mapping)
        if isinstance(row, ItemRecord)
    ]
    with path.open(newline="", encoding="utf-8") as stream:
        texts = {
            f"{row['title']}/{row['version']}": (row["header"], row["continuation"])
            for row in csv.DictReader(stream)
        }

    assert len(answers) == len(rows) == 4140
    assert len({answer.annotator for answer in answers}) == 1378
    assert Counter(answer.labels for answer in answers) == {
        ("yes",): 2347,
        ("no",): 1619,
        ("cantdecide",): 174,
    }
    assert Counter(next(iter((answer.certainties or {}).values())) for answer in answers) == {
        0.75: 1340,
        0.5: 1123,
        1.0: 960,
        0.25: 542,
        0.0: 175,
    }
    given = Counter((answer.item_key, answer.annotator) for answer in answers)
    assert [pair for pair, n in given.items() if n > 1] == [("Vehicle Damage V/controversial", "1955")]
    assert {item.key: tuple(text for _, text in item.texts) for item in items} == texts
    assert len(items) == 138


def test_codings_without_a_header_are_refused_with_a_reason(shared_data: Path) -> None:
    with pytest.raises(ValueError, match="no header"):
        open_rows(shared_data / "evalica" / "codings.csv")
    with pytest.raises(ValueError, match="are both called “NN”"):
        open_rows(shared_data / "evalica" / "gcl.csv")
