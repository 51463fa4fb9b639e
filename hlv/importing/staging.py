# ruff: noqa: S608  Names in statements are those of models; values are parameters
"""Import of a large file on SQLite, while others go on writing.

SQLite has one writer at a time: an import in one transaction would block all answers until its last row. So a large
file is read into a copy of the database. The new rows are then merged a few at a time, under an import that counts as
withdrawn until the last transaction. If that is never reached, nothing counts, and importing the same file again adds
the rest. PostgreSQL has many writers and needs none of this.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from django.apps import apps
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.models import Max

from annotations.formats.import_options import ImportRefusedError
from annotations.import_ledger import gather_statistics
from annotations.models import BrowserSession, Import, ImportReversal, ItemText, Participant, Study

NEW_KEYS_ABOVE = 1 << 40
# Others who write wait for one transaction at most: some 20 ms of work, and they have as long to come in between.
ROWS_AT_ONCE = 500
SECONDS_FOR_OTHERS = 0.02

AnyField: TypeAlias = "models.Field[Any, Any]"


def _models() -> list[type[models.Model]]:
    """Models whose rows an import may add, each after all that it refers to."""
    ordered: dict[type[models.Model], None] = {}
    ours = [model for app in ("annotations", "metaeval") for model in apps.get_app_config(app).get_models()]
    ours.remove(BrowserSession)  # whose key is a text, and no import adds one
    begun: set[type[models.Model]] = set()

    def place(model: type[models.Model]) -> None:
        if model in begun:
            return
        begun.add(model)
        for field in model._meta.concrete_fields:
            if field.related_model in ours:
                place(field.related_model)
        ordered[model] = None

    for model in ours:
        place(model)
    return list(ordered)


def prepare_copy(copy: sqlite3.Connection) -> None:
    """Give new rows keys above all others, and note every change of an older row."""
    copy.execute(
        "CREATE TABLE import_changed (place text, part text, row integer, PRIMARY KEY (place, part, row)) WITHOUT ROWID"
    )
    copy.execute(
        "CREATE TABLE import_deleted (place text, row integer, PRIMARY KEY (place, row)) WITHOUT ROWID"
    )
    for model in _models():
        table, key = model._meta.db_table, model._meta.pk.column
        copy.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table])
        copy.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, NEW_KEYS_ABOVE])
        noted = "".join(
            f"INSERT OR IGNORE INTO import_changed SELECT '{table}', '{field.column}', OLD.\"{key}\" "
            f'WHERE NEW."{field.column}" IS NOT OLD."{field.column}"; '
            for field in model._meta.concrete_fields
        )
        copy.execute(
            f'CREATE TRIGGER "import_{table}" AFTER UPDATE ON "{table}" WHEN OLD."{key}" <= {NEW_KEYS_ABOVE} '
            f"BEGIN {noted} END"
        )
        copy.execute(
            f'CREATE TRIGGER "import_{table}_deleted" AFTER DELETE ON "{table}" WHEN OLD."{key}" <= {NEW_KEYS_ABOVE} '
            f"BEGIN INSERT INTO import_deleted VALUES ('{table}', OLD.\"{key}\"); END"
        )
    copy.commit()


def merge_copy(
    copy: Path,
    study: Study,
    *,
    finish: Callable[[], None],
    on_stored: Callable[[int, int], None],
) -> None:
    """Add the new rows of the copy to the database; `finish` is called in the transaction from which they count.

    Raises
    ------
    ImportRefusedError
        The study changed meanwhile so that rules refuse a row; nothing of the import counts.
    """
    with _attached(copy):
        merge = _Merge(study)
        try:
            merge.begin()
            for done in merge.chunks():
                on_stored(done, merge.n_rows)
                time.sleep(SECONDS_FOR_OTHERS)
            with transaction.atomic():
                merge.end()
                finish()
        except IntegrityError as fault:
            raise ImportRefusedError(
                f"The study changed while the file was read, and now refuses a row of it ({fault}): nothing was "
                "imported. Import it again."
            ) from fault


@contextmanager
def _attached(copy: Path) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ATTACH DATABASE %s AS imported", [f"{copy.absolute().as_uri()}?mode=ro"])
        try:
            yield
        finally:
            cursor.execute("DETACH DATABASE imported")


@dataclass(frozen=True)
class _New:
    """The new rows of a table: up to which key they stand in the copy, and what their keys grow by."""

    model: type[models.Model]
    last: int
    shift: int

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Ranges of keys in the copy, each above its first and up to its last."""
        for first in range(NEW_KEYS_ABOVE, self.last, ROWS_AT_ONCE):
            yield first, min(first + ROWS_AT_ONCE, self.last)


