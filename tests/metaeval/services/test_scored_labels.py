"""The labels that outputs are scored against: their weights, and the texts with a fact."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotations.jobs import JobRefusedError
from annotations.models import Annotation, AnnotationLabel, Item, Study
from metaeval.services.scored_labels import (
    NoWeightedLabelsError,
    asks_certainty,
    check_weights,
    labels_where,
    named_weights,
    texts_where,
    weighted_labels,
)
from tests.making import make_items, make_participant, make_study

ASKS = Study(task=Study.Task.SINGLE, asks_certainty=True)
DOES_NOT = Study(task=Study.Task.SINGLE, asks_certainty=False)
NO_LABELS = Study(task=Study.Task.NONE, asks_certainty=True)


def make_texts(*facts: dict[str, str]) -> list[Item]:
    items = make_items(make_study(task=Study.Task.SINGLE, labels=("yes", "no")), len(facts))
    for item, found in zip(items, facts, strict=True):
        item.metadata = found
        item.save(update_fields=["metadata"])
    return items


def answer(item: Item, *certainties: float | None) -> None:
    """Each annotator chooses the first label, with this certainty."""
    for certainty in certainties:
        given: dict[str, Any] = {
            "item": item,
            "participant": make_participant(item.study),
            "gives_labels": True,
        }
        row = Annotation.objects.create(**given, submitted_at=timezone.now())
        label = item.study.labels.get(key="yes")
        AnnotationLabel.objects.create(annotation=row, label=label, chosen=True, certainty=certainty)


@pytest.mark.parametrize("name", ["equal", "certainty"])
def test_known_weights_are_taken_by_name(name: str) -> None:
    assert named_weights(name) == name


@pytest.mark.parametrize("name", ["", "Equal", None, 1])
def test_unknown_weights_are_refused(name: object) -> None:
    with pytest.raises(JobRefusedError, match="known are equal, certainty"):
        named_weights(name)


def test_certainty_is_a_choice_only_where_the_study_asks_for_it() -> None:
    assert [asks_certainty(study) for study in (ASKS, DOES_NOT, NO_LABELS)] == [True, False, False]
    for study in (ASKS, DOES_NOT, NO_LABELS):
        check_weights(study, "equal")
    check_weights(ASKS, "certainty")
    with pytest.raises(JobRefusedError, match="This study does not ask for certainty"):
        check_weights(DOES_NOT, "certainty")
    with pytest.raises(JobRefusedError, match="This study has no labels"):
        check_weights(NO_LABELS, "certainty")


@pytest.mark.django_db
def test_a_fact_chooses_texts() -> None:
    first, _second, third = make_texts({"split": "test"}, {"split": "train"}, {"split": "test"})
    assert texts_where(first.study, "split=test") == [first.pk, third.pk]


@pytest.mark.django_db
def test_the_value_of_a_fact_may_have_an_equals_sign() -> None:
    (item,) = make_texts({"rule": "a=b"})
    assert texts_where(item.study, "rule=a=b") == [item.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("split", "not by 'split'."),
        ("=test", "not by '=test'."),
        ("split=dev", "No text has the value 'dev' of 'split'. Its values are test, train."),
        ("genre=tea", "No text has the value 'tea' of 'genre'. No text has such a fact."),
    ],
)
def test_a_fact_that_no_text_has_is_refused(where: str, sentence: str) -> None:
    item, _other = make_texts({"split": "train"}, {"split": "test"})
    with pytest.raises(JobRefusedError) as refused:
        texts_where(item.study, where)
    assert str(refused.value).endswith(sentence)


@pytest.mark.django_db
def test_a_refusal_lists_ten_values() -> None:
    item, *_others = make_texts(*({"page": f"{place:02}"} for place in range(12)))
    with pytest.raises(JobRefusedError, match=r"Its values are 00, .*, 09\.$"):
        texts_where(item.study, "page=99")


@pytest.mark.django_db
def test_labels_are_those_of_texts_with_a_fact() -> None:
    first, second, third = make_texts({"split": "test"}, {"split": "train"}, {"split": "test"})
    answer(first, 1.0)
    answer(second, 1.0)
    study = first.study
    assert labels_where(study, "equal", "").item_ids.tolist() == [first.pk, second.pk]
    assert labels_where(study, "equal", "split=test").item_ids.tolist() == [first.pk]
    third.metadata = {"split": "dev"}
    third.save(update_fields=["metadata"])
    with pytest.raises(JobRefusedError, match="No text with split=dev has labels"):
        labels_where(study, "equal", "split=dev")


@pytest.mark.django_db
def test_texts_without_certainty_have_no_weighted_labels() -> None:
    sure, unsure, unasked = make_texts({}, {}, {})
    answer(sure, 1.0, 0.5)
    answer(unsure, 0.0)
    answer(unasked, 1.0, None)
    assert weighted_labels(sure.study, "certainty").item_ids.tolist() == [sure.pk]
    assert len(weighted_labels(sure.study, "equal").item_ids) == 3


@pytest.mark.django_db
def test_no_text_with_certainty_is_refused() -> None:
    (item,) = make_texts({})
    # A study without answers is no refusal: there is nothing to weight.
    assert len(weighted_labels(item.study, "certainty").item_ids) == 0
    answer(item, None)
    with pytest.raises(NoWeightedLabelsError, match="No text can be weighted by certainty"):
        weighted_labels(item.study, "certainty")
