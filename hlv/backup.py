"""Backup and restore: database, uploads and secret key in one tar file that only its owner reads.

People may work meanwhile: the database is copied as it was at one moment after the backup began.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec
from django.conf import settings
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hlv import __version__
from hlv.database import OUR_APPS

FORMAT = 1
MANIFEST, DATABASE, KEY, UPLOADS = "manifest.json", "database", "secret.key", "uploads/"
OWNER_ONLY = 0o600


class Manifest(msgspec.Struct):
    """What a backup states about itself."""

    format: int
    program: str
    engine: str
    made_at: str
    migrations: list[str]
    sha256: str


def write_backup(target: Path) -> Manifest:
    """Write all of the file or nothing.

    Raises
    ------
    CommandError
        Why there is no backup, in a sentence.
    """
    if target.exists():
        raise CommandError(f"{target} exists already. Give another name: a backup overwrites nothing.")
    try:
        with tempfile.TemporaryDirectory(prefix=".hlv-backup-", dir=target.parent) as folder:
            draft = Path(folder) / "backup.tar"
            manifest = _write(draft, Path(folder) / DATABASE)
            draft.chmod(OWNER_ONLY)
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            # Unlike a rename, this fails where another backup took the name meanwhile.
            os.link(draft, target)
    except OSError as error:
        raise CommandError(f"The backup cannot be written: {error}.") from error
    return manifest


def _write(draft: Path, copy: Path) -> Manifest:
    with tarfile.open(draft, "w") as archive:
        # Uploads before and after the database, because an upload may come or go meanwhile. The later copy counts.
        early = {path: _add_upload(archive, path) for path in _uploads()}
        _copy_database(copy)
        with copy.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        applied = sorted(
            f"{app}.{name}" for app, name in MigrationExecutor(connection).loader.applied_migrations
        )
        manifest = Manifest(
            FORMAT, __version__, connection.vendor, datetime.now(UTC).isoformat(), applied, digest
        )
        archive.add(copy, DATABASE)
        for path in _uploads():
            if path not in early or early[path] != _size(path):
                _add_upload(archive, path)
        _add_bytes(archive, KEY, settings.SECRET_KEY.encode())
        _add_bytes(archive, MANIFEST, msgspec.json.encode(manifest))
    return manifest


def _uploads() -> list[Path]:
    folder = Path(settings.UPLOAD_DIR)
    return sorted(path for path in folder.glob("[!.]*") if path.is_file()) if folder.is_dir() else []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _add_upload(archive: tarfile.TarFile, path: Path) -> int:
    """How many bytes were added; -1 where the file is gone because its import ended."""
    try:
        with path.open("rb") as file:
            entry = archive.gettarinfo(arcname=UPLOADS + path.name, fileobj=file)
            archive.addfile(entry, file)
    except FileNotFoundError:
        return -1
    return entry.size


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), OWNER_ONLY
    archive.addfile(entry, io.BytesIO(content))


def _copy_database(copy: Path) -> None:
    if connection.vendor == "postgresql":
        _run_program("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
        return
    source = Path(connection.settings_dict["NAME"])
    if not source.is_file():
        raise CommandError(f"There is no database at {source}: there is nothing to back up.")
    with closing(sqlite3.connect(source)) as running, closing(sqlite3.connect(copy)) as copied:
        # All pages in one step: writers go on, and what they write meanwhile is not in the copy.
        running.backup(copied)
    _check_sqlite(copy)


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as copied:
            found = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise CommandError(f"The copy of the database is damaged ({found}).")


def _run_program(name: str, *arguments: str) -> None:
    """One of PostgreSQL's programs on our database; the password is no argument, because others can list those."""
    program = shutil.which(name)
    if program is None:
        raise CommandError(
            f"{name} is not installed: install PostgreSQL's client programs, of the server's version or a later one."
        )
    given = connection.settings_dict
    environment = os.environ | {
        variable: str(given[key])
        for variable, key in (
            ("PGHOST", "HOST"),
            ("PGPORT", "PORT"),
            ("PGUSER", "USER"),
            ("PGPASSWORD", "PASSWORD"),
        )
        if given[key]
    }
    environment["PGDATABASE"] = str(given["NAME"])
    done = subprocess.run(  # noqa: S603  our own arguments
        [program, "--no-password", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise CommandError(f"{name} failed: {lines[0]}")


def restore_backup(source: Path) -> str | None:
    """Restore into an empty database and an empty folder of uploads; returns what the operator must do about the key.

    Raises
    ------
    CommandError
        Why nothing was restored, in a sentence.
    """
    try:
        with tarfile.open(source, "r:") as archive:
            manifest = _manifest(archive, source)
            _refuse_other(manifest)
            _refuse_full_place()
            settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".hlv-restore-", dir=settings.DATA_DIR) as folder:
                draft = Path(folder) / DATABASE
                if _extract(archive, DATABASE, draft) != manifest.sha256:
                    raise CommandError(f"{source} is damaged: its database is not the one that was written.")
                with _restored_uploads(archive):
                    _restore_database(draft)
            return _restore_key(_read(archive, KEY))
    except (tarfile.TarError, msgspec.MsgspecError, KeyError) as error:
        raise CommandError(f"{source} is not a whole backup of hlv ({error}).") from error
    except OSError as error:
        raise CommandError(f"The backup cannot be restored: {error}.") from error


def _manifest(archive: tarfile.TarFile, source: Path) -> Manifest:
    content = _read(archive, MANIFEST)
    given = msgspec.json.decode(content, type=dict[str, object])
    if isinstance(given.get("format"), int) and given["format"] != FORMAT:
        raise CommandError(
            f"{source} was made by hlv {given.get('program')}, which is newer than this one ({__version__}): "
            "install that version or a later one."
        )
    return msgspec.json.decode(content, type=Manifest)


def _refuse_other(manifest: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationExecutor(None).loader.disk_migrations}
    later = [one for one in manifest.migrations if one.partition(".")[0] in OUR_APPS and one not in known]
    if later:
        raise CommandError(
            f"This backup was made by hlv {manifest.program}, which is newer than this one ({__version__}; {later[0]} "
            "is unknown here): install that version or a later one."
        )
    if manifest.engine != connection.vendor:
        raise CommandError(
            f"This backup is of a database of the kind {manifest.engine}, and DATABASE_URL names one of the kind "
            f"{connection.vendor}: restore it into its own kind, or move studies with `hlv export` and `hlv import`."
        )


def _refuse_full_place() -> None:
    if connection.vendor == "postgresql":
        is_full = bool(connection.introspection.table_names())
    else:
        # Looking by Django would make the file.
        database = Path(connection.settings_dict["NAME"])
        is_full = database.is_file() and database.stat().st_size > 0
    if is_full:
        raise CommandError(
            "The database is not empty, and a restore overwrites nothing: "
            "name an empty database in DATABASE_URL, or a new folder in HLV_DATA_DIR."
        )
    if _uploads():
        raise CommandError(
            f"{settings.UPLOAD_DIR} is not empty, and a restore overwrites nothing: name a new folder."
        )


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file.read()


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> str:
    """Its digest."""
    entry = archive.extractfile(name)
    if entry is None:
        raise KeyError(name)
    with entry, target.open("w+b") as file:
        shutil.copyfileobj(entry, file)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _restored_uploads(archive: tarfile.TarFile) -> Iterator[None]:
    """Before the database, whose rows name them; without it they go again."""
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    try:
        for entry in archive.getmembers():
            if entry.isfile() and entry.name.startswith(UPLOADS):
                # The last part alone: a made-up archive must not write elsewhere.
                path = folder / PurePosixPath(entry.name).name
                written.append(path)
                _extract(archive, entry.name, path)
        yield
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _restore_database(draft: Path) -> None:
    if connection.vendor == "postgresql":
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run_program("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(draft))
        return
    _check_sqlite(draft)
    target = Path(connection.settings_dict["NAME"])
    for left in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)
    draft.chmod(OWNER_ONLY)
    shutil.move(draft, target)


def _restore_key(content: bytes) -> str | None:
    if content == settings.SECRET_KEY.encode():
        return None
    if not settings.EMBEDDED or {"SECRET_KEY", "SECRET_KEY_FILE"} & set(os.environ):
        return (
            "SECRET_KEY is another one than that of the backup, so people must sign in again. "
            f"The earlier one is `{KEY}` in the backup."
        )
    path = settings.DATA_DIR / KEY
    draft = path.with_name(f"{KEY}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return None
