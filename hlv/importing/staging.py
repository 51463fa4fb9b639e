"""A large file on SQLite, taken in whole while others go on writing.

SQLite has one writer at a time: an import in one transaction would make everybody who answers wait until the last
row was read. So a file that takes long is read into a copy of the database, past all rules there are, and what it
gave is brought over a few rows at a time, under an import that counts as withdrawn until the last transaction says
that it stands. Where that is never reached, nothing counts; the same file again brings the rest, and then all of it
counts. PostgreSQL has many writers and needs none of this.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import connection, connections, transaction

from annotations.import_ledger import gather_statistics
from annotations.models import Study
from hlv.importing.merge import merge_copy, prepare_copy

Done = TypeVar("Done")
OnProgress = Callable[[int, int, str], None]

# What is smaller is read in less than half a second, and is not worth a copy.
READ_AT_ONCE_BYTES = 40_000
SECONDS_BETWEEN_LOOKS = 0.2


def import_staged(
    study: Study,
    files: Sequence[Path],
    work: Callable[[], Done],
    *,
    finish: Callable[[Done], None] = lambda done: None,
    tell: OnProgress = lambda done, total, note: None,
    tell_stored: Callable[[int, int], None] = lambda done, total: None,
) -> Done:
    """Run `work`, which imports these files into the study, so that all of its rows count or none.

    Parameters
    ----------
    finish
        Called with what `work` gave, in the transaction from which on the rows count.
    tell
        Told while another import into the study goes on; whoever raises here waits no longer.
    tell_stored
        Told how many rows were brought over. From then on nothing stops it.
    """
    database = _database_file()
    if database is None:
        return _here(study, work, finish)
    with _turn(database, study, tell):
        if sum(file.stat().st_size for file in files if file.is_file()) < READ_AT_ONCE_BYTES:
            return _here(study, work, finish)
        return _aside(database, study, work, finish, tell_stored)


def _database_file() -> Path | None:
    """The file of SQLite; None for PostgreSQL, and within a transaction of the caller, who keeps others out anyway."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return None
    name = str(connection.settings_dict["NAME"])
    return Path(name) if Path(name).is_file() else None


def _here(study: Study, work: Callable[[], Done], finish: Callable[[Done], None]) -> Done:
    with transaction.atomic():
        # One import into a study at a time: sources and positions are numbered. Answers go on meanwhile.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        done = work()
        finish(done)
    return done


def _aside(
    database: Path,
    study: Study,
    work: Callable[[], Done],
    finish: Callable[[Done], None],
    tell_stored: Callable[[int, int], None],
) -> Done:
    copy = database.with_name(f"{database.name}.import-{study.pk}")
    _forget(copy)
    try:
        _copy(database, copy)
        with _working_on(copy), transaction.atomic():
            done = work()
        merge_copy(copy, study, finish=lambda: finish(done), tell_stored=tell_stored)
        # The copy has its own, which go with it.
        gather_statistics()
    finally:
        _forget(copy)
    return done


@contextmanager
def _turn(database: Path, study: Study, tell: OnProgress) -> Iterator[None]:
    """One import into a study at a time, among all processes; whoever is killed gives their turn back."""
    path = database.with_name(f"{database.name}.import-{study.pk}.lock")
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                tell(0, 1, "waiting for another import")
                time.sleep(SECONDS_BETWEEN_LOOKS)
        yield


def _copy(database: Path, copy: Path) -> None:
    """As it is at one moment. Readers of SQLite's log hold nobody up."""
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        prepare_copy(target)


def _forget(copy: Path) -> None:
    for path in (copy, copy.with_name(f"{copy.name}-journal")):
        path.unlink(missing_ok=True)


@contextmanager
def _working_on(copy: Path) -> Iterator[None]:
    """What this thread reads and writes goes to the copy; a thread that beats for the job keeps its own connection."""
    live = connections["default"]
    aside = live.copy()
    aside.settings_dict["NAME"] = str(copy)
    # Nobody needs the copy after a loss of power.
    aside.settings_dict["OPTIONS"] |= {
        "init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    }
    connections["default"] = aside
    try:
        yield
    finally:
        connections["default"] = live
        aside.close()