class _Merge:
    """The merge of one import from the copy into the database."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._new: dict[type[models.Model], _New] = {}
        self.n_rows = 0

    def begin(self) -> None:
        """Reserve keys; imports come, as withdrawn ones, and participants, numbered after those who joined meanwhile."""
        with transaction.atomic():
            for model in _models():
                self._reserve(model)
            # What it gave is said when all of it is there.
            self._insert(Import, given={"n_rows": "0", "n_added": "0"})
            shift = self._new[Import].shift if Import in self._new else 0
            _run(
                f"INSERT INTO main.{ImportReversal._meta.db_table} "
                "(batch_id, withdrawn, reason, created_by_id, created_at) "
                f"SELECT id + %s, 1, %s, created_by_id, created_at FROM imported.{Import._meta.db_table} WHERE id > %s",
                [shift, ImportReversal.COMING, NEW_KEYS_ABOVE],
            )
            for role, later in self._joined_meanwhile().items():
                self._insert(Participant, given={"number": f"number + {later}"}, only=f"role = '{role}'")

    def chunks(self) -> Iterator[int]:
        """Store what an import brings and nobody counts yet, each chunk in a transaction of its own."""
        done = 0
        for model, new in self._new.items():
            if model in (Import, ImportReversal, Participant):
                continue
            # Texts of items that are there already are seen as soon as they are stored.
            only = f"item_id > {NEW_KEYS_ABOVE}" if model is ItemText else ""
            for first, last in new.ranges():
                with transaction.atomic():
                    self._insert(model, above=first, up_to=last, only=only)
                done += last - first
                yield done

    def end(self) -> None:
        """From here on it counts, with all that it changed of rows that were there."""
        for model in reversed(_models()):
            table, key = model._meta.db_table, model._meta.pk.column
            gone = "SELECT row FROM imported.import_deleted WHERE place = %s"
            _run(f'DELETE FROM main."{table}" WHERE "{key}" IN ({gone})', [table])
        self._insert(ItemText, only=f"item_id <= {NEW_KEYS_ABOVE}")
        for model in _models():
            for field in model._meta.concrete_fields:
                self._change(model, field)
        self._insert(ImportReversal)
        if Import in self._new:
            self._activate_imports(self._new[Import].shift)

    def _activate_imports(self, shift: int) -> None:
        came = _rows(
            f"SELECT id, n_rows, n_added FROM imported.{Import._meta.db_table} WHERE id > %s",
            [NEW_KEYS_ABOVE],
        )
        for key, n_rows, n_added in came:
            batch = Import.objects.get(pk=key + shift)
            batch.n_rows, batch.n_added = n_rows, n_added
            batch.save(update_fields=["n_rows", "n_added"])
            ImportReversal.objects.create(
                batch=batch, withdrawn=False, reason=ImportReversal.CAME, created_by=batch.created_by
            )

    def _reserve(self, model: type[models.Model]) -> None:
        table, key = model._meta.db_table, model._meta.pk.column
        ((last,),) = _rows(f'SELECT max("{key}") FROM imported."{table}"')
        if last is None or last <= NEW_KEYS_ABOVE:
            return
        found = _rows("SELECT seq FROM main.sqlite_sequence WHERE name = %s", [table])
        reached = found[0][0] if found else 0
        if not found:
            _run("INSERT INTO main.sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
        _run(
            "UPDATE main.sqlite_sequence SET seq = %s WHERE name = %s",
            [reached + last - NEW_KEYS_ABOVE, table],
        )
        self._new[model] = _New(model, last, reached - NEW_KEYS_ABOVE)
        if model not in (Import, ImportReversal, Participant):
            self.n_rows += last - NEW_KEYS_ABOVE

    def _joined_meanwhile(self) -> dict[str, int]:
        """By how much the highest number of each role grew since the copy was made."""
        now = dict(
            Participant.objects.filter(study=self._study)
            .order_by()
            .values_list("role")
            .annotate(last=Max("number"))
        )
        then = dict(
            _rows(
                f"SELECT role, max(number) FROM imported.{Participant._meta.db_table} "
                "WHERE study_id = %s AND id <= %s GROUP BY role",
                [self._study.pk, NEW_KEYS_ABOVE],
            )
        )
        return {role: now.get(role, 0) - then.get(role, 0) for role in Participant.Role.values}

    def _insert(
        self,
        model: type[models.Model],
        *,
        above: int = NEW_KEYS_ABOVE,
        up_to: int | None = None,
        only: str = "",
        given: Mapping[str, str] | None = None,
    ) -> None:
        new = self._new.get(model)
        if new is None:
            return
        changed = given or {}
        fields, key = model._meta.concrete_fields, model._meta.pk.column
        columns = ", ".join(f'"{field.column}"' for field in fields)
        values = ", ".join(changed.get(str(field.column), self._moved(field)) for field in fields)
        more = f" AND {only}" if only else ""
        _run(
            f'INSERT INTO main."{new.table}" ({columns}) SELECT {values} FROM imported."{new.table}" '
            f'WHERE "{key}" > %s AND "{key}" <= %s{more} ORDER BY "{key}"',
            [above, new.last if up_to is None else up_to],
        )

    def _change(self, model: type[models.Model], field: AnyField) -> None:
        table, key = model._meta.db_table, model._meta.pk.column
        noted = "FROM imported.import_changed WHERE place = %s AND part = %s"
        if not _rows(f"SELECT 1 {noted} LIMIT 1", [table, field.column]):
            return
        value = f'(SELECT {self._moved(field)} FROM imported."{table}" there WHERE there."{key}" = main."{table}"."{key}")'
        _run(
            f'UPDATE main."{table}" SET "{field.column}" = {value} '
            f'WHERE "{key}" IN (SELECT row {noted}) AND "{field.column}" IS NOT {value}',
            [table, field.column],
        )

    def _moved(self, field: AnyField) -> str:
        """A column of the copy as it must be in the database: keys of new rows move."""
        to = field.model if field.primary_key else field.related_model
        new = self._new.get(to) if isinstance(to, type) else None
        column = f'"{field.column}"'
        if new is None:
            return column
        return f"CASE WHEN {column} > {NEW_KEYS_ABOVE} THEN {column} + {new.shift} ELSE {column} END"


def _run(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _rows(statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or [])
        return list(cursor.fetchall())


Done = TypeVar("Done")
OnProgress = Callable[[int, int, str], None]

# What is smaller is read in less than half a second, and is not worth a copy.
READ_AT_ONCE_BYTES = 40_000
SECONDS_BETWEEN_TRIES = 0.2


def import_staged(
    study: Study,
    files: Sequence[Path],
    work: Callable[[], Done],
    *,
    finish: Callable[[Done], None] = lambda done: None,
    on_progress: OnProgress = lambda done, total, note: None,
    on_stored: Callable[[int, int], None] = lambda done, total: None,
) -> Done:
    """Run `work`, which imports these files into the study, so that all of its rows count or none.

    Parameters
    ----------
    finish
        Called with the result of `work`, in the transaction from which the rows count.
    on_progress
        Called while another import into the study runs; what it raises ends the wait.
    on_stored
        Called with the number of rows that were merged. From then on nothing stops the import.
    """
    database = _database_file()
    if database is None:
        return _import_in_place(study, work, finish)
    with _import_lock(database, study, on_progress):
        if sum(file.stat().st_size for file in files if file.is_file()) < READ_AT_ONCE_BYTES:
            return _import_in_place(study, work, finish)
        return _import_by_copy(database, study, work, finish, on_stored)


def _database_file() -> Path | None:
    """The file of SQLite; None for PostgreSQL, and within a transaction of the caller, who keeps others out anyway."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return None
    name = str(connection.settings_dict["NAME"])
    return Path(name) if Path(name).is_file() else None


