"""Character n-grams: as scikit-learn counts and weighs them, fitted on training texts only."""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from hlv.stats.training import ngram_counts, ngram_features
from hlv.stats.training.ngrams import ROW_NORM, scaled

TEXTS = [
    "Leave means Leave!",
    "we  remain in the EU",
    "a b",
    "",
    "the leavers remain",
    "انتخابات اليوم",
    "اليوم في البيت",
    "I voted to remain, I will vote",
]


def test_counts_are_those_of_scikit_learn() -> None:
    expected = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit_transform(TEXTS)
    found = ngram_counts(TEXTS)
    assert found.shape == expected.shape
    np.testing.assert_array_equal(
        np.sort(found.toarray().sum(axis=0)), np.sort(np.asarray(expected.sum(axis=0)).ravel())
    )
    np.testing.assert_array_equal(found.toarray().sum(axis=1), np.asarray(expected.sum(axis=1)).ravel())


def test_features_have_the_inner_products_of_tf_idf() -> None:
    train = np.arange(8)
    counts = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2).fit_transform(TEXTS)
    expected = TfidfTransformer(sublinear_tf=True).fit_transform(counts).toarray()
    found = ngram_features(ngram_counts(TEXTS), train)
    assert found.shape[1] < len(train)
    # the smallest singular value is left out
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=0.2)
    largest = np.linalg.svd(expected, compute_uv=False)
    np.testing.assert_allclose(np.sqrt((found**2).sum(axis=0)), largest[: found.shape[1]], rtol=1e-9)


def test_other_texts_change_no_feature_of_the_training_texts() -> None:
    train = np.array([0, 1, 4, 7])
    found = ngram_features(ngram_counts(TEXTS), train)[train]
    changed = [text if place in train else f"remain {place} leave" for place, text in enumerate(TEXTS)]
    np.testing.assert_array_equal(ngram_features(ngram_counts(changed), train)[train], found)


def test_texts_without_common_words_have_no_features() -> None:
    assert ngram_features(ngram_counts(["abc", "xyz"]), np.arange(2)).shape == (2, 0)


def test_scaling_is_that_of_the_training_texts() -> None:
    table = np.random.default_rng(1).normal(3, 2, size=(10, 4))
    train = np.arange(6)
    found = scaled(table, train)
    np.testing.assert_allclose(found[train].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((found[train] ** 2).sum(axis=1).mean(), ROW_NORM**2)
    other = table.copy()
    other[6:] += 100
    np.testing.assert_array_equal(scaled(other, train)[train], found[train])
    assert not scaled(np.ones((5, 2)), np.arange(3)).any()
