"""Scores that other programs, or people, gave to methods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from annotations.formats.import_options import Intake
from annotations.import_ledger import ImportLedger
from annotations.models import Study
from annotations.selectors.imports import StudyItems, not_withdrawn
from hlv.core.rendering.numbers import counted
from hlv.core.tabular.errors import FirstPlaces, RowError
from hlv.stats.metrics.registry import METRICS
from metaeval.formats.evaluation_options import BaseModels
from metaeval.formats.records import ScoreRecord
from metaeval.importers.resolve import NewItems, StudyMethods, wrong_key
from metaeval.models import Metric, MetricScore

LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class Placed:
    record: ScoreRecord
    row_key: str
    metric: str
    item: int | None
    value: float


class ScoreImporter:
    """Takes score records into one study.

    A table of scores may be all that a study has: where it has no methods yet, the table makes them. Where it
    has some, an unknown name is more often another spelling than another method, and is refused.
    """

    def __init__(
        self,
        study: Study,
        batches: ImportLedger,
        intake: Intake,
        *,
        base_models: BaseModels,
        create_items: bool = False,
    ) -> None:
        self._study = study
        self._batches = batches
        self._intake = intake
        self._base_models = base_models
        self._items = StudyItems(study)
        self._new_items = NewItems(study, self._items) if create_items else None
        self._methods = StudyMethods(study)
        self._may_make_methods = len(self._methods) == 0
        self._metrics = {metric.name: metric for metric in Metric.objects.filter(study=study)}
        # Of earlier imports; a method's score from two files would be neither file's.
        self._scored: set[tuple[str, int, int | None]] = set(
            MetricScore.objects.filter(
                not_withdrawn(), metric__study=study, import_batch__isnull=False
            ).values_list("metric__name", "method_id", "item_id")
        )
        self._occurrences: Counter[tuple[str, str, str]] = Counter()
        self._seen: FirstPlaces[tuple[str, str, str, int]] = FirstPlaces()
        self._blanks: Counter[str] = Counter()
        self._undirected: dict[str, None] = {}

    def take(
        self, rows: Iterable[ScoreRecord | RowError], *, after_chunk: Callable[[int], None] = lambda n: None
    ) -> None:
        for chunk in self._intake.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._intake.n_rows)
        if self._blanks:
            self._intake.notes.append(
                f"{self._blanks.total():,} {'blank is a missing score' if self._blanks.total() == 1 else 'blanks are missing scores'}, "
                f"in {counted(len(self._blanks), 'metrics')}."
            )
        if self._undirected:
            self._intake.notes.append(
                "Nobody said which way these metrics grow, so higher counts as better (say --direction "
                f"METRIC=down otherwise): {', '.join(self._undirected)}."
            )

    def _take_chunk(self, records: list[ScoreRecord]) -> None:
        keys = [self._batches.key(record.source, record.cells) for record in records]
        known = self._batches.known(MetricScore, keys)
        if self._new_items is not None:
            keyed = (record.item_key for record in records if record.value is not None)
            self._intake.made("items", self._new_items.ensure(keyed))
        placed: list[Placed] = []
        for record, row_key in zip(records, keys, strict=True):
            metric = " ".join(record.metric.split())
            if record.value is None:
                self._blanks[metric] += 1
                continue
            if row_key in known:
                contradicted = self._wrong_direction(record, metric)
                if contradicted is not None:
                    # Scores that are there already would keep the other direction without a word.
                    self._intake.refuse(record, contradicted)
                    continue
                self._intake.n_known += 1
                self._next_occurrence(metric, record)
                continue
            item = self._items.get(record.item_key) if record.item_key is not None else None
            wrong = self._wrong(record, metric, item[0] if item else None)
            if wrong is not None:
                self._intake.refuse(record, wrong)
                continue
            placed.append(Placed(record, row_key, metric, item[0] if item else None, record.value))
        if not self._intake.errors:
            self._store(placed)

    def _wrong(self, record: ScoreRecord, metric: str, item: int | None) -> str | None:
        if record.item_key is not None and item is None:
            return wrong_key(record.item_key) or self._items.unknown(record.item_key)
        base_model = self._base_models.of_file(record.source)
        wrong = self._methods.wrong(record.method, base_model=base_model)
        method = self._methods.find(record.method, base_model=base_model)
        if wrong is None and method is None and not self._may_make_methods:
            wrong = self._methods.unknown(record.method)
        if wrong is None:
            wrong = self._wrong_metric(record, metric)
        if wrong is None and item is not None:
            earlier = self._seen.earlier_place((metric, base_model, record.method, item), record)
            if earlier is not None:
                wrong = f"“{metric}” scores “{record.method}” on “{record.item_key}” here and {earlier}."
        if wrong is None and method is not None and (metric, method, item) in self._scored:
            wrong = (
                f"“{record.method}” has a score by “{metric}” from an earlier import: withdraw that import, or "
                "give the metric another name."
            )
        return wrong

    def _wrong_metric(self, record: ScoreRecord, metric: str) -> str | None:
        if not metric or len(metric) > LONGEST_NAME:
            return f"a metric's name has 1 to {LONGEST_NAME} characters."
        if metric in METRICS:
            return f"“{metric}” is the name of a built-in metric: give this one another name."
        there = self._metrics.get(metric)
        if there is None:
            self._metrics[metric] = Metric(
                study=self._study,
                name=metric,
                origin=Metric.Origin.UPLOADED,
                higher_is_better=record.higher_is_better is not False,
            )
            if record.higher_is_better is None:
                self._undirected[metric] = None
            return None
        return self._wrong_direction(record, metric)

    def _wrong_direction(self, record: ScoreRecord, metric: str) -> str | None:
        there = self._metrics.get(metric)
        if there is None or record.higher_is_better in (None, there.higher_is_better):
            return None
        way = "higher" if there.higher_is_better else "lower"
        return (
            f"“{metric}” is stored with {way} is better: correct it with hlv set-direction or on the study's page, then "
            "import the file again."
        )

    def _next_occurrence(self, metric: str, record: ScoreRecord) -> int:
        """Scores of unnamed outputs are counted; a named item has one."""
        if record.item_key is not None:
            return 0
        key = (metric, self._base_models.of_file(record.source), record.method)
        occurrence = self._occurrences[key]
        self._occurrences[key] += 1
        return occurrence

    def _store(self, placed: list[Placed]) -> None:
        made = self._methods.ensure(
            (self._base_models.of_file(one.record.source), one.record.method) for one in placed
        )
        self._intake.made("methods", made)
        fresh = dict.fromkeys(one.metric for one in placed if self._metrics[one.metric].pk is None)
        Metric.objects.bulk_create(self._metrics[name] for name in fresh)
        self._intake.made("metrics", len(fresh))
        MetricScore.objects.bulk_create(
            MetricScore(
                metric=self._metrics[one.metric],
                method_id=self._methods.pk(
                    one.record.method, base_model=self._base_models.of_file(one.record.source)
                ),
                item_id=one.item,
                occurrence=self._next_occurrence(one.metric, one.record),
                value=one.value,
                import_batch=self._batches.of(one.record.source),
                row_key=one.row_key,
            )
            for one in placed
        )
        for one in placed:
            self._intake.added[one.record.source] += 1
