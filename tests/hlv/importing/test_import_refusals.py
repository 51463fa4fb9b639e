"""What a browser cannot bring is refused in words, and leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.test import Client

from annotations.formats.import_options import ImportRefusedError
from annotations.models import Job, Upload
from hlv.core.tabular.errors import RowError
from hlv.importing.preview import columns_to_choose
from tests.files import rows_of_all_tables
from tests.hlv.importing.bringing import (
    LABELS,
    bring,
    make_ready_study,
    run_job_of,
    signed_in,
    text_of,
)
from tests.making import make_study

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content", "given", "said"),
    [
        (b"", {}, "The file is empty."),
        (b"  \n", {}, "only blanks"),
        (b"%PDF-1.7 ...", {}, "is a PDF"),
        (b"\x80\x04\x95", {}, "never read"),
        (b"item,annotator,label\n", {}, "no rows"),
        (b"\x00\xff\x00\xfe" * 100, {}, "annotations.csv"),
    ],
)
def test_what_is_no_table_is_refused_at_once_and_leaves_nothing(
    folder: Path, content: bytes, given: dict[str, str], said: str
) -> None:
    study = make_ready_study()
    client = signed_in(study)
    before = rows_of_all_tables()
    response = bring(client, study, content, **given)
    assert response.status_code == 400
    assert said in response.content.decode()
    assert rows_of_all_tables() == before
    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mapping": "item"}, "is no mapping"),
        ({"mapping": "item=a\nitem=b"}, "mapped twice"),
        ({"certainty_range": "4:0"}, "is no range"),
        ({"directions": "sideways"}, "is no direction"),
        ({"names": "A"}, "joins no names"),
        ({"encoding": "zlib"}, "No encoding is called"),
        ({"format": "npy"}, "No file of this kind has the format"),
        ({"format": "none-such"}, "valid choice"),
        ({"duplicates": "some"}, "valid choice"),
    ],
)
def test_what_cannot_be_understood_is_said_and_the_file_need_not_be_sent_again(
    given: dict[str, str], said: str
) -> None:
    study = make_ready_study()
    client = signed_in(study)
    response = bring(client, study, LABELS, **given)
    page = response.content.decode()
    assert response.status_code == 400
    assert said in page
    assert not Job.objects.exists()
    upload = Upload.objects.get()
    assert f'action="/uploads/{upload.uuid}/"' in page
    again = client.post(f"/uploads/{upload.uuid}/", {"kind": "annotations", "duplicates": "error"} | given)
    assert again.status_code == 400
    assert not Job.objects.exists()


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    study = make_ready_study()
    job = run_job_of(bring(signed_in(study), study, LABELS, mapping="item=nothing"))
    assert job.state == Job.State.FAILED
    assert "nothing" in job.reason
    assert "annotator" in job.reason


def test_without_a_file_or_a_kind_the_form_says_so() -> None:
    study = make_study()
    client = signed_in(study)
    address = f"/studies/{study.uuid}/import/"
    assert "Choose a file." in client.post(address, {"kind": "items"}).content.decode()
    unknown = bring(client, study, LABELS, kind="secrets")
    assert unknown.status_code == 400
    assert not Upload.objects.exists()


def test_a_file_above_the_limit_is_passed_over_as_it_comes(settings: Any, folder: Path) -> None:
    settings.UPLOAD_LIMIT_BYTES = 3_000_000
    study = make_study()
    response = bring(signed_in(study), study, b"id,text\n" + b"x" * 4_000_000, kind="items")
    assert response.status_code == 400
    assert "The file is larger than 3 MB" in response.content.decode()
    assert "Choose a file" not in response.content.decode()
    assert not Upload.objects.exists()
    assert not folder.exists()


def test_files_that_together_exceed_the_limit_are_passed_over(settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 3_000_000
    study = make_study()
    files = [SimpleUploadedFile(f"{n}.csv", b"id,text\n" + b"x" * 2_000_000) for n in range(2)]
    response = signed_in(study).post(f"/studies/{study.uuid}/import/", {"kind": "items", "file": files})
    assert response.status_code == 400
    assert "The files together are larger than 3 MB" in response.content.decode()
    assert not Upload.objects.exists()


def test_no_byte_of_a_file_is_kept_but_of_who_may_import(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    for handler in (MemoryFileUploadHandler, TemporaryFileUploadHandler):
        monkeypatch.setattr(handler, "new_file", lambda self, name, *args, **kwargs: kept.append(name))
    study = make_ready_study()
    # A token that fits: the check of it must not be what keeps the file out.
    stranger = Client(enforce_csrf_checks=True)
    stranger.get("/sign-in/")
    token = stranger.cookies["csrftoken"].value
    addresses = ["/sign-in/", "/sign-in/anything/", "/language/", f"/studies/{study.uuid}/import/"]
    answers = [
        stranger.post(address, {"csrfmiddlewaretoken": token, "file": SimpleUploadedFile("a.csv", b"x")})
        for address in addresses
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 302]
    assert bring(signed_in(study, "annotator"), study, LABELS).status_code == 403
    researcher = signed_in(study)
    assert researcher.post("/account/", {"file": SimpleUploadedFile("a.csv", b"x")}).status_code == 400
    assert kept == []


def test_a_file_from_another_site_is_not_imported() -> None:
    study = make_ready_study()
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(study).cookies
    address = f"/studies/{study.uuid}/import/"
    assert bring(client, study, LABELS).status_code == 403
    assert not Upload.objects.exists()
    client.get(address)
    token = client.cookies["csrftoken"].value
    assert bring(client, study, LABELS, csrfmiddlewaretoken=token).status_code == 302
    assert Upload.objects.count() == 1


def test_a_name_with_a_path_in_it_is_only_a_name(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    response = bring(client, study, LABELS, do="look", name="../../<b>evil</b>.csv")
    assert [path.name for path in folder.iterdir()] == [Upload.objects.get().uuid.hex]
    page = text_of(client, response["Location"])
    assert "<b>evil" not in page


def test_rows_at_fault_stand_in_the_order_of_the_file_whenever_they_were_found() -> None:
    found = [RowError(row, None, "", source) for source, row in (("b", 3), ("b", 6), ("a", 9), ("b", 4))]
    refused = ImportRefusedError("Nothing was imported.", found)
    assert [(one.source, one.row) for one in refused.errors] == [("b", 3), ("b", 4), ("b", 6), ("a", 9)]


def test_the_column_of_distributions_is_found_and_can_be_chosen() -> None:
    choice = columns_to_choose("outputs", "", ["item", "model", "dist", "note"])
    words = {field.name: str(choice.choices(field)[0][1]) for field in choice.fields}
    assert words["distribution"] == "find out: “dist”"
