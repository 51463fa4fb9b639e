"""Files of outputs, judgments and scores come in whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

from django.utils.translation import gettext as _

from annotations.formats.import_options import (
    Duplicates,
    ImportRefusedError,
    Intake,
    Report,
    refuse_unreadable,
)
from annotations.import_ledger import ImportLedger, NamedFile, import_atomically, named_files
from annotations.models import Import, Study, User
from hlv.core.tabular import RowSource, open_rows
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.table_formats import Format, choose, encoding_notes, ignored_notes
from metaeval.formats.arrays import ArraySource, ListSource, OutputSource, open_sources
from metaeval.formats.evaluation_options import EvaluationOptions, Options
from metaeval.formats.outputs import DISTRIBUTIONS, lists_shares
from metaeval.formats.paper import PAPER
from metaeval.formats.records import JudgmentRecord, OutputRecord, ScoreRecord
from metaeval.formats.registry import JUDGMENT_FORMATS, OUTPUT_FORMATS, SCORE_FORMATS
from metaeval.importers.judgments import JudgmentImporter, by_time, last_judgments
from metaeval.importers.outputs import OutputImporter
from metaeval.importers.scores import ScoreImporter
from metaeval.models import AutomaticJudge, Campaign

Made = TypeVar("Made")
OnProgress: TypeAlias = "Callable[[int, int, str], None]"


def _silent(done: int, total: int, note: str) -> None:
    """Report nothing."""


def import_outputs(
    study: Study,
    paths: Sequence[Path | NamedFile],
    *,
    options: EvaluationOptions | None = None,
    by: User | None = None,
    progress: OnProgress = _silent,
) -> Report:
    """Add outputs of methods, which are made as they are named, to items that are there already.

    Raises `ImportRefusedError`, and then nothing has changed.
    """
    options = options or EvaluationOptions()
    files = named_files(paths)
    sources = _in_words(
        lambda: open_sources(
            [(file.path, file.name) for file in files], encoding=options.encoding, delimiter=options.delimiter
        )
    )
    refuse_unreadable(source for source in sources if isinstance(source, RowSource))
    found = _in_words(
        lambda: choose(OUTPUT_FORMATS, sources, mapping=options.mapping, name=options.format_name)
    )
    reading = _reading(study, options, labels=_labels_for(study, sources))

    def take(batches: ImportLedger, intake: Intake) -> None:
        tables = [source for source in sources if isinstance(source, RowSource)]
        intake.notes += _in_words(lambda: _notes_of_reading(found, tables, options, reading))
        OutputImporter(study, batches, intake, create_items=options.create_items).take(
            found.parse(sources, options.mapping, reading), after_chunk=lambda n: progress(n, 0, "rows read")
        )

    return import_atomically(
        study=study,
        kind=Import.Kind.OUTPUTS,
        files=files,
        format_name=found.name,
        options=options,
        by=by,
        scope=_scope(options.base_models.scope, options.run or ""),
        take=take,
    )


def import_judgments(
    study: Study,
    paths: Sequence[Path | NamedFile],
    *,
    options: EvaluationOptions | None = None,
    by: User | None = None,
    progress: OnProgress = _silent,
) -> Report:
    """Add judgments to a campaign, which is made with the first; missing items and methods too.

    Raises `ImportRefusedError`, and then nothing has changed.
    """
    options = options or EvaluationOptions()
    files, sources = _tables(paths, options)
    found = _in_words(
        lambda: choose(JUDGMENT_FORMATS, sources, mapping=options.mapping, name=options.format_name)
    )
    reading = _reading(study, options, labels=())

    def rows() -> Iterator[JudgmentRecord | RowError]:
        return found.parse(sources, options.mapping, reading)

    def take(batches: ImportLedger, intake: Intake) -> None:
        intake.notes += encoding_notes(sources)
        campaign = _campaign(study, options.campaign, intake)
        automatic = _automatic_judge(study, options.automatic, intake) if options.automatic else None
        winners = None
        if options.duplicates is Duplicates.LAST:
            winners = _in_words(lambda: last_judgments(rows(), automatic=automatic is not None))
        JudgmentImporter(
            study,
            campaign,
            batches,
            intake,
            automatic=automatic,
            strict=options.strict,
            duplicates=options.duplicates,
            winners=winners,
        ).take(
            # Only this format holds revisions; its files have some thousand judgments of experts.
            _in_words(lambda: by_time(rows())) if found.name == PAPER else rows(),
            after_chunk=lambda n: progress(n, 0, "rows read"),
        )

    return import_atomically(
        study=study,
        kind=Import.Kind.JUDGMENTS,
        files=files,
        format_name=found.name,
        options=options,
        by=by,
        scope=_scope(options.campaign, options.automatic, options.base_models.scope),
        take=take,
    )


def import_scores(
    study: Study,
    paths: Sequence[Path | NamedFile],
    *,
    options: EvaluationOptions | None = None,
    by: User | None = None,
    progress: OnProgress = _silent,
) -> Report:
    """Add a study's own metrics. Raises `ImportRefusedError`, and then nothing has changed."""
    options = options or EvaluationOptions()
    files, sources = _tables(paths, options)
    found = _in_words(
        lambda: choose(SCORE_FORMATS, sources, mapping=options.mapping, name=options.format_name)
    )
    reading = _reading(study, options, labels=())

    def take(batches: ImportLedger, intake: Intake) -> None:
        intake.notes += _in_words(lambda: _notes_of_reading(found, sources, options, reading))
        ScoreImporter(
            study, batches, intake, base_models=options.base_models, create_items=options.create_items
        ).take(
            found.parse(sources, options.mapping, reading), after_chunk=lambda n: progress(n, 0, "rows read")
        )

    return import_atomically(
        study=study,
        kind=Import.Kind.SCORES,
        files=files,
        format_name=found.name,
        options=options,
        by=by,
        scope=_scope(options.base_models.scope),
        take=take,
    )


