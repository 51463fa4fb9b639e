"""`python -m tests.release.lowest`: the demonstration on the lowest versions that pyproject.toml allows.

An environment of its own, of the oldest Python at hand: in it the wheel and each dependency at its lower bound. What these
need in their turn pip chooses.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHONS = ("python3.11", "python3.12", sys.executable)
BOUND = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?>=(?P<version>[\w.]+)")


def lower_bounds() -> list[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = {need: BOUND.match(need) for need in project["dependencies"]}
    if without := [need for need, bound in bounds.items() if bound is None]:
        raise SystemExit(
            f"pyproject.toml gives no lower bound of {', '.join(without)}: write it as NAME>=VERSION."
        )
    return [f"{bound['name']}=={bound['version']}" for bound in bounds.values() if bound]


def makes_environments(python: str) -> bool:
    try:
        return (
            subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode
            == 0
        )
    except FileNotFoundError:
        return False


def main() -> None:
    python = next(filter(makes_environments, PYTHONS))
    with tempfile.TemporaryDirectory(prefix="hlv-lowest-") as made:
        folder = Path(made)
        pins = folder / "lowest.txt"
        pins.write_text("\n".join(lower_bounds()), encoding="utf-8")
        programs = folder / "venv" / "bin"
        subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
        subprocess.run([programs / "pip", "install", "-q", "--constraint", pins, CHECKOUT], check=True)
        subprocess.run([programs / "pip", "freeze"], check=True)
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HLV_DEMO_DIR": str(folder / "demo"),
            "HLV_DATA_DIR": str(folder / "data"),
        }
        for command in (["--version"], ["demo", "--no-serve"]):
            subprocess.run([programs / "hlv", *command], cwd=folder, env=environment, check=True)
    print(f"The lowest versions carry the demonstration on {python}.")


if __name__ == "__main__":
    main()
