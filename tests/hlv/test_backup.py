"""`hlv backup` and `hlv restore`, checked by restoring."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import OwnPlace

Wait = Callable[[Callable[[], bool], float], None]

# Answers one text after another, and prints the key of each answer once it is acknowledged.
WORK = """
import django, sys
django.setup()
from uuid import uuid4
from tests.making import make_items, make_participant, make_seat, make_study
from annotations.services.annotating import Answer, record_annotation
study = make_study(slug="busy", labels=["a", "b"], task="single")
make_items(study, 3000)
person = make_participant(study)
while True:
    key = uuid4()
    outcome = record_annotation(assignment=make_seat(person), client_key=key, answer=Answer(chosen={"a": None}))
    assert outcome.status == 201, outcome
    print(key, flush=True)
"""
STORED = """
from annotations.models import Annotation
print("\\n".join(map(str, Annotation.objects.values_list("client_key", flat=True))))
"""


@pytest.mark.both_databases
def test_a_restored_backup_has_every_answer_acknowledged_before_it_began(
    own_place: OwnPlace, empty_place: OwnPlace, tmp_path: Path, wait_until: Wait
) -> None:
    target = tmp_path / "backup.tar"
    log = tmp_path / "acknowledged"
    uploads = own_place.folder / "uploads"
    uploads.mkdir()
    (uploads / ("a" * 32)).write_bytes(b"key,text\n")
    assert own_place.hlv("create-person", "lin@example.org").returncode == 0
    environment = own_place.environment | {"DJANGO_SETTINGS_MODULE": "hlv.settings"}
    with log.open("w") as output:
        worker = subprocess.Popen([sys.executable, "-c", WORK], env=environment, stdout=output)
        try:
            wait_until(lambda: len(log.read_text().split()) >= 5 or worker.poll() is not None, 120)
            before = set(log.read_text().split())
            made = own_place.hlv("backup", str(target), HLV_UPLOAD_DIR=str(uploads))
            assert worker.poll() is None
        finally:
            worker.kill()
            worker.wait()
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "mode 600" in made.stdout
    there = tmp_path / "new"
    place = {
        "HLV_DATA_DIR": str(there),
        "HLV_UPLOAD_DIR": str(there / "uploads"),
        "DATABASE_URL": empty_place.database_url
        if empty_place.database_url.startswith("postgres")
        else f"sqlite:///{there / 'hlv.sqlite3'}",
    }
    restored = empty_place.hlv("restore", str(target), **place)
    assert restored.returncode == 0, restored.stderr
    stored = empty_place.hlv("shell", "--no-imports", "-c", STORED, **place)
    assert before <= set(stored.stdout.split())
    assert (there / "uploads" / ("a" * 32)).read_bytes() == b"key,text\n"
    assert empty_place.hlv("check-log", **place).returncode == 0
    again = empty_place.hlv("restore", str(target), **place)
    assert again.returncode == 1
    assert again.stderr.startswith("The database is not empty, and a restore overwrites nothing")


@pytest.mark.embedded
def test_the_secret_key_comes_along(own_place: OwnPlace, tmp_path: Path) -> None:
    own_place.environment.pop("SECRET_KEY")
    target = tmp_path / "backup.tar"
    assert own_place.hlv("backup", str(target)).returncode == 0
    there = tmp_path / "new"
    place = {"HLV_DATA_DIR": str(there), "DATABASE_URL": f"sqlite:///{there / 'hlv.sqlite3'}"}
    assert own_place.hlv("restore", str(target), **place).returncode == 0
    restored = there / "secret.key"
    assert restored.read_text() == (tmp_path / "data" / "secret.key").read_text()
    assert stat.S_IMODE(restored.stat().st_mode) == 0o600
    assert stat.S_IMODE((there / "hlv.sqlite3").stat().st_mode) == 0o600


def changed(backup: Path, target: Path, **changes: object) -> Path:
    """The same backup with another manifest."""
    with tarfile.open(backup) as given, tarfile.open(target, "w") as made:
        for entry in given.getmembers():
            content = given.extractfile(entry)
            assert content is not None
            data = content.read()
            if entry.name == "manifest.json":
                data = json.dumps(json.loads(data) | changes).encode()
                entry.size = len(data)
            made.addfile(entry, io.BytesIO(data))
    return target


@pytest.mark.embedded
def test_what_cannot_be_restored_or_written_is_refused_in_a_sentence(
    own_place: OwnPlace, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.tar"
    assert own_place.hlv("backup", str(backup)).returncode == 0
    twice = own_place.hlv("backup", str(backup))
    assert (twice.returncode, twice.stdout) == (1, "")
    assert "exists already" in twice.stderr
    there = tmp_path / "new"
    place = {"HLV_DATA_DIR": str(there), "DATABASE_URL": f"sqlite:///{there / 'hlv.sqlite3'}"}
    migrations = ["annotations.0001_release_0_2_0", "annotations.0999_later"]
    bad = {
        "newer.tar": ({"migrations": migrations, "program": "9.9"}, "hlv 9.9, which is newer than this one"),
        "format.tar": ({"format": 2, "program": "9.9"}, "hlv 9.9, which is newer than this one"),
        "engine.tar": ({"engine": "postgresql"}, "restore it into its own kind"),
        "damaged.tar": ({"sha256": "0" * 64}, "is damaged"),
    }
    for name, (changes, sentence) in bad.items():
        refused = own_place.hlv("restore", str(changed(backup, tmp_path / name, **changes)), **place)
        assert refused.returncode == 1
        assert sentence in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        assert not (there / "hlv.sqlite3").exists()
    (tmp_path / "text.tar").write_text("no archive")
    other = own_place.hlv("restore", str(tmp_path / "text.tar"), **place)
    assert "is not a whole backup" in other.stderr
    assert len(other.stderr.splitlines()) == 1
    missing = own_place.hlv("backup", str(tmp_path / "none" / "backup.tar"))
    assert missing.stderr.startswith("The backup cannot be written")
    assert [path.name for path in tmp_path.glob(".hlv-*")] == []


def test_a_missing_pg_dump_is_one_sentence(own_place: OwnPlace, tmp_path: Path) -> None:
    place = {"DATABASE_URL": "postgres://hlv@127.0.0.1:1/hlv", "PATH": os.fspath(tmp_path)}
    refused = own_place.hlv("backup", str(tmp_path / "backup.tar"), **place)
    assert refused.returncode == 1
    assert refused.stderr.startswith("pg_dump is not installed: install PostgreSQL's client programs")
