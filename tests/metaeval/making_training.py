"""A study whose texts can be trained on."""

from __future__ import annotations

import numpy as np

from annotations.models import Annotation, AnnotationLabel, Item, ItemText, Participant, Study
from hlv.core.stored_results import dump
from hlv.stats.metrics.predictions import Targets
from metaeval.models import Training
from metaeval.results.training import PartSizes, TrainingPlan, TrainingResult, TrainingRun
from metaeval.services.method_table import compared_methods
from tests.making import make_participant, make_study

WORDS = (("good", "happy", "fine", "sunny"), ("bad", "angry", "awful", "rainy"))


def make_split_study(*, n_texts: int = 60, task: str = Study.Task.SINGLE, seed: int = 1) -> Study:
    """Texts of which 36 train, 12 tune and 12 are tested; three people mostly agree with the words of the text."""
    generator = np.random.default_rng(seed)
    study = make_study(task=task, labels=("good", "bad"))
    labels = list(study.labels.order_by("position"))
    people = [make_participant(study) for _ in range(3)]
    for place in range(n_texts):
        side = int(generator.integers(2))
        words = " ".join(generator.choice(WORDS[side], size=4))
        part = "train" if place < n_texts * 0.6 else "dev" if place < n_texts * 0.8 else "test"
        item = Item.objects.create(study=study, key=f"text {place}", position=place, metadata={"split": part})
        ItemText.objects.create(item=item, position=0, name="text", text=f"{words} {place}")
        for person in people:
            chosen = side if generator.random() < 0.8 else 1 - side
            answer(item, person, [labels[chosen]])
    return study


def answer(item: Item, person: Participant, labels: list) -> Annotation:  # type: ignore[type-arg]
    from django.utils import timezone

    given = Annotation.objects.create(
        item=item, participant=person, gives_labels=True, submitted_at=timezone.now()
    )
    AnnotationLabel.objects.bulk_create(
        AnnotationLabel(annotation=given, label=label, chosen=True) for label in labels
    )
    return given


def make_training(study: Study) -> Training:
    """A training of two methods with its table, and without outputs."""
    return Training.objects.create(
        study=study,
        seed=1,
        code_version="hlv",
        data_fingerprint="0",
        as_of=study.created_at,
        result=dump(make_training_result()),
    )


def make_training_result() -> TrainingResult:
    """Of two methods on one fold, as a job stores it."""
    outputs = {"SL": np.array([[[0.7, 0.3], [0.4, 0.6]]]), "MV": np.array([[[1.0, 0.0], [0.0, 1.0]]])}
    truth = Targets.of([[0.75, 0.25], [0.5, 0.5]], task="single")
    plan = TrainingPlan(
        base_model="char n-grams",
        features="char",
        methods=["SL", "MV", "LA-mean"],
        left_out={"AE": "no annotators"},
        same=[["SL", "LA-mean"]],
        parts=[PartSizes(train=6, dev=2, test=2)],
        n_tested=2,
        n_repeated=0,
        n_runs=1,
        smallest_difference=0.09,
        seconds=3.0,
        costs={"SL": 1.5},
    )
    run = TrainingRun(training="SL", run="1", fold=0, learning_rate=0.03, epoch=2, dev=[0.7, 0.6, 0.65])
    return TrainingResult(
        plan=plan,
        runs=[run],
        select="soft_cross_entropy",
        n_added=6,
        n_known=0,
        seconds=2.5,
        table=compared_methods(truth, outputs, ["po_jsd", "hard_accuracy"], n_resamples=20),
    )
