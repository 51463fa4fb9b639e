"""Parts of texts: equal texts share one, each text is tested once, and what is given is kept."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.training import TooFewTextsError, given_split, k_folds

EVERYONE = np.ones(60, dtype=bool)
GROUP = np.arange(60) // 2


def test_each_text_is_tested_once_and_equal_texts_share_a_part() -> None:
    folds = k_folds(GROUP, EVERYONE, n_folds=5, seed=1)
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested.tolist()) == list(range(60))
    for fold in folds:
        parts = [set(GROUP[part].tolist()) for part in (fold.train, fold.dev, fold.test)]
        assert not (parts[0] & parts[1])
        assert not (parts[0] & parts[2])
        assert not (parts[1] & parts[2])
        assert len(fold.dev) == 2 * round(0.1 * 24)


def test_texts_without_labels_are_tested_and_train_nothing() -> None:
    answered = np.arange(60) % 3 > 0
    for fold in k_folds(np.arange(60), answered, n_folds=4, seed=2):
        assert answered[fold.train].all()
        assert answered[fold.dev].all()
        assert not answered[fold.test].all()


def test_the_seed_decides_the_folds() -> None:
    one, same, other = (k_folds(GROUP, EVERYONE, n_folds=3, seed=seed)[0].test.tolist() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_given_split_is_kept_but_for_test_texts_that_train() -> None:
    parts = ["Train"] * 20 + ["validation"] * 10 + ["test"] * 29 + ["elsewhere"]
    group = np.arange(60)
    group[35] = 3
    found = given_split(parts, group, EVERYONE, seed=1)
    assert found.fold.train.tolist() == list(range(20))
    assert found.fold.dev.tolist() == list(range(20, 30))
    assert found.fold.test.tolist() == [*range(30, 35), *range(36, 59)]
    assert found.n_repeated == 1


def test_without_a_dev_part_a_tenth_of_the_training_texts_tunes() -> None:
    found = given_split(["train"] * 40 + ["test"] * 20, GROUP, EVERYONE, seed=1).fold
    assert len(found.dev) == 4
    assert len(found.train) == 36
    assert not set(GROUP[found.dev].tolist()) & set(GROUP[found.train].tolist())


@pytest.mark.parametrize(
    ("parts", "named"), [(["test"] * 60, "train"), (["train"] * 60, "test"), (["x"] * 60, "train")]
)
def test_a_part_without_texts_is_refused_by_name(parts: list[str], named: str) -> None:
    with pytest.raises(TooFewTextsError, match=f"the {named} part"):
        given_split(parts, GROUP, EVERYONE, seed=1)


@pytest.mark.parametrize("n_folds", [1, 31])
def test_impossible_numbers_of_folds_are_refused(n_folds: int) -> None:
    with pytest.raises(TooFewTextsError):
        k_folds(GROUP, EVERYONE, n_folds=n_folds, seed=1)
