"""Everything that the agreement command prints."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import cohen_kappa_score

from hlv.core.stored_results import plain
from hlv.stats.agreement.agreement_report import label_agreement
from hlv.stats.agreement.answer_arrays import InvalidAnswersError
from hlv.stats.agreement.coefficients import cohen_kappa, krippendorff_alpha
from hlv.stats.agreement.krippendorff import jaccard_distance, masi_distance
from tests.published.ratings import (
    DIAGNOSES,
    GWET_AC1,
    GWET_FLEISS,
    GWET_PERCENT,
    KRIPPENDORFF_C,
    KRIPPENDORFF_C_ALPHA,
    KRIPPENDORFF_C_ORDINAL,
    PATIENTS,
    PATIENTS_KAPPA_OF_EACH,
)
from tests.stats.agreement.answer_sets import make_sets, sets_agreement

from .ratings import COEFFICIENTS, agreement_of, make_answers


def test_the_record_of_what_entered_counts_the_item_rated_once() -> None:
    assert asdict(agreement_of(KRIPPENDORFF_C).entered) == {
        "n_items": 12,
        "n_items_with_two_or_more": 11,
        "n_annotators": 4,
        "n_answers": 41,
    }


def test_ordinal_answers_have_ordinal_alpha_with_the_nominal_beside() -> None:
    printed = asdict(agreement_of(KRIPPENDORFF_C, task="ordinal"))
    assert printed["krippendorff_alpha"]["distance"] == "ordinal"
    assert printed["krippendorff_alpha"]["value"] == pytest.approx(KRIPPENDORFF_C_ORDINAL, abs=1e-12)
    by_distance = printed["krippendorff_alpha_by_distance"]
    assert by_distance["nominal"]["value"] == pytest.approx(float(KRIPPENDORFF_C_ALPHA), abs=1e-12)


def test_single_label_coefficients_of_gwets_example() -> None:
    overall = agreement_of(KRIPPENDORFF_C)
    assert overall.gwet_ac1.value == pytest.approx(float(GWET_AC1), abs=1e-12)
    assert overall.fleiss_kappa.value == pytest.approx(float(GWET_FLEISS), abs=1e-12)
    assert overall.percent.value == pytest.approx(float(GWET_PERCENT), abs=1e-12)


def test_cohen_is_the_mean_over_pairs_of_annotators() -> None:
    kappas = []
    for first, second in combinations(KRIPPENDORFF_C, 2):
        shared = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
        left, right = zip(*shared, strict=True)
        kappas.append(cohen_kappa_score(left, right))
    found = agreement_of(KRIPPENDORFF_C)
    assert found.cohen_kappa.value == pytest.approx(np.mean(kappas), abs=1e-12)
    assert (found.cohen_kappa.n_annotator_pairs, found.cohen_kappa.n_annotator_pairs_undefined) == (6, 0)


def test_a_pair_without_variation_leaves_the_mean_and_is_counted() -> None:
    ratings = [["a", "a", "b", "b"], ["a", "a", "a", "b"], ["a", "a", None, None]]
    found = agreement_of(ratings, n_labels=2)
    assert found.cohen_kappa.value == pytest.approx(cohen_kappa([0, 0, 1, 1], [0, 0, 0, 1], n_labels=2))
    assert (found.cohen_kappa.n_annotator_pairs, found.cohen_kappa.n_annotator_pairs_undefined) == (3, 2)


def test_per_label_coefficients_are_those_of_present_or_absent() -> None:
    found = agreement_of(KRIPPENDORFF_C)
    for label in range(5):
        present = [
            [None if value is None else int(value == str(label + 1)) for value in row]
            for row in KRIPPENDORFF_C
        ]
        alone = agreement_of(present, n_labels=2)
        for name in COEFFICIENTS:
            assert getattr(found.per_label[label], name).value == pytest.approx(
                getattr(alone, name).value, abs=1e-12
            )


def test_per_category_kappas_of_fleiss() -> None:
    items, annotators = (grid.ravel() for grid in np.mgrid[0:30, 0:6])
    labels = np.concatenate([np.repeat(np.arange(5), row) for row in PATIENTS])
    found = label_agreement(
        task="single",
        items=items,
        annotators=annotators,
        labels=labels,
        n_labels=5,
        label_names=list(DIAGNOSES),
        n_resamples=0,
        rng=np.random.default_rng(0),
    )
    assert [row.label for row in found.per_label] == list(DIAGNOSES)
    kappas = [row.fleiss_kappa.value for row in found.per_label]
    assert_allclose(kappas, PATIENTS_KAPPA_OF_EACH, atol=5e-5)


@pytest.mark.parametrize(("name", "distance"), [("masi", masi_distance), ("jaccard", jaccard_distance)])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_alpha_of_sets_is_the_ratio_of_mean_distances(name: str, distance: Any, seed: int) -> None:
    sets = make_sets(seed)
    found = sets_agreement(sets)
    expected = _alpha_by_pairs(sets["items"], sets["memberships"], distance)
    assert found.krippendorff_alpha_by_distance[name].value == pytest.approx(expected, abs=1e-12)


def test_nominal_alpha_of_sets_takes_each_set_for_a_category() -> None:
    sets = make_sets(3)
    codes = sets["memberships"] @ (2 ** np.arange(3))
    counts = np.zeros((12, 8), dtype=int)
    np.add.at(counts, (sets["items"], codes), 1)
    found = sets_agreement(sets)
    assert found.krippendorff_alpha_by_distance["nominal"].value == pytest.approx(
        krippendorff_alpha(counts), abs=1e-12
    )
    assert found.krippendorff_alpha.distance == "masi"


def test_each_label_of_sets_is_compared_as_present_or_absent() -> None:
    sets = make_sets(8)
    found = sets_agreement(sets)
    for label in range(3):
        alone = label_agreement(
            task="single",
            items=sets["items"],
            annotators=sets["annotators"],
            labels=sets["memberships"][:, label].astype(int),
            n_labels=2,
            n_resamples=0,
            rng=np.random.default_rng(0),
        )
        for name in COEFFICIENTS:
            assert getattr(found.per_label[label], name).value == pytest.approx(
                getattr(alone, name).value, abs=1e-12
            )


def test_empty_sets_agree_with_one_another() -> None:
    found = label_agreement(
        task="multilabel",
        items=[0, 0, 1, 1],
        annotators=[0, 1, 0, 1],
        memberships=[[False, False], [False, False], [True, False], [True, False]],
        n_labels=2,
        n_resamples=0,
        rng=np.random.default_rng(0),
    )
    assert found.krippendorff_alpha.value == 1.0
    assert found.percent.value == 1.0


def test_gwet_of_sets_counts_all_sets_that_could_be_chosen() -> None:
    sets = make_sets(5)
    codes = sets["memberships"] @ (2 ** np.arange(3))
    counts = np.zeros((12, 8), dtype=int)
    np.add.at(counts, (sets["items"], codes), 1)
    m = counts.sum(axis=1)
    shares = (counts[m > 0] / m[m > 0, None]).mean(axis=0)
    chance = (shares * (1 - shares)).sum() / 7
    found = sets_agreement(sets)
    assert found.percent.value is not None
    assert found.gwet_ac1.value == pytest.approx((found.percent.value - chance) / (1 - chance), abs=1e-12)


def test_label_sets_of_many_labels_are_told_apart() -> None:
    memberships = np.zeros((4, 100), dtype=bool)
    memberships[:, 99] = [True, True, False, False]
    found = label_agreement(
        task="multilabel",
        items=[0, 0, 1, 1],
        annotators=[0, 1, 0, 1],
        memberships=memberships,
        n_labels=100,
        n_resamples=0,
        rng=np.random.default_rng(0),
    )
    assert found.krippendorff_alpha.value == 1.0


def test_what_is_printed_is_plain_json() -> None:
    printed = json.loads(json.dumps(plain(sets_agreement(make_sets(1), n_resamples=30)), allow_nan=False))
    assert {*COEFFICIENTS, "per_label", "entered", "krippendorff_alpha_by_distance"} <= printed.keys()
    assert {*COEFFICIENTS, "label"} == printed["per_label"][0].keys()
    assert set(printed["krippendorff_alpha_by_distance"]) == {"masi", "jaccard", "nominal"}


def test_identifiers_may_be_any_integers_in_any_order() -> None:
    answers = make_answers(KRIPPENDORFF_C)
    order = np.random.default_rng(0).permutation(len(answers["items"]))
    found = label_agreement(
        task="single",
        items=answers["items"][order] * 1000 - 7,
        annotators=-answers["annotators"][order],
        labels=answers["labels"][order],
        n_labels=5,
        n_resamples=0,
        rng=np.random.default_rng(0),
    )
    assert found == agreement_of(KRIPPENDORFF_C)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": [0, 1, 2]}, "answer 2 has label 2, outside 0 ... 1"),
        ({"labels": [0, -1, 1]}, "answer 1 has label -1"),
        ({"labels": [0, 1]}, "do not pair up"),
        ({"labels": [0.0, 1.0, 0.0]}, "labels must be integers"),
        ({"labels": [[0], [1], [0]]}, "one dimension"),
        ({"items": [], "annotators": [], "labels": []}, "no answers"),
        ({"annotators": [5, 5, 6]}, "answers 0 and 1 are both of annotator 5 for item 3"),
        ({"labels": None}, "given as labels"),
        ({"memberships": [[True]] * 3}, "given as labels"),
        ({"label_names": ["a"]}, "1 label names for 2 labels"),
    ],
)
def test_answers_that_do_not_fit_are_refused_in_words(change: dict[str, Any], words: str) -> None:
    answers = {
        "items": [3, 3, 4],
        "annotators": [5, 6, 5],
        "labels": [0, 1, 1],
        "label_names": None,
        **change,
    }
    with pytest.raises(InvalidAnswersError, match=words):
        label_agreement(task="single", n_labels=2, rng=np.random.default_rng(0), **answers)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"memberships": None}, "given as memberships"),
        ({"memberships": [[1, 2], [0, 1]]}, "true and false"),
        ({"memberships": [1, 0]}, "true and false"),
        ({"memberships": [[True, False]]}, "do not pair up"),
        ({"n_labels": 3}, "have 2 labels, expected 3"),
    ],
)
def test_sets_that_do_not_fit_are_refused_in_words(change: dict[str, Any], words: str) -> None:
    sets = {"memberships": [[True, False], [False, True]], "n_labels": 2, **change}
    with pytest.raises(InvalidAnswersError, match=words):
        label_agreement(
            task="multilabel", items=[0, 0], annotators=[0, 1], rng=np.random.default_rng(0), **sets
        )


@pytest.mark.parametrize(("name", "expected"), [("HS-Brexit", 0.3475), ("ArMIS", 0.5242)])
def test_alpha_of_lewidi_over_all_splits(shared_data: Path, name: str, expected: float) -> None:
    answers, n_items = _lewidi(shared_data / "lewidi2023" / name)
    found = label_agreement(
        task="single", **answers, n_labels=2, n_resamples=200, rng=np.random.default_rng(1)
    )
    alpha = found.krippendorff_alpha
    assert found.entered.n_items == n_items
    assert alpha.value == pytest.approx(expected, abs=5e-5)
    assert alpha.interval is not None
    assert alpha.interval[0] < expected < alpha.interval[1]


def test_a_million_answers_are_carried() -> None:
    rng = np.random.default_rng(0)
    n_items = 200_000
    start = rng.integers(0, 20, n_items)
    found = label_agreement(
        task="single",
        items=np.repeat(np.arange(n_items), 5),
        annotators=(start[:, None] + np.arange(5)).ravel() % 20,
        labels=rng.integers(0, 3, 5 * n_items),
        n_labels=3,
        n_resamples=2,
        rng=rng,
    )
    assert found.entered.n_answers == 1_000_000
    assert found.krippendorff_alpha.value == pytest.approx(0, abs=0.01)


def _alpha_by_pairs(items: npt.NDArray[Any], memberships: npt.NDArray[np.bool_], distance: Any) -> float:
    """Definition, pair by pair."""
    kept = np.isin(items, [item for item in set(items) if (items == item).sum() >= 2])
    items, memberships = items[kept], memberships[kept]
    table = distance(memberships[:, None, :], memberships[None, :, :])
    n = len(items)
    observed = 0.0
    for item in set(items):
        rows = np.flatnonzero(items == item)
        observed += table[np.ix_(rows, rows)].sum() / (len(rows) - 1)
    return float(1 - (observed / n) / (table.sum() / (n * (n - 1))))


def _lewidi(folder: Path) -> tuple[dict[str, Any], int]:
    """Answers of all splits; item ids restart in each of them."""
    answers: list[tuple[int, int, int]] = []
    annotators: dict[str, int] = {}
    n_items = 0
    for split in ("train", "dev", "test"):
        rows = json.loads((folder / f"{folder.name}_{split}.json").read_text(encoding="utf-8"))
        for row in rows.values():
            for name, label in zip(row["annotators"].split(","), row["annotations"].split(","), strict=True):
                answers.append((n_items, annotators.setdefault(name, len(annotators)), int(label)))
            n_items += 1
    table = np.array(answers)
    return {"items": table[:, 0], "annotators": table[:, 1], "labels": table[:, 2]}, n_items
