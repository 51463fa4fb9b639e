"""Files of items and labels come in whole or not at all, and can be withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.formats.import_options import (
    Duplicates,
    ImportOptions,
    ImportRefusedError,
    Intake,
    Report,
    refuse_unreadable,
)
from annotations.formats.items import AnnotationRecord, CountRecord, ItemRecord, ReadLabelled
from annotations.formats.registry import FORMATS, LabelledFormat
from annotations.import_ledger import (
    ImportLedger,
    NamedFile,
    check_may_return,
    import_atomically,
    named_files,
)
from annotations.importers.annotations import AnnotationImporter, last_answers
from annotations.importers.counts import CountImporter
from annotations.importers.items import ItemImporter
from annotations.models import Import, ImportReversal, Study, User
from annotations.selectors.imports import StudyItems, StudyLabels, items_in_use, withdrawn_imports
from hlv.core.tabular import RowSource, open_rows
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Options
from hlv.core.tabular.table_formats import choose, encoding_notes

Wanted = TypeVar("Wanted", ItemRecord, AnnotationRecord, CountRecord)
OnProgress: TypeAlias = "Callable[[int, int, str], None]"


def _silent(done: int, total: int, note: str) -> None:
    """Reports nothing."""


class LabelledFiles:
    """Files of one kind, opened, with the format that reads them."""

    def __init__(
        self, study: Study, kind: str, paths: Sequence[Path | NamedFile], options: ImportOptions
    ) -> None:
        self.files = named_files(paths)
        self._options = options
        try:
            self._sources: list[RowSource] = [
                open_rows(file.path, encoding=options.encoding, delimiter=options.delimiter, name=file.name)
                for file in self.files
            ]
            refuse_unreadable(self._sources)
            self.format: LabelledFormat = choose(
                FORMATS[kind], self._sources, mapping=options.mapping, name=options.format_name
            )
        except FormatError as error:
            raise ImportRefusedError(error.sentence, error.errors) from error
        self._reading = Options(
            task=None if study.task == Study.Task.NONE else study.task,
            labels=tuple(study.labels.order_by("position").values_list("key", flat=True)),
            certainty_range=options.certainty_range,
            dataset=options.dataset,
        )

    @property
    def notes(self) -> list[str]:
        return encoding_notes(self._sources)

    def records(self) -> Iterator[ReadLabelled]:
        """From the first row, each time it is called."""
        return self.format.parse(self._sources, self._options.mapping, self._reading)


def import_items(
    study: Study,
    paths: Sequence[Path | NamedFile],
    *,
    options: ImportOptions | None = None,
    by: User | None = None,
    progress: OnProgress = _silent,
) -> Report:
    """Add items after those there are. Raises `ImportRefusedError`, and then nothing has changed."""
    options = options or ImportOptions()
    files = LabelledFiles(study, Import.Kind.ITEMS, paths, options)

    def take(batches: ImportLedger, intake: Intake) -> None:
        intake.notes += files.notes
        ItemImporter(study, batches, intake).take(
            _only(ItemRecord, files.records()), after_chunk=lambda n: progress(n, 0, "items read")
        )

    return import_atomically(
        study=study,
        kind=Import.Kind.ITEMS,
        files=files.files,
        format_name=files.format.name,
        options=options,
        by=by,
        take=take,
    )


def import_annotations(
    study: Study,
    paths: Sequence[Path | NamedFile],
    *,
    options: ImportOptions | None = None,
    by: User | None = None,
    progress: OnProgress = _silent,
) -> Report:
    """Add answers of annotators, or counts without annotators, to items that are there already."""
    options = options or ImportOptions()
    files = LabelledFiles(study, Import.Kind.ANNOTATIONS, paths, options)

    def take(batches: ImportLedger, intake: Intake) -> None:
        intake.notes += files.notes
        labels, items = StudyLabels(study), StudyItems(study)
        rows = files.records()
        first = _first_record(rows)
        rows = chain(first, rows)

        def after_chunk(n_rows: int) -> None:
            progress(n_rows, 0, "rows read")

        if first and isinstance(first[-1], CountRecord):
            CountImporter(study, batches, intake, items, labels).take(
                _only(CountRecord, rows), after_chunk=after_chunk
            )
            return
        winners = None
        if options.duplicates is Duplicates.LAST:
            winners = _last_answers(files)
        AnnotationImporter(
            study, batches, intake, items, labels, duplicates=options.duplicates, winners=winners
        ).take(_only(AnnotationRecord, rows), after_chunk=after_chunk)

    return import_atomically(
        study=study,
        kind=Import.Kind.ANNOTATIONS,
        files=files.files,
        format_name=files.format.name,
        options=options,
        by=by,
        take=take,
    )


def _first_record(rows: Iterator[ReadLabelled]) -> list[ReadLabelled]:
    """Rows up to the first good one, which shows whether the file has counts or answers."""
    read: list[ReadLabelled] = []
    try:
        for row in rows:
            read.append(row)
            if not isinstance(row, RowError):
                break
    except FormatError as error:
        raise ImportRefusedError(
            error.sentence, [row for row in read if isinstance(row, RowError)]
        ) from error
    return read


def _last_answers(files: LabelledFiles) -> frozenset[int]:
    try:
        return last_answers(_only(AnnotationRecord, files.records()))
    except FormatError as error:
        raise ImportRefusedError(error.sentence, error.errors) from error


def _only(kind: type[Wanted], rows: Iterator[ReadLabelled]) -> Iterator[Wanted | RowError]:
    for row in rows:
        if isinstance(row, RowError | kind):
            yield row
        else:
            raise ImportRefusedError(
                f"{row.source} contains {type(row).__name__} after rows of another kind. Import each kind "
                "from its own file."
            )


def withdraw_import(batch: Import, *, by: User | None, reason: str = "") -> ImportReversal:
    """The rows of this import no longer count; nothing is deleted, and importing again reinstates them."""
    with transaction.atomic():
        Import.objects.select_for_update().get(pk=batch.pk)
        if withdrawn_imports().filter(pk=batch.pk).exists():
            raise ImportRefusedError(_("This import was already withdrawn."))
        if batch.kind == Import.Kind.ITEMS and items_in_use(batch.items.all()):
            raise ImportRefusedError(
                _(
                    "Items of this import are assigned to people, or have answers, outputs or judgments. Withdraw those "
                    "imports first, or close the study if people have the items."
                )
            )
        return ImportReversal.objects.create(batch=batch, withdrawn=True, reason=reason, created_by=by)


def reinstate_import(batch: Import, *, by: User | None, reason: str = "") -> ImportReversal:
    """What a withdrawn import gave counts again."""
    with transaction.atomic():
        Import.objects.select_for_update().get(pk=batch.pk)
        withdrawn = set(withdrawn_imports().filter(study=batch.study).values_list("pk", flat=True))
        if batch.pk not in withdrawn:
            raise ImportRefusedError(_("This import was not withdrawn, so it cannot be restored."))
        if batch.kind == Import.Kind.ITEMS and batch.n_added and not batch.items.exists():
            raise ImportRefusedError(
                _(
                    "All items of this import were imported again later and now belong to that import. Withdraw that "
                    "one, and import this file again."
                )
            )
        check_may_return(batch, withdrawn=withdrawn)
        return ImportReversal.objects.create(batch=batch, withdrawn=False, reason=reason, created_by=by)
