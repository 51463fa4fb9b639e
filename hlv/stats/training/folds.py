"""Which texts train, tune and test. Equal texts are always in the same part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, IntArray
from hlv.stats.resampling.chunks import chunk_generator

DEV_PORTION: Final = 0.1
FEWEST_TEXTS: Final = 2
TRAIN: Final = "train"
DEV: Final = "dev"
TEST: Final = "test"
# Words of data sets for each part.
PART_NAMES: Final = MappingProxyType(
    {
        TRAIN: TRAIN,
        "training": TRAIN,
        DEV: DEV,
        "develop": DEV,
        "development": DEV,
        "val": DEV,
        "valid": DEV,
        "validation": DEV,
        TEST: TEST,
        "testing": TEST,
    }
)


class TooFewTextsError(ValueError):
    """A part has too few texts with labels; the message names it."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Places of texts: those that train and tune have labels."""

    train: IntArray
    dev: IntArray
    test: IntArray


@dataclass(frozen=True, eq=False)
class GivenSplit:
    """The fold of a given split, and its test texts that are left out because an equal text trains or tunes."""

    fold: Fold
    n_repeated: int


def part_name(value: str) -> str | None:
    """The part that a data set means by a word; None for no part."""
    return PART_NAMES.get(value.strip().lower())


def given_split(parts: Sequence[str], group: IntArray, answered: BoolArray, *, seed: int) -> GivenSplit:
    """The fold that each text's part (N,) gives; without dev texts, a tenth of those that train.

    Parameters
    ----------
    parts
        As data sets write them; other words are no part.
    group : (N,)
        Equal where texts are equal.
    answered : (N,)

    Raises
    ------
    TooFewTextsError
    """
    named = np.array([part_name(part) or "" for part in parts])
    train, dev, test = (
        np.flatnonzero((named == part) & (answered | (part == TEST))) for part in (TRAIN, DEV, TEST)
    )
    dev = dev[~np.isin(group[dev], group[train])]
    if not len(dev):
        train, dev = _without_dev(train, group, chunk_generator(seed, 0, stream=1))
    is_new = ~np.isin(group[test], group[np.concatenate([train, dev])])
    return GivenSplit(_checked(Fold(train, dev, test[is_new])), int((~is_new).sum()))


def k_folds(group: IntArray, answered: BoolArray, *, n_folds: int, seed: int) -> list[Fold]:
    """Folds in which each text is tested once; a tenth of the others tunes, the rest trains.

    Raises
    ------
    TooFewTextsError
    """
    if n_folds < 2:
        raise TooFewTextsError("at least 2 folds are needed")
    different = np.unique(group)
    if len(different) < n_folds:
        raise TooFewTextsError(f"{len(different)} different texts cannot make {n_folds} folds")
    shuffled = chunk_generator(seed, 0).permutation(different)
    folds = []
    for number, tested in enumerate(np.array_split(shuffled, n_folds)):
        is_tested = np.isin(group, tested)
        others = np.flatnonzero(~is_tested & answered)
        train, dev = _without_dev(others, group, chunk_generator(seed, number, stream=1))
        folds.append(_checked(Fold(train, dev, np.flatnonzero(is_tested))))
    return folds


def _without_dev(
    items: IntArray, group: IntArray, generator: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """The items, less a tenth of the different texts, and the items of those."""
    different = np.unique(group[items])
    n_dev = max(1, round(DEV_PORTION * len(different))) if len(different) > 1 else 0
    is_dev = np.isin(group[items], generator.permutation(different)[:n_dev])
    return items[~is_dev], items[is_dev]


def _checked(fold: Fold) -> Fold:
    for name, items, fewest in (
        (TRAIN, fold.train, FEWEST_TEXTS),
        (DEV, fold.dev, 1),
        (TEST, fold.test, 1),
    ):
        if len(items) < fewest:
            raise TooFewTextsError(f"the {name} part has {len(items)} texts, {fewest} or more are needed")
    return fold
