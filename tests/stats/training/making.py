"""Labelled texts of the tests of training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hlv.stats.labels.distributions import Task
from hlv.stats.training import LabelledTexts

Answer = tuple[int, int, Sequence[int]]


def make_texts(
    answers: Sequence[Answer],
    *,
    n_texts: int,
    n_labels: int = 3,
    task: Task = "single",
    counts: np.ndarray | None = None,
    n_answers: np.ndarray | None = None,
) -> LabelledTexts:
    """Answers are (text, annotator, labels); `counts` (N, K) of `n_answers` (N,) come without annotators."""
    table = np.zeros((n_texts, n_labels)) if counts is None else counts.astype(np.float64)
    numbers = np.zeros(n_texts) if n_answers is None else n_answers.astype(np.float64)
    chosen = np.zeros((len(answers), n_labels), dtype=bool)
    for row, (text, _, labels) in enumerate(answers):
        chosen[row, list(labels)] = True
        table[text, list(labels)] += 1
        numbers[text] += 1
    return LabelledTexts.of(
        task=task,
        counts=table,
        n_answers=numbers,
        item=np.array([text for text, _, _ in answers], dtype=np.int64),
        annotator=np.array([annotator for _, annotator, _ in answers], dtype=np.int64),
        chosen=chosen,
    )


def make_random_texts(
    seed: int,
    *,
    n_texts: int = 40,
    n_labels: int = 3,
    n_people: int = 6,
    n_each: int = 4,
    task: Task = "single",
) -> LabelledTexts:
    """Each text is answered by some of the people."""
    generator = np.random.default_rng(seed)
    answers: list[Answer] = []
    for text in range(n_texts):
        favourite = int(generator.integers(n_labels))
        for person in generator.permutation(n_people)[:n_each].tolist():
            if task == "multilabel":
                labels = np.flatnonzero(generator.random(n_labels) < 0.4).tolist()
            else:
                labels = [favourite if generator.random() < 0.6 else int(generator.integers(n_labels))]
            answers.append((text, person, labels))
    return make_texts(answers, n_texts=n_texts, n_labels=n_labels, task=task)
