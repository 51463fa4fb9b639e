"""Parameters of jobs: what a schema takes, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from annotations.jobs import JobRefusedError
from metaeval.results.ranking_options import (
    RankingOptions,
    RankingParameters,
    read_parameters,
)


@dataclass(frozen=True)
class Parameters:
    seed: int = 1
    names: tuple[str, ...] = ()


def test_null_is_the_default_and_a_list_becomes_a_tuple() -> None:
    assert read_parameters(Parameters, {"seed": None, "names": ["a"]}, job="It") == Parameters(1, ("a",))


def test_an_unknown_parameter_is_refused_unless_it_is_empty() -> None:
    assert read_parameters(Parameters, {"colour": ""}, job="It") == Parameters()
    with pytest.raises(JobRefusedError, match=r"^It has no option 'colour'; it has names, seed\.$"):
        read_parameters(Parameters, {"colour": "red"}, job="It")
    with pytest.raises(JobRefusedError, match="has no option 'seed'; it has names"):
        read_parameters(Parameters, {"seed": 2}, job="It", without={"seed"})


def test_a_wrong_type_is_refused_with_the_parameter() -> None:
    with pytest.raises(
        JobRefusedError, match=r"^It cannot be computed: Expected `int`, got `str` - at `\$\.seed`"
    ):
        read_parameters(Parameters, {"seed": "2"}, job="It")


def test_settings_of_a_snapshot_that_are_no_options_of_a_ranking_are_passed_over() -> None:
    found = RankingOptions.of({"ties": "davidson", "null": "methods", "without_judges": [3]})
    assert (found.ties, found.exclusions.judges) == ("davidson", (3,))


def test_a_moment_needs_a_zone() -> None:
    assert RankingParameters().moment() is None
    assert RankingParameters(as_of="2026-01-02T03:04:05+00:00").moment() == datetime(
        2026, 1, 2, 3, 4, 5, tzinfo=UTC
    )
    for text in ("2026-01-02T03:04:05", "yesterday"):
        with pytest.raises(JobRefusedError, match=r"a date and time with .* zone"):
            RankingParameters(as_of=text).moment()
