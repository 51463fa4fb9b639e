"""Facts of items, the parts that they name, and the texts of items that count."""

from __future__ import annotations

import pytest

from annotations.models import Import, ImportReversal, Item, ItemText, Study
from annotations.selectors.item_facts import item_facts, item_texts, items_with_fact, parts_of, split_parts
from tests.making import make_import, make_items, make_study


def make_facts(study: Study, *facts: dict[str, object]) -> list[Item]:
    items = make_items(study, len(facts))
    for item, found in zip(items, facts, strict=True):
        item.metadata = found
        item.save(update_fields=["metadata"])
    return items


def withdraw(item: Item) -> None:
    batch = make_import(item.study, Import.Kind.ITEMS)
    Item.objects.filter(pk=item.pk).update(import_batch=batch)
    ImportReversal.objects.create(batch=batch, withdrawn=True)


def test_a_split_names_training_and_test_texts() -> None:
    assert parts_of({1: "train", 2: "test", 3: "held out"}) == {1: "train", 2: "test", 3: "held out"}
    assert parts_of({1: "train", 2: "dev"}) == {}
    assert parts_of({}) == {}


@pytest.mark.django_db
def test_items_without_a_fact_are_not_there() -> None:
    study = make_study()
    first, second, _third = make_facts(study, {"genre": "tea"}, {"genre": 3}, {"other": "tea"})
    assert item_facts(study, "genre") == {first.pk: "tea", second.pk: "3"}
    assert items_with_fact(study, "genre", "tea").tolist() == [first.pk]
    assert items_with_fact(study, "genre", "coffee").shape == (0,)


@pytest.mark.django_db
def test_a_withdrawn_text_has_no_facts() -> None:
    study = make_study()
    first, second, third = make_facts(study, {"split": "train"}, {"split": "test"}, {"split": "train"})
    assert set(split_parts(study)) == {first.pk, second.pk, third.pk}
    withdraw(third)
    assert split_parts(study) == {first.pk: "train", second.pk: "test"}
    withdraw(second)
    assert split_parts(study) == {}
    assert set(item_texts(study)) == {first.pk}


@pytest.mark.django_db
def test_texts_of_an_item_are_joined_in_their_order() -> None:
    study = make_study()
    first, second = make_items(study, 2, text="premise")
    ItemText.objects.create(item=first, position=1, name="hypothesis", text="hypothesis")
    ItemText.objects.filter(item=second).delete()
    make_items(make_study(), 1)
    assert item_texts(study) == {first.pk: "premise\nhypothesis", second.pk: ""}
