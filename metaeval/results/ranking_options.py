"""The parameters of jobs: the options of a ranking, and the reader of every kind's schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self, TypeVar

import msgspec
from django.utils.translation import gettext as _

from annotations.jobs import JobRefusedError
from hlv.stats.labels.distributions import EQUAL
from hlv.stats.meta_evaluation.paired_permutation import SWAP_NULLS, SwapNull
from hlv.stats.meta_evaluation.permutation import N_PERMUTATIONS
from metaeval.selectors.selections import Exclusions, Selection

DEFAULT_RESAMPLES = 2000
DEFAULT_SEED = 1
FEWEST_RESAMPLES: Final = 5000
DEFAULT_PERMUTATIONS = N_PERMUTATIONS
DEFAULT_NULL: Final[SwapNull] = "methods-xor-items"

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# A setting of a computation as a snapshot or a preregistration stores it.
Setting = bool | int | float | str | list[int | str] | None

Schema = TypeVar("Schema", bound="DataclassInstance")


def read_settings(schema: type[Schema], stored: Mapping[str, object]) -> Schema:
    """The settings that the schema has; null is the default."""
    return msgspec.convert({name: value for name, value in stored.items() if value is not None}, schema)


def read_parameters(
    schema: type[Schema], params: Mapping[str, object], *, job: str, without: Collection[str] = ()
) -> Schema:
    """The parameters of a job.

    Parameters
    ----------
    job
        What the job is called at the start of a sentence.
    without
        Fields of the schema that are no parameters of this kind of job.

    Raises
    ------
    JobRefusedError
        If a parameter is unknown and not empty, or has a wrong type.
    """
    known = {field.name for field in fields(schema)} - {*without}
    others = sorted(name for name, value in params.items() if name not in known and value not in (None, ""))
    if others:
        raise JobRefusedError(
            f"{job} has no option {', '.join(map(repr, others))}; it has {', '.join(sorted(known))}."
        )
    try:
        return read_settings(schema, {name: value for name, value in params.items() if name in known})
    except msgspec.ValidationError as error:
        raise JobRefusedError(f"{job} cannot be computed: {error}.") from error


@dataclass(frozen=True)
class RankingOptions:
    """How to rank, as somebody asks for it; a snapshot records what was computed (`parameters_of`)."""

    model: str = "bradley-terry"
    ties: str = "half"
    resample: str | None = None
    n_resamples: int = DEFAULT_RESAMPLES
    seed: int = DEFAULT_SEED
    ridge: float = 0.0
    # Of the labels that built-in metrics are scored against; the judgments do not depend on it.
    weights: str = EQUAL
    # Of a campaign's methods and judges only these; empty leaves nothing out.
    base_model: str = ""
    judge_group: str = ""
    # Verdicts that are left out: see `selectors.selections`.
    without_judges: tuple[int, ...] = ()
    without_methods: tuple[str, ...] = ()
    without_texts: tuple[str, ...] = ()
    under_seconds: float = 0.0
    # A column of the texts, such as document: texts with one value are drawn together.
    block_by: str = ""

    @property
    def selection(self) -> Selection:
        return Selection(self.base_model, self.judge_group)

    @property
    def exclusions(self) -> Exclusions:
        return Exclusions(self.without_judges, self.without_methods, self.without_texts, self.under_seconds)

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Self:
        """The options among the parameters of a snapshot."""
        return read_settings(cls, stored)


@dataclass(frozen=True)
class RankingParameters(RankingOptions):
    """What a job that ranks is asked with."""

    campaign: str = ""
    as_of: str = ""

    def moment(self) -> datetime | None:
        """Up to which judgments count, or None for now.

        Raises
        ------
        JobRefusedError
            If it is no date and time with a zone.
        """
        if not self.as_of:
            return None
        try:
            moment = datetime.fromisoformat(self.as_of)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise JobRefusedError(_("The time to look back to must be a date and time with its zone."))
        return moment


@dataclass(frozen=True)
class MetricAgreementParameters(RankingParameters):
    """The parameters of a job of ranking and metric agreement.

    Attributes
    ----------
    against
        An uploaded score that people gave, to compare with in place of a ranking.
    null
        The null hypothesis of exchanging scores; empty is `DEFAULT_NULL`.
    """

    against: str = ""
    null: str = ""

    def swap_null(self) -> SwapNull:
        name = self.null or DEFAULT_NULL
        for null in SWAP_NULLS:
            if null == name:
                return null
        raise JobRefusedError(f"{name!r} is no null hypothesis; known are {', '.join(SWAP_NULLS)}.")
