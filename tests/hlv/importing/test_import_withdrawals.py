"""An import is withdrawn with a reason, and brought back; nothing is deleted."""

from __future__ import annotations

import pytest

from annotations.models import Import, Study
from annotations.selectors.imports import not_withdrawn
from tests.hlv.importing.bringing import (
    LABELS,
    bring,
    make_ready_study,
    run_job_of,
    signed_in,
)
from tests.making import make_import, make_methods, make_output, make_study

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
    assert "already withdrawn" in twice.content.decode()
    back = client.post(f"/imports/{batch.uuid}/reinstate/", follow=True).content.decode()
    assert "annotations.csv counts again" in back
    assert f"/imports/{batch.uuid}/withdraw/" in back
    stands = client.post(f"/imports/{batch.uuid}/reinstate/", follow=True)
    assert "cannot be restored" in stands.content.decode()
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
    assert "Withdraw those imports first" in page.content.decode()
    assert not batch.reversals.exists()


def test_texts_that_were_withdrawn_come_again_as_a_better_file_has_them() -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"))
    client = signed_in(study)
    table = "id,short,text\nitem-1,A,The whole of A\nitem-2,B,B\n"
    run_job_of(bring(client, study, table, kind="items", mapping="text=short"))
    wrong = Import.objects.get()
    client.post(f"/imports/{wrong.uuid}/withdraw/", {"reason": "half of the text"})
    job = run_job_of(bring(client, study, table, kind="items", mapping="text=short+text"))
    assert (job.result or {})["sentence"] == "2 items added from 2 records."
    right = Import.objects.latest("pk")
    items = study.items.filter(not_withdrawn()).order_by("position")
    assert [(item.key, item.position, item.import_batch) for item in items] == [
        ("item-1", 0, right),
        ("item-2", 1, right),
    ]
    assert list(items[0].texts.values_list("name", "text")) == [("short", "A"), ("text", "The whole of A")]
    back = client.post(f"/imports/{wrong.uuid}/reinstate/", follow=True).content.decode()
    assert "were imported again later" in back
    assert run_job_of(bring(client, study, LABELS)).state == "done"


def test_a_withdrawn_text_that_something_refers_to_stays_as_it_was() -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"))
    client = signed_in(study)
    run_job_of(bring(client, study, "id,text\nitem-1,A\n", kind="items"))
    client.post(f"/imports/{Import.objects.get().uuid}/withdraw/", {"reason": "wrong"})
    make_output(make_methods(study, ("m",))[0], study.items.get(), [0.5, 0.5])
    refused = run_job_of(bring(client, study, "id,text\nitem-1,Another\n", kind="items"))
    assert "is there already with another text" in refused.reason
    again = run_job_of(bring(client, study, "id,text,page\nitem-1,A,7\n", kind="items"))
    assert (again.result or {})["n_added"] == 1
    assert study.items.filter(not_withdrawn()).get().texts.get().text == "A"
