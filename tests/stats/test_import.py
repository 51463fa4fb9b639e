"""`import hlv.stats` in a fresh process."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hlv.stats


@pytest.mark.parametrize(
    "package", ["", ".frames.metric_agreements", *(f".{name}" for name in hlv.stats.PACKAGES)]
)
def test_no_package_loads_django_or_pandas(package: str) -> None:
    program = (
        f"import sys, hlv.stats{package}\n"
        "print({name.split('.')[0] for name in sys.modules} & {'django', 'pandas', 'polars', 'altair', 'celery', 'msgspec'})"
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
