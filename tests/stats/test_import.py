"""`import hlv.stats` in a fresh process."""

from __future__ import annotations

import subprocess
import sys


def test_the_statistics_load_neither_django_nor_pandas() -> None:
    program = (
        "import pkgutil, sys, hlv.stats\n"
        "for found in pkgutil.walk_packages(hlv.stats.__path__, 'hlv.stats.'): __import__(found.name)\n"
        "print({name.split('.')[0] for name in sys.modules} & {'django', 'pandas', 'celery', 'rest_framework'})"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout == "set()\n"
