"""Imports of whole files: an Import row for each file, row keys that find repeats, sources as participants.

Both apps import files and share one rule: a file that is read twice adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F, Max

from annotations.formats.import_options import ImportOptions, ImportRefusedError, Intake, Report
from annotations.models import AnnotationLabel, Import, ImportReversal, Participant, Study, User
from annotations.selectors.imports import withdrawn_imports
from hlv.core.tabular.writing import Occurrences, file_sha256

KEYS_PER_QUERY = 500
ROWS_THAT_CHANGE_PLANS = 1000
# Enough to tell columns apart, and milliseconds however large the tables are: others who write wait meanwhile.
SQLITE_ENTRIES_OF_AN_INDEX = 1000
# The newest answer counts, and an item has its counts once. Judgments and scores of two imports add up, and
# of two outputs that one run gives of an item judges would see the mean.
COUNTED_ONCE = (Import.Kind.JUDGMENTS, Import.Kind.SCORES, Import.Kind.OUTPUTS)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file and what it is called where it comes from."""

    path: Path
    name: str


def named_files(paths: Sequence[Path | NamedFile]) -> list[NamedFile]:
    """Names that identify rows: with the folder where two files have the same name."""
    files = [
        path if isinstance(path, NamedFile) else NamedFile(Path(path), Path(path).name) for path in paths
    ]
    names = [file.name for file in files]
    return [
        NamedFile(file.path, f"{file.path.absolute().parent.name}/{file.name}")
        if names.count(file.name) > 1
        else file
        for file in files
    ]


def file_spellings(paths: Sequence[Path]) -> dict[str, str]:
    """How a person may write each file, and what an import calls it."""
    named = named_files(paths)
    names = {file.name: file.name for file in named}
    return names | {str(path): file.name for path, file in zip(paths, named, strict=True)}


class ImportLedger:
    """The Import rows of one command, and which row keys its study knows.

    Parameters
    ----------
    scope
        What else tells two imports of one file apart, such as the campaign; part of every row key.
    """

    def __init__(
        self,
        *,
        study: Study,
        kind: str,
        files: Sequence[NamedFile],
        format_name: str,
        options: dict[str, object],
        by: User | None,
        scope: str = "",
    ) -> None:
        self.study = study
        self.kind = kind
        self.scope = scope
        self._by = by
        self._occurrences = Occurrences()
        self._batches: dict[str, Import] = {}
        # A file that was imported before under another name keeps that name in the keys of its rows.
        self._known_as: dict[str, str] = {}
        self.n_reinstated = 0
        earlier = Import.objects.filter(study=study, kind=kind)
        withdrawn = set(withdrawn_imports().filter(study=study, kind=kind).values_list("pk", flat=True))
        for file in files:
            batch = Import(
                study=study,
                kind=kind,
                source=file.name[:300],
                format=format_name,
                sha256=file_sha256(file.path),
                options=options,
                created_by=by,
            )
            for same in earlier.filter(source=batch.source, sha256=batch.sha256, pk__in=withdrawn):
                if same.options == options:
                    self._reinstate(same, withdrawn)
                    withdrawn.discard(same.pk)
            same_bytes = earlier.filter(sha256=batch.sha256).exclude(pk__in=withdrawn).order_by("pk").first()
            if same_bytes is not None and same_bytes.source not in {one.name for one in files}:
                self._known_as[file.name] = same_bytes.source
            batch.save()
            self._batches[file.name] = batch
        self._standing = list(
            earlier.exclude(pk__in=withdrawn | {batch.pk for batch in self._batches.values()}).values_list(
                "pk", flat=True
            )
        )

    def _reinstate(self, batch: Import, withdrawn: set[int]) -> None:
        check_may_return(batch, withdrawn=withdrawn)
        ImportReversal.objects.create(
            batch=batch, withdrawn=False, reason="imported again", created_by=self._by
        )
        self.n_reinstated += 1

    def of(self, source: str) -> Import:
        return self._batches[source]

    def key(self, source: str, cells: Sequence[str]) -> str:
        """The key of the next row with these cells."""
        source = self._known_as.get(source, source)
        return self._occurrences.key(self.kind, f"{source}\n{self.scope}" if self.scope else source, cells)

    def known(self, model: type[models.Model], keys: Iterable[str]) -> set[str]:
        """Which of these keys an import that still counts has added."""
        if not self._standing:
            return set()
        wanted = list(keys)
        found: set[str] = set()
        for start in range(0, len(wanted), KEYS_PER_QUERY):
            found.update(
                model._default_manager.filter(
                    import_batch__in=self._standing, row_key__in=wanted[start : start + KEYS_PER_QUERY]
                ).values_list("row_key", flat=True)
            )
        return found

    def close(self, intake: Intake, *, dry_run: bool) -> Report:
        """Write what each file gave; a file that gave nothing new leaves no Import row."""
        kept = []
        for source, batch in self._batches.items():
            if intake.added[source] == 0:
                batch.delete()
                continue
            batch.n_rows, batch.n_added = intake.rows[source], intake.added[source]
            batch.report = {
                "notes": intake.notes,
                "created": dict(intake.created),
                "left_out": intake.n_left_out,
            }
            batch.save(update_fields=["n_rows", "n_added", "report"])
            kept.append(str(batch.uuid))
        return Report(
            kind=self.kind,
            unit=intake.unit or str(self.kind),
            n_rows=intake.n_rows,
            n_added=intake.n_added,
            n_known=intake.n_known,
            n_left_out=intake.n_left_out,
            created=dict(intake.created),
            notes=tuple(intake.notes),
            imports=() if dry_run else tuple(kept),
            reinstated=self.n_reinstated,
            dry_run=dry_run,
        )


