"""Whoever computes a chunk of resampled agreement, from the packed arrays alone, finds the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hlv.stats.agreement import Answers, label_agreement
from hlv.stats.agreement.bootstrap_agreement import AgreementResampling, MeansResampling
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task
from hlv.stats.resampling.chunks import ChunkedWork, from_bytes, run_in_sequence, to_bytes

RNG = np.random.default_rng(3)
ITEMS, ANNOTATORS = (grid.ravel() for grid in np.mgrid[0:12, 0:4])
MEMBERSHIPS = RNG.random((len(ITEMS), 5)) < 0.4
LABELS = RNG.integers(0, 5, len(ITEMS))


def given(task: Task) -> dict[str, Any]:
    what = {"memberships": MEMBERSHIPS} if task == "multilabel" else {"labels": LABELS}
    return {"items": ITEMS + 10, "annotators": ANNOTATORS + 7, **what}


def make_work(task: Task, *, known: bool = True) -> AgreementResampling:
    if task == "multilabel":
        answers = Answers.of_sets(**given(task))
    else:
        answers = Answers.of_labels(n_labels=5, **given(task))
    return AgreementResampling(answers, task, known, seed=7, n_resamples=330)


def assert_same_bits(work: ChunkedWork, elsewhere: ChunkedWork, *, shape: tuple[int, int]) -> None:
    brought = {3: elsewhere.compute(3, 4), 1: elsewhere.compute(1, 3), 0: elsewhere.compute(0, 1)}
    together = np.concatenate([brought[first] for first in sorted(brought)])
    assert together.shape == shape
    np.testing.assert_array_equal(together, run_in_sequence(work))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("task", ["single", "ordinal", "multilabel"])
def test_chunks_have_the_same_bits_elsewhere_in_any_order(task: Task, known: bool) -> None:
    work = make_work(task, known=known)
    elsewhere = AgreementResampling.unpacked(from_bytes(to_bytes(work.packed())))
    assert_same_bits(work, elsewhere, shape=(330, len(work.names)))


def test_so_have_resampled_means() -> None:
    work = MeansResampling(tuple(RNG.random(n) for n in (5, 40, 9)), seed=7, n_resamples=330)
    elsewhere = MeansResampling.unpacked(from_bytes(to_bytes(work.packed())))
    assert_same_bits(work, elsewhere, shape=(330, 3))


def test_no_resamples_are_no_chunks() -> None:
    found = label_agreement(task="single", n_labels=5, n_resamples=0, rng=RNG, **given("single"))
    assert found.percent.interval is None
    assert found.percent.value is not None


def test_agreement_is_the_same_whoever_computes_its_resamples() -> None:
    def from_behind(work: ChunkedWork) -> FloatArray:
        rows = {chunk: work.compute(chunk, chunk + 1) for chunk in reversed(range(work.n_chunks))}
        return np.concatenate([rows[chunk] for chunk in range(work.n_chunks)])

    alone, shared = (
        label_agreement(
            task="ordinal",
            n_labels=5,
            n_resamples=250,
            rng=np.random.default_rng(5),
            run=run,
            **given("ordinal"),
        )
        for run in (run_in_sequence, from_behind)
    )
    assert alone == shared
