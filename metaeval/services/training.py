"""The job that trains methods on the labels of a study, and files their outputs as an import."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, get_args

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.formats.import_options import ImportOptions, ImportRefusedError, Intake, Report
from annotations.import_ledger import ImportLedger, NamedFile, import_atomically
from annotations.jobs import JobRefusedError, MissingDataError, Progress, store
from annotations.models import Import, Item, Job, Missing, Participant, SnapshotStored, Study, code_version
from annotations.selectors.distributions import answer_arrays, label_table
from annotations.selectors.item_facts import item_facts, item_texts
from annotations.selectors.participation import first_participant_of_source
from annotations.work_sharing import runner
from hlv.core.stored_results import dump
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.labels.distributions import checked_task
from hlv.stats.metrics.predictions import Targets
from hlv.stats.resampling.chunks import arrays_digest, to_bytes
from hlv.stats.training import METHODS, HeadOptions, LabelledTexts, TrainedRuns
from hlv.stats.training.folds import Fold, TooFewTextsError, given_split, k_folds
from hlv.stats.training.methods import TRAIN_MEAN, available_methods, same_objectives
from hlv.stats.training.ngrams import MOST_COMPONENTS, ngram_counts, ngram_features
from hlv.stats.training.work import SELECTIONS, Selection, TrainedRun
from metaeval.formats.records import OutputRecord
from metaeval.importers.outputs import OutputImporter
from metaeval.models import Training
from metaeval.results.method_table import MethodTable
from metaeval.results.ranking_options import read_parameters
from metaeval.results.training import (
    BASE_MODEL_OF_CHARACTERS,
    CHARACTERS,
    PartSizes,
    TrainingParameters,
    TrainingPlan,
    TrainingResult,
    TrainingRun,
)
from metaeval.services.method_table import compared_methods, paper_metrics
from metaeval.services.scoring import require_labels

FORMAT: Final = "training"
MOST_RUNS: Final = 100
# Standard deviation over texts of the difference of two trained methods in PO-JSD: .065 on HS-Brexit, ArMIS and
# MD-Agreement. Two standard errors are needed.
_DEVIATION_OF_TEXTS: Final = 0.065
# Of a step of AdamW, whole and for each parameter; and of a text's share in the decomposition of n-grams.
_SECONDS_OF_STEP: Final = 2e-4
_SECONDS_OF_PARAMETER: Final = 1.5e-8
_SECONDS_OF_TEXT: Final = 1.5e-3


@dataclass(frozen=True, eq=False)
class StudyTexts:
    """The texts of a study by position, with their labels; `group` is equal where texts are."""

    item_ids: IntArray
    words: list[str]
    group: IntArray
    labels: LabelledTexts
    fingerprint: str

    @classmethod
    def of(cls, study: Study) -> StudyTexts:
        table, answers = label_table(study), answer_arrays(study)
        words = item_texts(study)
        item_ids = np.array(list(words), dtype=np.int64)
        place = {pk: row for row, pk in enumerate(item_ids.tolist())}
        counts, n_answers = np.zeros((len(words), len(table.label_keys))), np.zeros(len(words))
        for row, pk in enumerate(table.item_ids.tolist()):
            if pk in place:
                counts[place[pk]], n_answers[place[pk]] = table.counts[row], table.n_annotators[row]
        kept = np.isin(answers.item, item_ids)
        first = first_participant_of_source(study, Participant.Role.ANNOTATOR)
        people = [first.get(one, one) for one in answers.annotator[kept].tolist()]
        labels = LabelledTexts.of(
            task=checked_task(study.task),
            counts=counts,
            n_answers=n_answers,
            item=np.array([place[pk] for pk in answers.item[kept].tolist()], dtype=np.int64),
            annotator=np.array(people, dtype=np.int64),
            chosen=answers.chosen[kept],
        )
        _, group = np.unique(np.array(list(words.values()), dtype=object).astype(str), return_inverse=True)
        fingerprint = f"{table.fingerprint[:32]}{answers.fingerprint[:32]}"
        return cls(item_ids, list(words.values()), group.ravel().astype(np.int64), labels, fingerprint)


@dataclass(frozen=True, eq=False)
class PreparedTraining:
    """What a training needs before features are computed."""

    parameters: TrainingParameters
    texts: StudyTexts
    folds: list[Fold]
    plan: TrainingPlan

    @property
    def options(self) -> HeadOptions:
        return HeadOptions(
            learning_rates=list(self.parameters.learning_rates), n_hidden=self.parameters.hidden
        )


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what cannot be trained here."""
    prepare_training(study, read_training_parameters(params))