class Sources:
    """The pseudonymous sources of one role in a study, made as a file names them.

    A source is never the person who imports. `occurrence` is above 0 where a file gives one source several
    answers for one input and all are kept. Numbers are those of the file until `shuffle`.
    """

    def __init__(self, study: Study, role: str) -> None:
        self._study = study
        self._role = role
        known = Participant.objects.filter(study=study, role=role)
        self._last = self._last_of_others = known.aggregate(last=Max("number"))["last"] or 0
        self._made: list[Participant] = []
        self._pks: dict[tuple[str, int], int] = {
            (source, occurrence): pk
            for pk, source, occurrence in known.filter(user__isnull=True).values_list(
                "pk", "source", "source_occurrence"
            )
        }

    def pk(self, source: str, occurrence: int = 0) -> int:
        """Of a source that was ensured."""
        return self._pks[source, occurrence]

    def ensure(self, wanted: Iterable[tuple[str, int, str]]) -> int:
        """Make those of (source, occurrence, group) that are missing; returns how many were."""
        missing: dict[tuple[str, int], Participant] = {}
        for source, occurrence, group in wanted:
            if (source, occurrence) in self._pks or (source, occurrence) in missing:
                continue
            self._last += 1
            missing[source, occurrence] = Participant(
                study=self._study,
                source=source,
                source_occurrence=occurrence,
                role=self._role,
                group=group[:100],
                number=self._last,
            )
        for participant in Participant.objects.bulk_create(missing.values()):
            self._pks[participant.source, participant.source_occurrence] = participant.pk
            self._made.append(participant)
        return len(missing)

    def shuffle(self) -> None:
        """Give the sources that were made their numbers in an order that tells nothing of the file.

        "Annotator 7" would otherwise be the seventh in the file, and no pseudonym to whoever has seen the file.
        """
        made = Participant.objects.filter(
            study=self._study, role=self._role, number__gt=self._last_of_others, number__lte=self._last
        )
        # Numbers are unique, so the old ones move away first.
        made.update(number=F("number") + len(self._made))
        self._made.sort(key=lambda participant: participant.uuid)
        for number, participant in enumerate(self._made, start=self._last_of_others + 1):
            participant.number = number
        Participant.objects.bulk_update(self._made, ["number"], batch_size=500)


def import_atomically(
    *,
    study: Study,
    kind: str,
    files: Sequence[NamedFile],
    format_name: str,
    options: ImportOptions,
    by: User | None,
    scope: str = "",
    take: Callable[[ImportLedger, Intake], None],
) -> Report:
    """Run `take` so that either all of its rows are stored or none.

    Raises
    ------
    ImportRefusedError
        Some row was refused; nothing has changed.
    """
    intake = Intake()
    # One transaction for all files: a row refused at the end leaves nothing behind. On SQLite others who write
    # would wait meanwhile, so that the edge reads large files aside.
    with transaction.atomic():
        # One import of a study at a time: two copies of a file sent together must find each other's rows.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        batches = ImportLedger(
            study=study,
            kind=kind,
            files=files,
            format_name=format_name,
            options=options.as_json(),
            by=by,
            scope=scope,
        )
        take(batches, intake)
        intake.check()
        report = batches.close(intake, dry_run=options.dry_run)
        if options.dry_run:
            transaction.set_rollback(True)
        elif report.n_added >= ROWS_THAT_CHANGE_PLANS:
            gather_statistics()
    return report


