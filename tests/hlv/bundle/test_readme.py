"""What a bundle says of a study and of the files that it came from."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from annotations.models import Import
from hlv.bundle.readme import data_card, study_card
from tests.making import make_import, make_study

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("with_names", [False, True])
def test_a_file_that_is_named_after_its_annotator_is_named_only_with_names(with_names: bool) -> None:
    study = make_study()
    batch = make_import(study)
    Import.objects.filter(pk=batch.pk).update(source="lin.jsonl", format="doccano")
    now = timezone.now()
    cards = (
        json.dumps(study_card(study, as_of=now, with_names=with_names)),
        data_card(study, as_of=now, with_names=with_names),
    )
    assert [("lin.jsonl" in card, "annotator.jsonl" in card) for card in cards] == [
        (with_names, not with_names)
    ] * 2
