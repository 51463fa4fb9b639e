"""Data sets of Kurniawan et al. (2026) as files have them, without a study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from annotations.formats.items import AnnotationRecord, ItemRecord
from annotations.formats.published_datasets import ANNOTATIONS_2023, ITEMS_2023
from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Mapping, Options
from hlv.stats.arrays import IntArray
from hlv.stats.resampling.chunks import chunk_generator
from hlv.stats.training import Fold, LabelledTexts, given_split
from hlv.stats.training.folds import TEST, TRAIN, part_name

LEWIDI: Final = ("HS-Brexit", "ArMIS", "MD-Agreement")
# The draw of the half of the test texts that trains where the training file is missing.
_SEED_OF_HALVES: Final = 1
_FILE: Final = re.compile(r"^(?P<name>.+)_(?P<part>train|dev|test)\.json$")


@dataclass(frozen=True, eq=False)
class DataSet:
    """Texts with labels and their parts; `note` names what differs from the paper's data."""

    name: str
    words: list[str]
    labels: LabelledTexts
    fold: Fold
    note: str = ""


def lewidi_files(folder: Path) -> dict[str, list[Path]]:
    """LeWiDi files in a folder and the folders in it, by data set."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.rglob("*.json")):
        match = _FILE.match(file.name)
        if match is not None:
            found.setdefault(match["name"], []).append(file)
    return found


def read_lewidi(name: str, files: Sequence[Path]) -> DataSet:
    """One data set; of several answers of one annotator to one text, all count.

    Raises
    ------
    FormatError
        A file cannot be read, or the test file is missing.
    """
    sources = [open_rows(file) for file in files]
    options = Options(task="single", dataset=name)
    items = list(_records(ITEMS_2023.parse(sources, Mapping(), options)))
    answers = list(_records(ANNOTATIONS_2023.parse(sources, Mapping(), options)))
    texts = [one for one in items if isinstance(one, ItemRecord)]
    given = [one for one in answers if isinstance(one, AnnotationRecord)]
    words = ["\n".join(text for _, text in one.texts) for one in texts]
    parts = [part_name(one.metadata.get("split", "")) or "" for one in texts]
    _, group = np.unique(np.array(words, dtype=object).astype(str), return_inverse=True)
    labels = _labelled([one.key for one in texts], given)
    parts, note = _with_training_part(parts, group.ravel())
    if TEST not in parts:
        raise FormatError(f"{name} has no test file; put {name}_test.json into the folder.")
    fold = given_split(parts, group.ravel().astype(np.int64), labels.answered, seed=1).fold
    return DataSet(name, words, labels, fold, note)


def _records(read: Iterable[object]) -> Iterable[object]:
    for one in read:
        if isinstance(one, RowError):
            raise FormatError(one.sentence)
        yield one


def _labelled(keys: Sequence[str], answers: Sequence[AnnotationRecord]) -> LabelledTexts:
    place = {key: row for row, key in enumerate(keys)}
    known = sorted({label for one in answers for label in one.labels})
    column = {label: number for number, label in enumerate(known)}
    people = {name: number for number, name in enumerate(sorted({one.annotator for one in answers}))}
    chosen = np.zeros((len(answers), len(known)), dtype=bool)
    for row, one in enumerate(answers):
        chosen[row, [column[label] for label in one.labels]] = True
    item = np.array([place[one.item_key] for one in answers], dtype=np.int64)
    counts = np.zeros((len(keys), len(known)))
    np.add.at(counts, item, chosen)
    return LabelledTexts.of(
        task="single",
        counts=counts,
        n_answers=np.bincount(item, minlength=len(keys)).astype(np.float64),
        item=item,
        annotator=np.array([people[one.annotator] for one in answers], dtype=np.int64),
        chosen=chosen,
    )


def _with_training_part(parts: list[str], group: IntArray) -> tuple[list[str], str]:
    """Without a training file, half of the different test texts train."""
    if TRAIN in parts:
        return parts, ""
    is_test = np.array([part == TEST for part in parts])
    different = np.unique(group[is_test])
    drawn = chunk_generator(_SEED_OF_HALVES, 0).permutation(different)[: len(different) // 2]
    trains = is_test & np.isin(group, drawn)
    note = "The training file is missing, so half of the test texts train (fixed draw)."
    return [TRAIN if moved else part for part, moved in zip(parts, trains, strict=True)], note