def gather_statistics() -> None:
    """Let the database know at once that tables have grown: planned as if they were nearly empty, reading them took minutes.

    PostgreSQL would find out by itself, some time after the import; SQLite never does.
    """
    # Whatever imports fill, with what its rows name: comparisons, runs and participants come along.
    filled = [
        model
        for model in apps.get_models()
        if any(field.related_model is Import for field in model._meta.fields)
    ]
    named: list[Any] = [
        field.related_model for model in filled for field in model._meta.fields if field.related_model
    ]
    tables = sorted({model._meta.db_table for model in (*filled, *named, AnnotationLabel)})
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(tables)}")
            return
        cursor.execute(f"PRAGMA analysis_limit = {SQLITE_ENTRIES_OF_AN_INDEX}")
        for table in tables:
            cursor.execute(f'ANALYZE "{table}"')
        # A small table that grows is not counted again, and would be read whole for ever: unknown is taken for large.
        cursor.execute(
            "DELETE FROM sqlite_stat1 WHERE tbl IN "
            "(SELECT tbl FROM sqlite_stat1 GROUP BY tbl HAVING max(CAST(stat AS integer)) < %s)",
            [ROWS_THAT_CHANGE_PLANS],
        )
        cursor.execute("ANALYZE sqlite_master")


def reserve_keys(model: type[models.Model], n: int) -> list[int]:
    """Keys for so many new rows of a table, which other rows may name before they are stored."""
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, key, n])
            return [row[0] for row in cursor.fetchall()]
        # This transaction is SQLite's only writer, and a row with a given key moves the sequence on.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        first = (found[0] if found else 0) + 1
        return list(range(first, first + n))


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Collection[Sequence[object]]) -> None:
    """Add rows without making objects of them: by COPY on PostgreSQL. Fields that are not named must have no default.

    Parameters
    ----------
    fields
        Names of the fields, as a row has their values; JSON as text.
    """
    if not rows:
        return
    meta = model._meta
    column_of = {field.name: field.column for field in meta.concrete_fields}
    columns = ", ".join(f'"{column_of[name]}"' for name in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f'COPY "{meta.db_table}" ({columns}) FROM STDIN'
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("%s" for _ in fields)
        cursor.executemany(
            f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({marks})',  # noqa: S608  names are those of models
            [[_for_sqlite(value) for value in row] for row in rows],
        )


def _for_sqlite(value: object) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def check_may_return(batch: Import, *, withdrawn: Collection[int]) -> None:
    """Refuse to reinstate an import where a later one would then count as well.

    Raises
    ------
    ImportRefusedError
        Another import, not among the `withdrawn`, came since.
    """
    if batch.kind not in COUNTED_ONCE:
        return
    existing = Import.objects.filter(study=batch.study, kind=batch.kind).exclude(
        pk__in={batch.pk, *withdrawn}
    )
    for other in existing:
        if _counts_twice_with(batch, other):
            raise ImportRefusedError(
                f"{batch.source} was withdrawn and {other.source} came since: both would count. "
                "Withdraw the later import first."
            )


def _counts_twice_with(batch: Import, other: Import) -> bool:
    if batch.kind == Import.Kind.OUTPUTS:
        # Exact, so that files of different methods come and go by themselves; and whenever the other came, as it
        # may have been withdrawn and reinstated meanwhile.
        return batch.outputs.filter(run__outputs__item=F("item"), run__outputs__import_batch=other).exists()
    left = batch.reversals.latest("pk").created_at
    return other.created_at > left and _place(other.options) == _place(batch.options)


def _place(options: dict[str, object]) -> tuple[object, ...]:
    """What keeps the rows of two imports apart in every count."""
    return tuple(options.get(name) for name in ("campaign", "automatic", "group"))