def _notes_of_reading(
    found: Format[RowSource, Options, OutputRecord | ScoreRecord | RowError],
    tables: Iterable[RowSource],
    options: EvaluationOptions,
    reading: Options,
) -> list[str]:
    """Encodings, columns that are not read, and the order of lists without names."""
    tables = list(tables)
    ignored = {
        table.name: found.ignored(table, options.mapping, reading, table.rows(short_rows_are_blank=True))
        for table in tables
    }
    notes = [*encoding_notes(tables), *ignored_notes(ignored)]
    if found.name == DISTRIBUTIONS.name and any(lists_shares(table, options.mapping) for table in tables):
        notes.append(f"Lists of shares were read in the order of the labels: {', '.join(reading.labels)}.")
    return notes


def _tables(
    paths: Sequence[Path | NamedFile], options: EvaluationOptions
) -> tuple[list[NamedFile], list[RowSource]]:
    files = named_files(paths)
    sources = _in_words(
        lambda: [
            open_rows(file.path, encoding=options.encoding, delimiter=options.delimiter, name=file.name)
            for file in files
        ]
    )
    refuse_unreadable(sources)
    return files, sources


def _reading(study: Study, options: EvaluationOptions, *, labels: tuple[str, ...]) -> Options:
    return Options(
        names=options.names,
        certainty_range=options.certainty_range,
        task=None if study.task == Study.Task.NONE else study.task,
        labels=labels,
        method=options.method,
        run=options.run,
        base_models=options.base_models,
        directions=options.directions,
        ignored=frozenset(options.ignored_columns),
        normalise=options.normalise,
    )


def _labels_for(study: Study, sources: Iterable[OutputSource]) -> tuple[str, ...]:
    """The study's labels, unless an array has its own list, which names its columns."""
    if any(
        source.noun == "labels"
        if isinstance(source, ListSource)
        else isinstance(source, ArraySource) and source.names_of("labels")
        for source in sources
    ):
        return ()
    return tuple(study.labels.order_by("position").values_list("key", flat=True))


def _campaign(study: Study, name: str, intake: Intake) -> Campaign:
    if not name.strip() or len(name) > 200:
        raise ImportRefusedError(_("The name of a campaign has 1 to 200 characters."))
    campaign, is_new = Campaign.objects.get_or_create(
        study=study, name=name, defaults={"state": Campaign.State.CLOSED}
    )
    intake.made("campaigns", int(is_new))
    return campaign


def _automatic_judge(study: Study, name: str, intake: Intake) -> AutomaticJudge:
    if not name.strip() or len(name) > 200:
        raise ImportRefusedError(_("The name of an automatic judge has 1 to 200 characters."))
    judge, is_new = AutomaticJudge.objects.get_or_create(study=study, name=name)
    intake.made("automatic judges", int(is_new))
    return judge


def _in_words(read: Callable[[], Made]) -> Made:
    try:
        return read()
    except FormatError as error:
        raise ImportRefusedError(error.sentence, error.errors) from error


def _scope(*parts: str) -> str:
    """What distinguishes imports of one file; blank where nothing does."""
    return "\n".join(parts) if any(parts) else ""
