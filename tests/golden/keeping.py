"""Where what is kept lies: a zip for each group, the same bytes for the same texts."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected"
CHECKOUT = Path(__file__).resolve().parents[2]
# The year in which zips begin: nothing in them tells when they were written.
MOMENT = (1980, 1, 1, 0, 0, 0)

# By the way to a text, such as bundle/rankings.json.txt.
Texts = dict[str, str]


def make_texts(folder: Path, environment: Mapping[str, str]) -> Texts:
    """In a process of its own, on the empty database that the environment names."""
    made = folder / "golden"
    command = [sys.executable, "-m", "tests.golden.making", str(made)]
    given = dict(environment) | {"DJANGO_SETTINGS_MODULE": "hlv.settings"}
    done = subprocess.run(command, cwd=CHECKOUT, env=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the golden texts could not be made:\n{done.stderr[-4000:]}")
    return {
        str(path.relative_to(made)): path.read_text(encoding="utf-8")
        for path in sorted(made.rglob("*"))
        if path.is_file()
    }


def kept_texts() -> Texts:
    texts: Texts = {}
    for path in sorted(EXPECTED.glob("*")):
        if path.suffix != ".zip":
            texts[path.name] = path.read_text(encoding="utf-8")
            continue
        with zipfile.ZipFile(path) as archive:
            texts |= {f"{path.stem}/{name}": archive.read(name).decode() for name in archive.namelist()}
    return texts


def keep(texts: Texts) -> None:
    """What is not of a group is small and lies there as it is."""
    groups: defaultdict[str, Texts] = defaultdict(dict)
    EXPECTED.mkdir(exist_ok=True)
    for name, text in sorted(texts.items()):
        group, _, rest = name.partition("/")
        if rest:
            groups[group][rest] = text
        else:
            (EXPECTED / name).write_text(text, encoding="utf-8")
    for group, members in groups.items():
        with zipfile.ZipFile(
            EXPECTED / f"{group}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9
        ) as archive:
            for name, text in members.items():
                archive.writestr(zipfile.ZipInfo(name, MOMENT), text, zipfile.ZIP_DEFLATED, 9)
