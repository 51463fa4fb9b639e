"""How a p is printed, and what an error carries."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hlv.stats
from hlv.stats.labels.distributions import InvalidDistributionError, checked_distributions
from hlv.stats.reporting import StatisticsError, p_equals, p_text


@pytest.mark.parametrize(
    ("p", "alone", "in_a_sentence"),
    [
        (0.0, "< .001", "< .001"),
        (0.00099, "< .001", "< .001"),
        (0.001, ".001", "= .001"),
        (0.0314, ".031", "= .031"),
        (0.9996, "1", "= 1"),
        (1.0, "1", "= 1"),
    ],
)
def test_a_p_is_never_nought_and_has_no_leading_zero(p: float, alone: str, in_a_sentence: str) -> None:
    assert (p_text(p), p_equals(p)) == (alone, in_a_sentence)


for module in pkgutil.walk_packages(hlv.stats.__path__, "hlv.stats."):
    if ".frames" not in module.name:
        importlib.import_module(module.name)


def kinds_of_errors(base: type[StatisticsError] = StatisticsError) -> list[type[StatisticsError]]:
    return [kind for one in base.__subclasses__() for kind in (one, *kinds_of_errors(one))]


def test_every_kind_of_error_has_its_own_code() -> None:
    kinds = kinds_of_errors()
    assert len(kinds) > 20
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_an_error_carries_a_template_and_its_values() -> None:
    with pytest.raises(InvalidDistributionError) as caught:
        checked_distributions([[0.5, 0.6]], task="single")
    assert (caught.value.code, caught.value.values["sums"]) == ("invalid_distribution", "1.1")
    assert str(caught.value) == caught.value.sentence == "distribution row 0 sums to 1.1, not to 1"


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Where the statistics raise an error of theirs."""
    names = {kind.__name__ for kind in kinds_of_errors()}
    for path in Path(hlv.stats.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            call = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(call, ast.Call) and call.args and ast.unparse(call.func) in names:
                yield f"{path.name}:{call.lineno}", call


def test_no_error_hides_values_in_its_sentence() -> None:
    """A sentence made by an f-string cannot be translated."""
    assert [place for place, call in raised() if isinstance(call.args[0], ast.JoinedStr)] == []


def test_every_place_of_a_template_has_its_value() -> None:
    without = []
    for place, call in raised():
        template = call.args[0]
        if isinstance(template, ast.Constant) and isinstance(template.value, str):
            named = set(re.findall(r"%\((\w+)\)s", template.value))
            without += [(place, name) for name in named - {keyword.arg for keyword in call.keywords}]
    assert without == []
