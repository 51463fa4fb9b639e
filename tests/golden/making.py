"""Everything that is kept, made in an empty database: run as `python -m tests.golden.making FOLDER`.

In a process and a database of its own, so that keys begin at 1 and nothing depends on what other tests did.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import UUID, uuid5

import django
import numpy as np
import pyarrow.parquet as pq

django.setup()

from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import models  # noqa: E402
from django.db.models.fields.json import JSONField  # noqa: E402
from django.urls import URLPattern, URLResolver, get_resolver  # noqa: E402
from django.utils import timezone  # noqa: E402

from annotations import jobs  # noqa: E402
from annotations.models import Job, Study, code_version  # noqa: E402
from hlv.bundle import export_study  # noqa: E402
from hlv.demo.load import load_demonstration  # noqa: E402
from metaeval.models import Campaign, Output  # noqa: E402
from metaeval.results.ranking_options import DEFAULT_SEED  # noqa: E402
from metaeval.selectors.outputs import STORED  # noqa: E402
from tests.golden.texts import flattened, masked, words_of_svg  # noqa: E402

NAMESPACE = UUID("7f5a8f0e-6f3c-4b83-9a53-2f0c1d0a5b11")
N_RESAMPLES = 100
OURS = ("annotations", "metaeval")
# Signs of life of processes, and secrets.
NOT_KEPT = {"annotations.WorkerBeat"}
SECRET = {"password", "token_hash", "token"}
# Of a job, as last written: which report that was depends on how fast the machine is.
OF_THE_MOMENT = {"progress_done", "progress_total", "progress_note"}
SIMULATED = (
    "simulate", "--methods", "4", "--judges", "4", "--judgments", "200", "--simulations", "5", "--alternatives",
)  # fmt: skip
# Of a picture whose drawing is kept beside it as words.
PICTURES = {".png": "picture", ".pdf": "document"}


def main(folder: Path) -> None:
    _count_identifiers()
    study = load_demonstration()
    _compute(study)
    for name, text in _commands(study.slug):
        _write(folder / "commands" / f"{name}.txt", text)
    for name, text in _bundle(study, folder / "unpacked"):
        _write(folder / "bundle" / f"{name}.txt", text)
    rmtree(folder / "unpacked")
    for name, text in _rows():
        _write(folder / "rows" / f"{name}.txt", text)
    _write(folder / "addresses.txt", "\n".join(_addresses()))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(masked(text, version=code_version()) + "\n", encoding="utf-8")


def _count_identifiers() -> None:
    """Which side a method stands on rests on identifiers: the n-th row of a table always has the same one."""
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, models.UUIDField):
                vars(field)["_get_default"] = _identifiers(f"{model._meta.label}.{field.name}")


def _identifiers(of: str) -> Callable[[], UUID]:
    numbers = count(1)
    return lambda: uuid5(NAMESPACE, f"{of}/{next(numbers)}")


def _compute(study: Study) -> None:
    """As `hlv demo` does, with fewer resamples."""
    campaign = {"campaign": str(Campaign.objects.get(study=study).uuid)}
    drawn = {"n_resamples": N_RESAMPLES, "seed": DEFAULT_SEED}
    for kind, params in (
        ("round", {}),
        ("metaeval", campaign | drawn),
        ("judges", campaign | drawn),
        ("texts", {}),
        ("sensitivity", campaign),
    ):
        job = jobs.run_now(jobs.create(kind=kind, study=study, params=params))
        assert job.state == Job.State.DONE, (kind, job.reason)


def _commands(slug: str) -> Iterator[tuple[str, str]]:
    few = ("--n-resamples", str(N_RESAMPLES))
    asked: dict[str, tuple[str, ...]] = {
        "rank": ("rank", slug, *few),
        "rank-davidson": ("rank", slug, *few, "--ties", "davidson"),
        "metaeval": ("metaeval", slug, *few),
        "agreement": ("agreement", slug, *few),
        "score": ("score", slug, *few),
        "judges": ("judges", slug, *few),
        "sensitivity": ("sensitivity", slug),
        "simulate": SIMULATED,
        "campaigns": ("campaigns", slug),
        "participants": ("participants", slug),
        "check-log": ("check_log", slug),
    }
    for name, (command, *words) in asked.items():
        said = StringIO()
        call_command(command, *words, "--json", stdout=said, stderr=StringIO())
        yield name, "\n".join(flattened(json.loads(said.getvalue())))
    for name in ("rank", "metaeval"):
        said = StringIO()
        call_command(name, slug, *few, stdout=said, stderr=StringIO())
        yield f"{name}-printed", said.getvalue()


def _bundle(study: Study, folder: Path) -> Iterator[tuple[str, str]]:
    export_study(study, folder, as_of=timezone.now())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(path.relative_to(folder)), _content(path)


def _content(path: Path) -> str:
    if path.suffix in PICTURES:
        return PICTURES[path.suffix]
    if path.suffix == ".npy":
        return "\n".join(flattened(np.load(path).tolist()))
    if path.suffix == ".parquet":
        return "\n".join(flattened(pq.read_table(path).to_pylist()))
    text = path.read_bytes().decode()
    if path.suffix == ".json":
        return "\n".join(flattened(json.loads(text)))
    return words_of_svg(text) if path.suffix == ".svg" else text


def _addresses() -> Iterator[str]:
    def walk(resolver: URLResolver, before: str) -> Iterator[str]:
        for found in resolver.url_patterns:
            address = before + str(found.pattern)
            if isinstance(found, URLPattern):
                yield f"/{address}  {found.name}"
            else:
                yield from walk(found, address)

    return iter(sorted(walk(get_resolver(), "")))


def _rows() -> Iterator[tuple[str, str]]:
    """Every table of ours; a key is told as the place of its row in its table."""
    tables = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    places = {
        model: {
            pk: place
            for place, pk in enumerate(model._default_manager.order_by("pk").values_list("pk", flat=True), 1)
        }
        for model in tables
    }
    for model in tables:
        if model._meta.label in NOT_KEPT:
            continue
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        rows = [
            "  ".join(f"{field.name}={_told(field, row, places)}" for field in fields)
            for row in model._default_manager.order_by("pk")
        ]
        yield model._meta.label, "\n".join([f"{len(rows)} rows", *rows])


def _told(field: Any, row: models.Model, places: dict[type[models.Model], dict[Any, int]]) -> str:
    value = getattr(row, field.attname)
    if value is None:
        return "-"
    if field.name in SECRET:
        return "<secret>"
    if field.name in OF_THE_MOMENT:
        return "<progress>"
    if field.related_model in places:
        return f"#{places[field.related_model][value]}"
    if isinstance(field, models.BinaryField):
        return json.dumps(_vector(bytes(value))) if isinstance(row, Output) else "<bytes>"
    if isinstance(field, JSONField):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return json.dumps(str(value) if not isinstance(value, (int, float, str)) else value, ensure_ascii=False)


def _vector(stored: bytes) -> list[float]:
    return [float(value) for value in np.frombuffer(stored, dtype=STORED)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
