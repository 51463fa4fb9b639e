"""`import hlv.stats` in a fresh process."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hlv.stats


@pytest.mark.parametrize("package", ["", *(f".{name}" for name in hlv.stats.__all__)])
def test_no_package_loads_django_or_pandas(package: str) -> None:
    program = (
        f"import sys, hlv.stats{package}\n"
        "print({name.split('.')[0] for name in sys.modules} & {'django', 'pandas', 'celery', 'msgspec'})"
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
