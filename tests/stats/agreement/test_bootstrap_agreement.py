"""Whoever computes a chunk of resampled agreement, from the packed arrays alone, finds the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numpy.testing import assert_allclose

from hlv.stats.agreement import agreement_report as report
from hlv.stats.agreement import bootstrap_agreement, krippendorff
from hlv.stats.agreement.agreement_report import LabelAgreement, label_agreement
from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.agreement.bootstrap_agreement import AgreementResampling, MeansResampling
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task
from hlv.stats.resampling.chunks import ChunkedWork, chunk_generator, from_bytes, run_in_sequence, to_bytes
from tests.published.ratings import KRIPPENDORFF_C
from tests.stats.agreement.answer_sets import make_sets, sets_agreement

from .ratings import COEFFICIENTS, agreement_of

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


@pytest.mark.parametrize("task", ["single", "ordinal", "multilabel"])
def test_a_resample_is_the_same_as_repeating_its_items(task: Any) -> None:
    rng = np.random.default_rng(11)
    items, annotators = (grid.ravel() for grid in np.mgrid[0:9, 0:3])
    labels = rng.integers(0, 4, len(items))
    memberships = rng.random((len(items), 4)) < 0.4
    seed = int(np.random.default_rng(5).integers(1 << 63))
    draws = chunk_generator(seed, 0).integers(9, size=9)
    rows = np.concatenate([np.flatnonzero(items == item) for item in draws])

    def found(items: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], n_resamples: int) -> LabelAgreement:
        answers: dict[str, Any] = (
            {"memberships": memberships[rows]} if task == "multilabel" else {"labels": labels[rows]}
        )
        return label_agreement(
            task=task,
            items=items,
            annotators=annotators[rows],
            n_labels=4,
            n_resamples=n_resamples,
            rng=np.random.default_rng(5),
            **answers,
        )

    answers = (
        Answers.of_sets(items=items, annotators=annotators, memberships=memberships)
        if task == "multilabel"
        else Answers.of_labels(items=items, annotators=annotators, labels=labels, n_labels=4)
    )
    work = AgreementResampling(answers, task, annotators_are_known=True, seed=seed, n_resamples=1)
    (row,) = work.compute(0, 1)
    resampled = dict(zip(work.names, row.tolist(), strict=True))
    repeated = found(np.repeat(np.arange(9), 3), rows, 0)
    for label, coefficients in ((None, repeated), *enumerate(repeated.per_label)):
        for name in COEFFICIENTS:
            is_alpha = label is None and name == "krippendorff_alpha"
            column = (f"{name}_{repeated.krippendorff_alpha.distance}" if is_alpha else name, label)
            value = getattr(coefficients, name).value
            assert_allclose(resampled[column], np.nan if value is None else value, atol=1e-12)


def test_intervals_hold_the_value_and_come_from_the_seed() -> None:
    first = agreement_of(KRIPPENDORFF_C, n_resamples=400, seed=4)
    again = agreement_of(KRIPPENDORFF_C, n_resamples=400, seed=4)
    other = agreement_of(KRIPPENDORFF_C, n_resamples=400, seed=5)
    assert first == again
    assert first != other
    for name in COEFFICIENTS:
        coefficient = getattr(first, name)
        low, high = coefficient.interval
        assert low < coefficient.value < high


def test_a_wider_level_gives_a_wider_interval() -> None:
    narrow = agreement_of(KRIPPENDORFF_C, n_resamples=400, level=0.5).krippendorff_alpha.interval
    wide = agreement_of(KRIPPENDORFF_C, n_resamples=400, level=0.95).krippendorff_alpha.interval
    assert narrow is not None
    assert wide is not None
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_the_size_of_blocks_does_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = make_sets(2)
    at_once = sets_agreement(sets, n_resamples=60)
    monkeypatch.setattr(bootstrap_agreement, "NUMBERS_AT_ONCE", 50)
    in_blocks = sets_agreement(sets, n_resamples=60)
    first, second = (found.krippendorff_alpha.interval for found in (at_once, in_blocks))
    assert first == pytest.approx(second, rel=1e-12)


def test_many_distinct_sets_are_compared_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = make_sets(2)
    kept = sets_agreement(sets)
    monkeypatch.setattr(krippendorff, "LARGEST_KEPT_TABLE_OF_SETS", 0)
    monkeypatch.setattr(krippendorff, "SETS_PER_BLOCK", 3)
    in_blocks = sets_agreement(sets)
    for distance, alpha in kept.krippendorff_alpha_by_distance.items():
        assert in_blocks.krippendorff_alpha_by_distance[distance].value == pytest.approx(
            alpha.value, abs=1e-14
        )


def test_resamples_without_an_answer_are_counted() -> None:
    # two of four items disagree about anything: a resample of the first two has only one label
    ratings = [["a", "a", "a", "b", "a"], ["a", "a", "a", "b", "b"]]
    alpha = agreement_of(ratings, n_labels=2, n_resamples=500).krippendorff_alpha
    # a resample has no answer if it holds neither of the last two items
    assert alpha.n_resamples_without_answer / 500 == pytest.approx((3 / 5) ** 5, abs=0.04)
    assert alpha.interval is None
    assert alpha.undetermined == report.RARELY_DEFINED


def test_a_level_is_a_share() -> None:
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        agreement_of(KRIPPENDORFF_C, level=95)