def _import_in_place(study: Study, work: Callable[[], Done], finish: Callable[[Done], None]) -> Done:
    with transaction.atomic():
        # One import into a study at a time: sources and positions are numbered. Answers go on meanwhile.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        done = work()
        finish(done)
    return done


def _import_by_copy(
    database: Path,
    study: Study,
    work: Callable[[], Done],
    finish: Callable[[Done], None],
    on_stored: Callable[[int, int], None],
) -> Done:
    copy = database.with_name(f"{database.name}.import-{study.pk}")
    _forget(copy)
    try:
        _copy(database, copy)
        with _working_on(copy), transaction.atomic():
            done = work()
        merge_copy(copy, study, finish=lambda: finish(done), on_stored=on_stored)
        # The copy has its own, which go with it.
        gather_statistics()
    finally:
        _forget(copy)
    return done


@contextmanager
def _import_lock(database: Path, study: Study, on_progress: OnProgress) -> Iterator[None]:
    """One import into a study at a time, among all processes; the lock of a killed process is released."""
    path = database.with_name(f"{database.name}.import-{study.pk}.lock")
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                on_progress(0, 1, "waiting for another import")
                time.sleep(SECONDS_BETWEEN_TRIES)
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
    staged = live.copy()
    staged.settings_dict["NAME"] = str(copy)
    # Nobody needs the copy after a loss of power.
    staged.settings_dict["OPTIONS"] |= {
        "init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    }
    connections["default"] = staged
    try:
        yield
    finally:
        connections["default"] = live
        staged.close()