def read_training_parameters(params: Mapping[str, object]) -> TrainingParameters:
    parameters = read_parameters(TrainingParameters, params, job="Training")
    for name in parameters.methods:
        if name not in METHODS:
            raise JobRefusedError(f"No training method is called {name!r}; known are {', '.join(METHODS)}.")
    if parameters.select not in SELECTIONS:
        raise JobRefusedError(
            f"Epochs cannot be selected by {parameters.select!r}; choose one of {', '.join(SELECTIONS)}."
        )
    if not 1 <= parameters.runs <= MOST_RUNS:
        raise JobRefusedError(f"The number of runs is 1 to {MOST_RUNS}, not {parameters.runs}.")
    if min(parameters.seed, parameters.partition, parameters.hidden) < 0:
        raise JobRefusedError(_("The seed, the partition and the hidden units are whole numbers from 0."))
    if not parameters.learning_rates or not all(0 < rate < 10 for rate in parameters.learning_rates):
        raise JobRefusedError(_("Learning rates are numbers above 0 and below 10; name one or more."))
    return parameters


def prepare_training(study: Study, parameters: TrainingParameters) -> PreparedTraining:
    """Parts of the texts, and the methods that the labels allow.

    Raises
    ------
    JobRefusedError
        Nothing can be trained; the sentence says why.
    """
    require_labels(study)
    texts = StudyTexts.of(study)
    if not texts.labels.answered.any():
        raise MissingDataError(Missing.ANSWERS)
    names = parameters.methods or tuple(name for name, one in METHODS.items() if not one.is_on_demand)
    methods, left_out = available_methods(texts.labels, names)
    if not methods:
        raise JobRefusedError(_("None of the methods named can be trained on the labels of this study."))
    folds, n_repeated = _folds(study, texts, parameters)
    n_tested = sum(len(fold.test) for fold in folds)
    answered = texts.labels.of_items(np.flatnonzero(texts.labels.answered))
    costs = _expected_costs(texts.labels, folds, methods, parameters)
    plan = TrainingPlan(
        base_model=parameters.base_model or _base_model(parameters),
        features=parameters.features,
        methods=methods,
        left_out=left_out,
        same=same_objectives(answered, methods),
        parts=[PartSizes(train=len(fold.train), dev=len(fold.dev), test=len(fold.test)) for fold in folds],
        n_tested=n_tested,
        n_repeated=n_repeated,
        n_runs=parameters.runs,
        smallest_difference=2 * _DEVIATION_OF_TEXTS / sqrt(n_tested),
        seconds=parameters.runs * sum(costs.values())
        + _SECONDS_OF_TEXT * sum(len(fold.train) for fold in folds),
        costs=costs,
    )
    return PreparedTraining(parameters, texts, folds, plan)


def _base_model(parameters: TrainingParameters) -> str:
    return BASE_MODEL_OF_CHARACTERS if parameters.features == CHARACTERS else Path(parameters.features).stem


def _folds(study: Study, texts: StudyTexts, parameters: TrainingParameters) -> tuple[list[Fold], int]:
    answered = texts.labels.answered
    try:
        if not parameters.split:
            return k_folds(texts.group, answered, n_folds=parameters.folds, seed=parameters.partition), 0
        facts = item_facts(study, parameters.split)
        if not facts:
            raise JobRefusedError(
                f"No text of this study has the fact {parameters.split!r}. Import texts with such a column, or "
                "train with --folds."
            )
        parts = [facts.get(pk, "") for pk in texts.item_ids.tolist()]
        found = given_split(parts, texts.group, answered, seed=parameters.partition)
    except TooFewTextsError as error:
        raise JobRefusedError(f"Training needs more texts: {error}.") from error
    return [found.fold], found.n_repeated


