"""`import hlv.stats` in a fresh process."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hlv.stats


def test_no_package_loads_django_pandas_or_distributions_before_they_are_needed() -> None:
    """`scipy.stats` takes longer to load than everything else of a command that computes nothing."""
    program = (
        "import importlib, sys, hlv.stats, hlv.stats.frames.metric_agreements\n"
        "for name in hlv.stats.PACKAGES: importlib.import_module(f'hlv.stats.{name}')\n"
        "late = {'django', 'pandas', 'polars', 'altair', 'celery', 'msgspec', 'scipy.stats', 'scipy.optimize'}\n"
        "print(late & set(sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout == "set()\n"


def test_a_package_is_an_attribute_without_an_import_of_its_own() -> None:
    program = "import hlv.stats; print(hlv.stats.agreement.percent_agreement([[2, 0]]))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout == "1.0\n"


def test_an_unknown_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'regression'"):
        _ = hlv.stats.regression  # type: ignore[attr-defined]


def test_a_function_is_imported_by_its_name_and_listed() -> None:
    program = "from hlv.stats import po_jsd; import hlv.stats; print(float(po_jsd([[1, 0]], [[1, 0]])), 'po_jsd' in dir(hlv.stats))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout == "1.0 True\n"


def test_every_public_name_is_found() -> None:
    for name in hlv.stats.__all__:
        assert getattr(hlv.stats, name).__name__.endswith(name)
