"""A researcher imports a file in the browser and sees what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotations import jobs
from annotations.models import Annotation, Import, Item, Job, Upload
from annotations.services.imports import withdraw_import
from annotations.services.uploads import stored_path
from hlv import serving
from metaeval.models import Judgment
from tests.files import rows_of_all_tables
from tests.hlv.importing.bringing import (
    ITEMS,
    LABELS,
    bring,
    make_ready_study,
    run_job_of,
    signed_in,
    text_of,
)
from tests.making import make_import, make_methods, make_study

pytestmark = pytest.mark.django_db


def test_a_file_becomes_rows_and_its_bytes_go(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    job = run_job_of(bring(client, study, LABELS))
    assert (job.state, job.reason) == (Job.State.DONE, "")
    assert Annotation.objects.count() == 2
    assert list(folder.iterdir()) == []
    upload = Upload.objects.get()
    assert upload.forgotten_at is not None
    batch = Import.objects.get()
    assert (batch.source, batch.sha256, batch.created_by) == (
        "annotations.csv",
        upload.sha256,
        upload.created_by,
    )
    page = text_of(client, f"/jobs/{job.uuid}/")
    assert "2 annotations added from 2 records" in page
    assert f"/studies/{study.uuid}/import/" in page
    assert f"/uploads/{upload.uuid}/" not in page
    assert "deleted" in text_of(client, f"/uploads/{upload.uuid}/")


def test_the_same_file_again_adds_nothing() -> None:
    study = make_ready_study()
    client = signed_in(study)
    run_job_of(bring(client, study, LABELS))
    job = run_job_of(bring(client, study, LABELS))
    assert job.result is not None
    assert job.result["sentence"] == "Nothing new: all 2 records are known already."
    assert Annotation.objects.count() == 2


def test_looking_first_shows_what_was_found_out_and_stores_no_row() -> None:
    study = make_study()
    client = signed_in(study)
    response = bring(client, study, ITEMS.encode("utf-16"), kind="items", do="look")
    upload = Upload.objects.get()
    assert response["Location"] == f"/uploads/{upload.uuid}/"
    page = text_of(client, response["Location"])
    for said in (
        "utf-16",
        "separator: semicolon",
        "All of it: 2 rows.",
        "Die Miete, zu hoch",
        "00123",
        "يحتفظ المالك بالتأمين",
    ):
        assert said in page
    assert not Item.objects.exists()
    assert not Job.objects.exists()
    response = client.post(response["Location"], {"kind": "items", "duplicates": "error", "do": "import"})
    assert run_job_of(response).state == Job.State.DONE
    assert set(Item.objects.values_list("key", flat=True)) == {"ä1", "00123"}


def test_what_would_happen_is_said_and_the_file_kept_for_the_import(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    job = run_job_of(bring(client, study, LABELS, do="try"))
    assert not Annotation.objects.exists()
    assert not Import.objects.exists()
    page = text_of(client, f"/jobs/{job.uuid}/")
    upload = Upload.objects.get()
    assert "2 annotations would be added from 2 records" in page
    assert f"/uploads/{upload.uuid}/" in page
    run_job_of(client.post(f"/uploads/{upload.uuid}/", {"kind": "annotations", "duplicates": "error"}))
    assert Annotation.objects.count() == 2
    assert list(folder.iterdir()) == []


def test_rows_at_fault_stand_in_a_table_and_in_a_file(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    rows = [f"item-1,w{n},perhaps" for n in range(60)]
    job = run_job_of(bring(client, study, "item,annotator,label\n" + "\n".join(rows), name="=evil().csv"))
    assert job.state == Job.State.FAILED
    assert not Annotation.objects.exists()
    assert not Import.objects.exists()
    upload = Upload.objects.get()
    assert stored_path(upload).exists()
    page = text_of(client, f"/jobs/{job.uuid}/")
    assert "the study has no label “perhaps”" in page
    assert "The first 20 of 60 are shown" in page
    assert f"/uploads/{upload.uuid}/" in page
    response = client.get(f"/jobs/{job.uuid}/errors.csv")
    lines = response.content.decode().splitlines()
    assert response["Content-Disposition"] == 'attachment; filename="import-errors.csv"'
    assert lines[0] == "file,row,column,sentence"
    assert len(lines) == 61
    assert lines[1].startswith("'=evil().csv,2,")


def test_a_refused_file_is_read_otherwise_without_being_sent_again() -> None:
    study = make_ready_study()
    client = signed_in(study)
    job = run_job_of(bring(client, study, "case,annotator,label\nitem-1,w,yes\n"))
    assert "item" in job.reason
    address = f"/uploads/{Upload.objects.get().uuid}/"
    again = client.post(address, {"kind": "annotations", "duplicates": "error", "mapping": "item=case"})
    assert run_job_of(again).state == Job.State.DONE
    assert Annotation.objects.count() == 1


def test_a_job_tried_again_reads_the_file_that_was_kept() -> None:
    study = make_ready_study()
    client = signed_in(study)
    job = run_job_of(bring(client, study, "item,annotator,label\nitem-9,w,yes\n"))
    assert job.state == Job.State.FAILED
    study.items.create(key="item-9", position=9)
    client.post(f"/jobs/{job.uuid}/retry/")
    assert jobs.run_now(job).state == Job.State.DONE
    assert Annotation.objects.count() == 1


def test_a_file_that_is_gone_is_asked_for_again() -> None:
    study = make_ready_study()
    response = bring(signed_in(study), study, LABELS)
    stored_path(Upload.objects.get()).unlink()
    job = run_job_of(response)
    assert (job.state, job.reason) == (Job.State.FAILED, "The file is kept no longer: bring it again.")


def test_a_worker_that_lost_the_job_stores_nothing() -> None:
    study = make_ready_study()
    job = Job.objects.get(uuid=bring(signed_in(study), study, LABELS)["Location"].split("/")[2])
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    Job.objects.filter(pk=job.pk).update(token=uuid4())
    jobs.run(claimed)
    assert not Annotation.objects.exists()
    assert stored_path(Upload.objects.get()).exists()


def test_a_cancelled_import_stores_nothing_and_can_be_tried_again() -> None:
    study = make_ready_study()
    client = signed_in(study)
    job = Job.objects.get(uuid=bring(client, study, LABELS)["Location"].split("/")[2])
    client.post(f"/jobs/{job.uuid}/cancel/")
    assert jobs.run_now(job).state == Job.State.CANCELLED
    assert not Annotation.objects.exists()
    client.post(f"/jobs/{job.uuid}/retry/")
    assert jobs.run_now(job).state == Job.State.DONE


def test_every_kind_goes_to_its_service_with_what_was_said() -> None:
    study = make_ready_study()
    make_methods(study, ["A", "B"])
    client = signed_in(study)
    brought = {
        "outputs": ('{"item": "item-1", "distribution": {"yes": 0.5, "no": 0.5}}\n', {"method": "C", "group": "llm"}),
        "judgments": ("item,left,right,win\nitem-1,a,B,left\n", {
            "campaign": "clarity", "automatic": "GPT", "mapping": "winner=win", "names": "a = A",
        }),
        "scores": ("method,tox\nA,0.5\nB,\n", {"directions": "tox=down"}),
    }  # fmt: skip
    for kind, (text, given) in brought.items():
        name = f"{kind}.jsonl" if kind == "outputs" else f"{kind}.csv"
        job = run_job_of(bring(client, study, text, kind=kind, name=name, **given))
        assert (job.state, job.reason) == (Job.State.DONE, ""), kind
    assert study.methods.get(name="C").base_model == "llm"
    judgment = Judgment.objects.get()
    assert judgment.comparison.campaign.name == "clarity"
    assert judgment.automatic_judge is not None
    assert judgment.automatic_judge.name == "GPT"


def test_a_workbook_needs_no_ending_where_it_lies(tmp_path: Path) -> None:
    study = make_study()
    book = openpyxl.Workbook()
    for row in (["id", "text"], ["00123", "The landlord keeps my deposit."]):
        book.active.append(row)
    book.save(tmp_path / "items.xlsx")
    content = (tmp_path / "items.xlsx").read_bytes()
    job = run_job_of(bring(signed_in(study), study, content, kind="items", name="items.xlsx"))
    assert job.state == Job.State.DONE, job.reason
    assert Item.objects.get().key == "00123"


def test_no_page_says_where_files_lie(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    texts = [LABELS, "item,annotator\nitem-1,w\n", "{\n", "item,annotator,label\nitem-9,w,yes\n"]
    array = b"\x93NUMPY\x01\x00v\x00{broken"
    brought = [bring(client, study, text, do="look") for text in texts]
    brought += [bring(client, study, text) for text in texts]
    brought += [bring(client, study, array, kind="outputs", name="a.npy")]
    brought += [
        bring(client, study, b"PK\x03\x04broken", name="a.xlsx", kind=kind) for kind in ("items", "scores")
    ]
    for response in brought:
        pages = [response.content.decode()]
        if response.status_code == 302:
            if "/jobs/" in response["Location"]:
                run_job_of(response)
            pages.append(text_of(client, response["Location"]))
        for page in pages:
            assert str(folder) not in page
            assert not any(upload.uuid.hex in page for upload in Upload.objects.all())


def test_a_file_too_large_to_look_at_is_left_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hlv.importing.preview.PREVIEW_BYTES", 10)
    study = make_ready_study()
    client = signed_in(study)
    response = bring(client, study, LABELS, do="look")
    assert "A worker reads this file" in text_of(client, response["Location"])
    asked = {"kind": "annotations", "duplicates": "error"}
    assert "/jobs/" in client.post(response["Location"], asked | {"do": "import"})["Location"]
    while_it_waits = client.post(response["Location"], asked | {"do": "look"})
    assert while_it_waits.status_code == 400
    assert "Try again when the job has ended" in while_it_waits.content.decode()


def test_an_earlier_upload_says_how_the_next_is_read() -> None:
    study = make_ready_study()
    client = signed_in(study)
    bring(client, study, LABELS, do="look", mapping="item=case", certainty_range="0:4")
    upload = Upload.objects.get()
    page = text_of(client, f"/studies/{study.uuid}/import/?like={upload.uuid}")
    assert "item=case" in page
    assert 'value="0:4"' in page
    other = make_study()
    assert "item=case" not in text_of(signed_in(other), f"/studies/{other.uuid}/import/?like={upload.uuid}")
    assert text_of(client, f"/studies/{study.uuid}/import/?like=nonsense&kind=nonsense")


def test_only_those_who_may_import_see_or_change_anything() -> None:
    study = make_ready_study()
    owner = signed_in(study, "owner")
    job = run_job_of(bring(owner, study, "item,annotator,label\nitem-9,w,yes\n"))
    upload, batch = Upload.objects.get(), make_import(study)
    withdraw_import(batch, by=None)
    shown = [f"/studies/{study.uuid}/import/", f"/uploads/{upload.uuid}/", f"/jobs/{job.uuid}/errors.csv"]
    changed = [*shown[:2], f"/imports/{batch.uuid}/withdraw/", f"/imports/{batch.uuid}/reinstate/"]
    before = rows_of_all_tables()
    for client, status in (
        (signed_in(study, "annotator"), 403), (signed_in(study, "judge"), 403),
        (signed_in(make_study(), "owner"), 404), (Client(), 302),
    ):  # fmt: skip
        for address in shown:
            assert client.get(address).status_code == status
        for address in changed:
            file = SimpleUploadedFile("a.csv", LABELS.encode())
            fields = {"kind": "annotations", "duplicates": "error", "reason": "x", "file": file}
            assert client.post(address, fields).status_code == status
    counted = {"annotations.Import", "annotations.ImportReversal", "annotations.Upload", "annotations.Job"}
    after = rows_of_all_tables()
    assert {name: after[name] for name in counted} == {name: before[name] for name in counted}


def test_a_job_of_another_kind_has_no_rows_at_fault() -> None:
    study = make_study()
    job = Job.objects.create(study=study, kind="ranking", state="failed", result={"errors": [{"row": 1}]})
    assert signed_in(study).get(f"/jobs/{job.uuid}/errors.csv").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_imports_the_file_and_lets_it_go(
    celery_worker_process: serving.Child, wait_until: Callable[[Callable[[], bool], float], None]
) -> None:
    study = make_ready_study()
    client = signed_in(study)
    rows = "".join(f"item-{n % 3},w{n},yes\n" for n in range(3000))
    response = bring(client, study, "item,annotator,label\n" + rows)
    wait_until(lambda: Job.objects.get().is_over, 40)
    job = Job.objects.get()
    assert (job.state, job.reason) == (Job.State.DONE, "")
    assert "3,000 annotations added from 3,000 records" in text_of(client, response["Location"])
    assert Annotation.objects.count() == 3000
    assert not stored_path(Upload.objects.get()).exists()
    assert str(django_settings.UPLOAD_DIR) == str(stored_path(Upload.objects.get()).parent)


def test_columns_are_chosen_from_those_of_the_file_and_kept_as_if_written() -> None:
    study = make_study()
    client = signed_in(study)
    table = "nr,Brief,Sprache\n7,Die Miete steigt,de\n8,عقد الإيجار,ar\n"
    longer = bring(client, study, table + "8,عقد الإيجار,ar\n" * 8, kind="items", do="look")
    assert "The first 8 of 10 rows." in text_of(client, longer["Location"])
    looked = bring(client, study, table, kind="items", do="look")
    page = text_of(client, looked["Location"])
    assert '<option value="Brief">Brief</option>' in page
    assert page.count("none found: choose one") == 2
    usual = bring(client, study, "id,Sentence1,sentence2\n7,A,B\n", kind="items", do="look")
    assert "find out: “Sentence1 + sentence2”" in text_of(client, usual["Location"])
    chosen = {"column-item": "nr", "column-text": "Brief", "column-lang": "Sprache"}
    given = {"kind": "items", "duplicates": "error", "mapping": ""}
    again = client.post(looked["Location"], given | chosen | {"do": "look"})
    assert '<option value="Brief" selected>Brief</option>' in text_of(client, again["Location"])
    twice = client.post(looked["Location"], given | chosen | {"mapping": "text=Brief", "do": "import"})
    assert "mapped twice" in twice.content.decode()
    job = run_job_of(client.post(looked["Location"], given | chosen | {"do": "import"}))
    assert job.state == Job.State.DONE, job.reason
    stored = [(item.key, item.lang, item.texts.get().text) for item in study.items.all()]
    assert stored == [("7", "de", "Die Miete steigt"), ("8", "ar", "عقد الإيجار")]


def test_ignored_columns_are_named_before_and_after_the_import_of_scores() -> None:
    study = make_study()
    make_methods(study, ["A"])
    client = signed_in(study)
    table = "method,item,BLEU,licence,year\nA,new,0.5,MIT,2023\n"
    looked = bring(client, study, table, kind="scores", do="look", ignored_columns="year")
    assert "Ignored columns: “licence”, “year”." in text_of(client, looked["Location"])
    job = run_job_of(
        bring(
            client,
            study,
            table,
            kind="scores",
            ignored_columns="year",
            create_items="on",
            directions="BLEU,up",
        )
    )
    assert job.state == Job.State.DONE, job.reason
    assert "Ignored columns of scores.csv: “licence”, “year”." in text_of(client, f"/jobs/{job.uuid}/")
    assert list(study.items.values_list("key", flat=True)) == ["new"]


def test_shares_that_nearly_sum_to_1_are_imported_by_choice() -> None:
    study = make_ready_study()
    client = signed_in(study)
    table = "item,method,yes,no\nitem-1,A,0.5,0.49\n"
    assert "sum to 0.99" in run_job_of(bring(client, study, table, kind="outputs")).reason
    job = run_job_of(bring(client, study, table, kind="outputs", normalise="on"))
    assert "The largest difference from 1 was 0.01." in text_of(client, f"/jobs/{job.uuid}/")
