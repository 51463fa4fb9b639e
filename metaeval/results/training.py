"""What methods were trained on, and how each training went, as a snapshot stores it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hlv.core.stored_results import read, stored_as
from hlv.stats.training.heads import LEARNING_RATES
from hlv.stats.training.methods import Obstacle
from hlv.stats.training.work import SOFT_CROSS_ENTROPY
from metaeval.models import Training
from metaeval.results.method_table import MethodTable

CHARACTERS: Final = "char"
BASE_MODEL_OF_CHARACTERS: Final = "char n-grams"
DEFAULT_FOLDS: Final = 10
DEFAULT_RUNS: Final = 3


@dataclass(frozen=True)
class TrainingParameters:
    """What a job that trains is asked with.

    Attributes
    ----------
    methods
        None named: all that the labels allow.
    features
        "char", or the path of an array; `items` is then the path of the keys of its rows.
    base_model
        Name under which the outputs are filed; empty: that of the features.
    split
        The fact of items that names the part of each; empty: `folds` folds.
    partition
        Seed of folds, and of a dev part that the split lacks.
    seed
        Of the first run; the others have the next ones.
    """

    methods: tuple[str, ...] = ()
    features: str = CHARACTERS
    items: str = ""
    base_model: str = ""
    split: str = ""
    folds: int = DEFAULT_FOLDS
    partition: int = 1
    runs: int = DEFAULT_RUNS
    seed: int = 1
    learning_rates: tuple[float, ...] = LEARNING_RATES
    select: str = SOFT_CROSS_ENTROPY
    hidden: int = 0


@dataclass(frozen=True, kw_only=True)
class PartSizes:
    """Texts of a fold that train, tune and are tested."""

    train: int
    dev: int
    test: int


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """What would be trained.

    Attributes
    ----------
    left_out
        What is in the way of other methods.
    same
        Groups of methods whose losses are equal on these labels.
    n_tested, n_repeated
        Texts that get outputs, and test texts that do not because an equal text trains or tunes.
    smallest_difference
        In PO-JSD, that two trained methods must differ by on the test texts to be significant.
    seconds
        Expected, on one processor.
    costs
        Expected seconds of one run of each training on all folds, without features.
    """

    base_model: str
    features: str
    methods: list[str]
    left_out: dict[str, Obstacle]
    same: list[list[str]]
    parts: list[PartSizes]
    n_tested: int
    n_repeated: int
    n_runs: int
    smallest_difference: float
    seconds: float
    costs: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrainingRun:
    """One training; `dev` has the selection's value after each epoch, for the chosen learning rate."""

    training: str
    run: str
    fold: int
    learning_rate: float
    epoch: int
    dev: list[float | None] = field(default_factory=list)


@stored_as("training")
@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """What was trained, and what was filed.

    Attributes
    ----------
    n_added, n_known
        Outputs that were filed, and that were there already.
    seconds
        That training took, by the clock.
    table
        Scores of the outputs on the test texts; None where no test text has labels, and in results of older versions.
    """

    plan: TrainingPlan
    runs: list[TrainingRun]
    select: str
    n_added: int
    n_known: int
    seconds: float
    table: MethodTable | None = None


def read_training(snapshot: Training) -> TrainingResult:
    return read(TrainingResult, snapshot)
