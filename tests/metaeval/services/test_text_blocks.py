"""Blocks of texts: a column names them, and every text that counts has one."""

from __future__ import annotations

import numpy as np
import pytest

from annotations.jobs import JobRefusedError
from annotations.models import Import, ImportReversal, Item, Study
from metaeval.services.text_blocks import blocks_note, text_blocks
from tests.making import make_import, make_items, make_study

pytestmark = pytest.mark.django_db


def make_texts(study: Study, *documents: str) -> list[Item]:
    items = make_items(study, len(documents))
    for item, document in zip(items, documents, strict=True):
        item.metadata = {"document": document} if document else {}
        item.save(update_fields=["metadata"])
    return items


def keys(*items: Item) -> np.ndarray:
    return np.array([item.pk for item in items], dtype=np.int64)


def test_texts_of_one_document_share_its_first_text() -> None:
    study = make_study()
    first, second, third = make_texts(study, "a", "b", "a")
    blocks = text_blocks(study, "document")
    assert blocks is not None
    assert blocks.of(keys(third, second, first)).tolist() == [first.pk, second.pk, first.pk]
    assert blocks_note("document", blocks, keys(first, second, third)) == [
        "Texts with the same value of document are drawn together: 3 texts in 2 blocks."
    ]


def test_without_a_column_each_text_is_drawn_by_itself() -> None:
    study = make_study()
    assert text_blocks(study, "") is None
    assert blocks_note("", None, keys()) == []


def test_a_text_without_a_value_is_refused() -> None:
    study = make_study()
    first, _second, third = make_texts(study, "a", "", "b")
    with pytest.raises(JobRefusedError, match="1 of 3 texts have no value in the column 'document'"):
        text_blocks(study, "document")
    assert text_blocks(study, "document", item_ids=keys(first, third)) is not None


def test_a_text_of_a_withdrawn_import_needs_no_value() -> None:
    study = make_study()
    _first, second = make_texts(study, "a", "")
    batch = make_import(study, Import.Kind.ITEMS)
    Item.objects.filter(pk=second.pk).update(import_batch=batch)
    ImportReversal.objects.create(batch=batch, withdrawn=True)
    assert text_blocks(study, "document") is not None
