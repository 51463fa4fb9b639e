"""An import is withdrawn with a reason, and brought back; nothing is deleted."""

from __future__ import annotations

import pytest

from annotations.models import Import, Study
from tests.hlv.importing.bringing import (
    LABELS,
    bring,
    make_ready_study,
    run_job_of,
    signed_in,
)
from tests.making import make_import, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_an_import_is_withdrawn_with_a_reason_and_brought_back() -> None:
    study = make_ready_study()
    client = signed_in(study)
    run_job_of(bring(client, study, LABELS))
    batch = Import.objects.get()
    response = client.post(f"/imports/{batch.uuid}/withdraw/", {"reason": "an older version"}, follow=True)
    page = response.content.decode()
    assert "annotations.csv is withdrawn" in page
    assert f"/imports/{batch.uuid}/reinstate/" in page
    reversal = batch.reversals.get()
    assert (reversal.withdrawn, reversal.reason) == (True, "an older version")
    assert reversal.created_by == batch.created_by
    twice = client.post(f"/imports/{batch.uuid}/withdraw/", {"reason": "again"}, follow=True)
    assert "withdrawn already" in twice.content.decode()
    back = client.post(f"/imports/{batch.uuid}/reinstate/", follow=True).content.decode()
    assert "annotations.csv counts again" in back
    assert f"/imports/{batch.uuid}/withdraw/" in back
    stands = client.post(f"/imports/{batch.uuid}/reinstate/", follow=True)
    assert "nothing to bring back" in stands.content.decode()
    assert batch.reversals.count() == 2


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (" ", "Say why it is withdrawn"),
        ("a\0b", "Null characters are not allowed"),
        ("x" * 1001, "at most 1000 characters"),
    ],
)
def test_without_a_reason_that_can_be_kept_nothing_is_withdrawn(reason: str, said: str) -> None:
    study = make_study()
    batch = make_import(study)
    page = signed_in(study).post(f"/imports/{batch.uuid}/withdraw/", {"reason": reason}, follow=True)
    assert said in page.content.decode()
    assert not batch.reversals.exists()


def test_items_that_are_in_use_are_not_withdrawn() -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"))
    client = signed_in(study)
    run_job_of(bring(client, study, "id,text\nitem-1,A\nitem-2,B\n", kind="items"))
    run_job_of(bring(client, study, LABELS))
    batch = Import.objects.get(kind="items")
    page = client.post(f"/imports/{batch.uuid}/withdraw/", {"reason": "wrong"}, follow=True)
    assert "withdraw the imports of those first" in page.content.decode()
    assert not batch.reversals.exists()
