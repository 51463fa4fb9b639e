"""The public names of hlv.stats: each has a docstring, and the examples of the docstrings are true."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

import hlv.stats

# What a notebook calls first.
HEADLINES = {
    "labels": (
        "single_label_distributions",
        "multilabel_distributions",
        "normalised_entropy",
        "projected_end",
    ),
    "agreement": ("percent_agreement", "cohen_kappa", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha"),
    "metrics": ("metrics_for",),
    "pairwise": ("fit_bradley_terry", "analytic_intervals", "rank_methods", "holm"),
    "meta_evaluation": ("agree", "correlation_p_values", "williams_test"),
    "power": ("power_analysis",),
}


def packages() -> Iterator[ModuleType]:
    yield from (import_module(f"hlv.stats.{name}") for name in hlv.stats.PACKAGES)


def public_names() -> Iterator[tuple[str, object]]:
    for name in set(hlv.stats.__all__) - set(hlv.stats.PACKAGES):
        yield f"hlv.stats.{name}", getattr(hlv.stats, name)
    for package in packages():
        for name in package.__all__:
            yield f"{package.__name__}.{name}", getattr(package, name)


def modules() -> list[str]:
    return [found.name for found in pkgutil.walk_packages(hlv.stats.__path__, "hlv.stats.")]


def test_every_package_is_public() -> None:
    found = {module.name for module in pkgutil.iter_modules(hlv.stats.__path__) if module.ispkg}
    assert found == {*hlv.stats.PACKAGES, "frames"}


@pytest.mark.parametrize(
    ("name", "value"), [*public_names()], ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_public_function_or_class_has_a_docstring(name: str, value: object) -> None:
    assert not inspect.ismodule(value)
    if inspect.isfunction(value) or inspect.isclass(value):
        own = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
        assert own
        # dataclasses without one get their signature
        assert not own.startswith(f"{value.__name__}(")


@pytest.mark.parametrize(("package", "name"), [(p, name) for p, names in HEADLINES.items() for name in names])
def test_a_headline_function_has_an_example(package: str, name: str) -> None:
    found = import_module(f"hlv.stats.{package}")
    assert name in found.__all__
    assert ">>> " in getattr(found, name).__doc__


@pytest.mark.parametrize("module", modules())
def test_examples_print_what_they_show(module: str) -> None:
    result = doctest.testmod(import_module(module))
    assert result.failed == 0