def _expected_costs(
    labels: LabelledTexts, folds: Sequence[Fold], methods: Sequence[str], parameters: TrainingParameters
) -> dict[str, float]:
    """Seconds of one run of each training on all folds."""
    options = HeadOptions(learning_rates=list(parameters.learning_rates))
    n_annotators = len(np.unique(labels.annotator))
    n_steps = sum(options.n_batches(len(fold.train)) * options.n_epochs(len(fold.train)) for fold in folds)
    found = {}
    for training in dict.fromkeys(METHODS[name].training for name in methods):
        n_parameters = MOST_COMPONENTS * labels.n_labels * (n_annotators if training == "AE" else 1)
        step = _SECONDS_OF_STEP + _SECONDS_OF_PARAMETER * n_parameters * len(options.learning_rates)
        found[training] = n_steps * step
    return found


def run_training(job: Job, progress: Progress) -> SnapshotStored:
    begun, as_of = time.monotonic(), timezone.now()
    prepared = prepare_training(job.study, read_training_parameters(job.params))
    parameters = prepared.parameters
    work = TrainedRuns.of(
        prepared.texts.labels,
        _features(job.study, prepared, progress),
        prepared.folds,
        prepared.plan.methods,
        n_runs=parameters.runs,
        seed=parameters.seed,
        select=_selection(parameters.select),
        options=prepared.options,
    )
    trained = work.trained_runs(runner(progress, name="trained runs", note="training runs")(work))
    outputs = {TRAIN_MEAN: work.train_mean()[None], **work.outputs(trained)}
    table = _scored_table(prepared, outputs, progress)
    with transaction.atomic():
        report = _file_outputs(job, prepared, outputs)
        training = Training.objects.create(
            study=job.study,
            job=job,
            seed=parameters.seed,
            parameters=asdict(parameters),
            code_version=code_version(),
            data_fingerprint=prepared.texts.fingerprint,
            as_of=as_of,
            batch=Import.objects.filter(uuid__in=report.imports).first(),
            result=dump(
                TrainingResult(
                    plan=prepared.plan,
                    runs=[_training_run(one, parameters) for one in trained],
                    select=parameters.select,
                    n_added=report.n_added,
                    n_known=report.n_known,
                    seconds=time.monotonic() - begun,
                    table=table,
                )
            ),
        )
        result = SnapshotStored("training", training.uuid)
        store(job, result)
    return result


def _scored_table(
    prepared: PreparedTraining, outputs: Mapping[str, FloatArray], progress: Progress
) -> MethodTable | None:
    """The scores of these outputs on the test texts with labels; None where no test text has any."""
    labels = prepared.texts.labels
    is_scored = labels.answered & ~np.isnan(outputs[TRAIN_MEAN][0, :, 0])
    if labels.task != "multilabel":
        is_scored &= labels.shares.any(axis=1)
    if not is_scored.any():
        return None
    return compared_methods(
        Targets.of(labels.shares[is_scored], task=labels.task),
        {name: of_runs[:, is_scored] for name, of_runs in outputs.items()},
        paper_metrics(labels.task),
        seed=prepared.parameters.seed,
        run=runner(progress, name="resampled scores", note="comparing the methods"),
    )


def _selection(name: str) -> Selection:
    return next(one for one in get_args(Selection) if one == name)


def _run_name(parameters: TrainingParameters, run: int) -> str:
    """The seed of the run; runs of other partitions have other names."""
    seed = str(parameters.seed + run)
    return seed if parameters.partition == 1 else f"{parameters.partition}-{seed}"


def _training_run(one: TrainedRun, parameters: TrainingParameters) -> TrainingRun:
    rate = list(parameters.learning_rates).index(one.learning_rate)
    return TrainingRun(
        training=one.training,
        run=_run_name(parameters, one.run),
        fold=one.fold,
        learning_rate=one.learning_rate,
        epoch=one.epoch + 1,
        dev=[round(value, 6) if np.isfinite(value) else None for value in one.curve[rate].tolist()],
    )


