"""What methods said: distributions and texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from annotations.formats.import_options import Intake
from annotations.import_ledger import ImportLedger
from annotations.models import Study
from annotations.selectors.imports import StudyItems, StudyLabels
from hlv.core.rendering.numbers import counted
from hlv.core.tabular.errors import FirstPlaces, RowError
from metaeval.formats.outputs import names_itself
from metaeval.formats.records import OutputRecord
from metaeval.importers.resolve import NewItems, StudyMethods, wrong_key
from metaeval.models import Output, Run
from metaeval.selectors.outputs import current_outputs, stored_vector

LONGEST_RUN = 100
NAMED = 3
# Shares of float32, or of a few printed digits, miss 1 by a rounding: they are divided by their sum.
SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Placed:
    record: OutputRecord
    row_key: str
    item: int
    vector: bytes | None


@dataclass(frozen=True, slots=True)
class Existing:
    vector: bytes | None
    text: str | None
    source: str | None


class OutputImporter:
    """Takes output records into one study: one output for each run of a method and item."""

    def __init__(
        self, study: Study, batches: ImportLedger, intake: Intake, *, create_items: bool = False
    ) -> None:
        self._study = study
        self._batches = batches
        self._intake = intake
        self._items = StudyItems(study)
        self._new_items = NewItems(study, self._items) if create_items else None
        self._methods = StudyMethods(study)
        self._label_keys = list(study.labels.order_by("position").values_list("key", flat=True))
        self._runs: dict[tuple[int, str], int] = {
            (method, name): pk
            for pk, method, name in Run.objects.filter(method__study=study).values_list(
                "pk", "method_id", "name"
            )
        }
        self._seen: FirstPlaces[tuple[str, str, str, int]] = FirstPlaces()
        self._n_rescaled = 0
        self._largest_correction = 0.0
        self._n_identifying = 0
        self._identifying: list[str] = []

    def take(
        self, rows: Iterable[OutputRecord | RowError], *, after_chunk: Callable[[int], None] = lambda n: None
    ) -> None:
        for chunk in self._intake.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._intake.n_rows)
        if self._n_rescaled:
            self._intake.notes.append(
                f"{counted(self._n_rescaled, 'distributions')} did not sum to 1 and {'was' if self._n_rescaled == 1 else 'were'} "
                f"divided by their sum. The largest difference from 1 was {self._largest_correction:.2g}."
            )
        if self._n_identifying:
            more = ["…"] if self._n_identifying > NAMED else []
            self._intake.notes.append(
                f"{self._told()} own method, of its base model or family "
                f"({'; '.join([*self._identifying, *more])}): judges could recognise it."
            )

    def _told(self) -> str:
        one = self._n_identifying == 1
        return (
            "1 text contains the name of its"
            if one
            else f"{self._n_identifying:,} texts contain the name of their"
        )

    def _take_chunk(self, records: list[OutputRecord]) -> None:
        keys = [self._batches.key(record.source, record.cells) for record in records]
        known = self._batches.known(Output, keys)
        if self._new_items is not None:
            self._intake.made("items", self._new_items.ensure(record.item_key for record in records))
        existing = self._existing(records)
        placed: list[Placed] = []
        for record, row_key in zip(records, keys, strict=True):
            if row_key in known:
                self._intake.n_known += 1
                continue
            found = self._place(record, row_key, existing)
            if found is not None:
                placed.append(found)
        if not self._intake.errors:
            self._store(placed)

    def _place(
        self, record: OutputRecord, row_key: str, existing: dict[tuple[int, int], Existing]
    ) -> Placed | None:
        found = self._items.get(record.item_key)
        wrong = (
            wrong_key(record.item_key) or self._items.unknown(record.item_key)
            if found is None
            else self._methods.wrong(record.method, base_model=record.base_model)
            or self._wrong_content(record)
        )
        if wrong is not None or found is None:
            self._intake.refuse(record, wrong or "")
            return None
        item = found[0]
        pair = (record.base_model, record.method, record.run, item)
        earlier = self._seen.earlier_place(pair, record)
        vector = None if record.distribution is None else self._vector(record.distribution)
        run = self._run(record)
        there = None if run is None else existing.get((run, item))
        if earlier is not None:
            wrong = f"run {record.run} of “{record.method}” says something of “{record.item_key}” here and {earlier}."
        elif there is not None and (there.vector, there.text) == (vector, record.text):
            self._intake.n_known += 1
            return None
        elif there is not None:
            origin = "given here" if there.source is None else f"from {there.source}"
            wrong = (
                f"run {record.run} of “{record.method}” has another output for “{record.item_key}” already, {origin}: "
                "outputs never change, so give this run another name, or name its base model."
            )
        if wrong is not None:
            self._intake.refuse(record, wrong)
            return None
        if record.text is not None and names_itself(
            record.text, method=record.method, base_model=record.base_model
        ):
            self._n_identifying += 1
            if self._n_identifying <= NAMED:
                self._identifying.append(f"row {record.row}, {record.method} on {record.item_key}")
        return Placed(record, row_key, item, vector)

    def _wrong_content(self, record: OutputRecord) -> str | None:
        if len(record.run) > LONGEST_RUN:
            return f"the run's name has more than {LONGEST_RUN} characters."
        if record.distribution is None or record.distribution.keys() <= set(self._label_keys):
            return None
        return StudyLabels(self._study).unknown(record.distribution)

    def _vector(self, distribution: Mapping[str, float]) -> bytes:
        shares = [distribution.get(label, 0.0) for label in self._label_keys]
        if self._study.one_label_only:
            total = math.fsum(shares)
            if abs(total - 1) > SUM_TOLERANCE:
                shares = [share / total for share in shares]
                self._n_rescaled += 1
                self._largest_correction = max(self._largest_correction, abs(total - 1))
        return stored_vector(shares)

    def _run(self, record: OutputRecord) -> int | None:
        method = self._methods.find(record.method, base_model=record.base_model)
        return None if method is None else self._runs.get((method, record.run))

    def _existing(self, records: list[OutputRecord]) -> dict[tuple[int, int], Existing]:
        runs = {run for record in records if (run := self._run(record)) is not None}
        items = {found[0] for record in records if (found := self._items.get(record.item_key)) is not None}
        if not runs:
            return {}
        rows = current_outputs().filter(run__in=runs, item__in=items)
        return {
            (run, item): Existing(None if vector is None else bytes(vector), text, source)
            for run, item, vector, text, source in rows.values_list(
                "run_id", "item_id", "probabilities", "text", "import_batch__source"
            )
        }

    def _store(self, placed: list[Placed]) -> None:
        self._intake.made(
            "methods", self._methods.ensure((one.record.base_model, one.record.method) for one in placed)
        )
        wanted: dict[tuple[int, str], Run] = {}
        methods = [self._methods.pk(one.record.method, base_model=one.record.base_model) for one in placed]
        for one, method in zip(placed, methods, strict=True):
            if (method, one.record.run) not in self._runs:
                wanted[method, one.record.run] = Run(method_id=method, name=one.record.run)
        for run in Run.objects.bulk_create(wanted.values()):
            self._runs[run.method_id, run.name] = run.pk
        self._intake.made("runs", len(wanted))
        Output.objects.bulk_create(
            Output(
                run_id=self._runs[method, one.record.run],
                item_id=one.item,
                probabilities=one.vector,
                text=one.record.text,
                import_batch=self._batches.of(one.record.source),
                row_key=one.row_key,
            )
            for one, method in zip(placed, methods, strict=True)
        )
        for one in placed:
            self._intake.added[one.record.source] += 1
