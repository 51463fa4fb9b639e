"""A study whose texts can be trained on."""

from __future__ import annotations

import numpy as np

from annotations.models import Annotation, AnnotationLabel, Item, ItemText, Participant, Study
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