def _features(study: Study, prepared: PreparedTraining, progress: Progress) -> list[FloatArray]:
    if prepared.parameters.features != CHARACTERS:
        return [_uploaded_features(study, prepared)]
    counts = ngram_counts(prepared.texts.words)
    found = []
    for number, fold in enumerate(prepared.folds):
        progress(number, len(prepared.folds), "counting character n-grams of each fold")
        found.append(ngram_features(counts, fold.train))
    return found


def _uploaded_features(study: Study, prepared: PreparedTraining) -> FloatArray:
    """The rows of an array, in the order of the study's texts."""
    path, keys_path = Path(prepared.parameters.features), Path(prepared.parameters.items)
    try:
        table = np.load(path, allow_pickle=False)
        keys = keys_path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError, EOFError) as error:
        raise JobRefusedError(f"The features cannot be read: {error}.") from error
    if table.ndim != 2 or table.dtype.kind not in "fiu" or not np.isfinite(table).all():
        raise JobRefusedError(f"{path.name} must be a table of finite numbers with a row for each text.")
    if len(keys) != len(table):
        raise JobRefusedError(
            f"{path.name} has {len(table):,} rows and {keys_path.name} {len(keys):,} lines: write one key a line."
        )
    row = {key: place for place, key in enumerate(keys)}
    names = dict(Item.objects.filter(study=study).values_list("pk", "key"))
    wanted = [names[pk] for pk in prepared.texts.item_ids.tolist()]
    lacking = [key for key in wanted if key not in row]
    if lacking:
        raise JobRefusedError(
            f"{keys_path.name} lacks {len(lacking):,} texts of the study, the first is {lacking[0]!r}."
        )
    return np.asarray(table[[row[key] for key in wanted]], dtype=np.float64)


def _file_outputs(job: Job, prepared: PreparedTraining, outputs: Mapping[str, FloatArray]) -> Report:
    """Take the outputs in as one import, whose digest is that of the packed outputs."""
    name = f"training {prepared.plan.base_model} {arrays_digest(outputs)[:12]}.npz"
    records = list(_records(job.study, prepared, outputs, source=name))

    def take(batches: ImportLedger, intake: Intake) -> None:
        intake.unit = "outputs"
        OutputImporter(job.study, batches, intake).take(records)

    with TemporaryDirectory() as folder:
        file = Path(folder) / "outputs.npz"
        file.write_bytes(to_bytes(outputs))
        try:
            return import_atomically(
                study=job.study,
                kind=Import.Kind.OUTPUTS,
                files=[NamedFile(file, name)],
                format_name=FORMAT,
                options=ImportOptions(format_name=FORMAT),
                by=job.created_by,
                take=take,
            )
        except ImportRefusedError as refusal:
            raise JobRefusedError(
                f"The outputs cannot be filed: {refusal.sentence} Train under another name with --base-model, or "
                "withdraw the earlier import."
            ) from refusal


def _records(
    study: Study, prepared: PreparedTraining, outputs: Mapping[str, FloatArray], *, source: str
) -> Iterator[OutputRecord]:
    labels = list(study.labels.order_by("position").values_list("key", flat=True))
    keys = dict(Item.objects.filter(study=study).values_list("pk", "key"))
    base_model, number = prepared.plan.base_model, 0
    for method, of_runs in outputs.items():
        for run, table in enumerate(of_runs):
            name = _run_name(prepared.parameters, run) if method != TRAIN_MEAN else _mean_name(prepared)
            for place in np.flatnonzero(~np.isnan(table[:, 0])).tolist():
                number += 1
                key = keys[int(prepared.texts.item_ids[place])]
                yield OutputRecord(
                    item_key=key,
                    method=method,
                    run=name,
                    distribution=dict(zip(labels, table[place].tolist(), strict=True)),
                    text=None,
                    base_model=base_model,
                    source=source,
                    row=number,
                    cells=(base_model, method, name, key),
                )


def _mean_name(prepared: PreparedTraining) -> str:
    """The mean of a partition is the same for all seeds."""
    return str(prepared.parameters.partition)
