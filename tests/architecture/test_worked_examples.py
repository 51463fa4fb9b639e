"""Every worked example of the reference is recomputed by a test that names it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import CHECKOUT


def test_every_worked_example_is_named_in_a_test(shared_reference: Path) -> None:
    examples = json.loads((shared_reference / "worked_examples.json").read_text(encoding="utf-8"))
    tests = [path.read_text(encoding="utf-8") for path in sorted((CHECKOUT / "tests").rglob("test_*.py"))]
    boards = (CHECKOUT / "tests" / "metaeval" / "science" / "boards.py").read_text(encoding="utf-8")
    named = {example["name"] for example in examples if f'"{example["name"]}"' in "".join([*tests, boards])}
    assert len(examples) == 24
    assert {example["name"] for example in examples} - named == set()
