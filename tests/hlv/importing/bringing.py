"""A researcher who brings a file in the browser."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from annotations import jobs
from annotations.models import Job, Study
from tests.making import make_items, make_participant, make_study

ITEMS = "id;text\r\nä1;Die Miete, zu hoch\r\n00123;يحتفظ المالك بالتأمين\r\n"
LABELS = "item,annotator,label\nitem-1,w,yes\nitem-2,w,no\n"


def signed_in(study: Study, role: str = "researcher") -> Client:
    client = Client()
    person = make_participant(study, role).user
    assert person is not None
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_ready_study() -> Study:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"))
    make_items(study, 3)
    return study


def bring(
    client: Client,
    study: Study,
    text: str | bytes,
    *,
    kind: str = "annotations",
    do: str = "import",
    **given: str,
) -> HttpResponse:
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile(given.pop("name", f"{kind}.csv"), content)
    fields = {"kind": kind, "duplicates": "error", "do": do, "file": file, **given}
    return client.post(f"/studies/{study.uuid}/import/", fields)


def bring_together(
    client: Client, study: Study, files: dict[str, bytes], *, kind: str, do: str = "import", **given: str
) -> HttpResponse:
    brought = [SimpleUploadedFile(name, content) for name, content in files.items()]
    fields = {"kind": kind, "duplicates": "error", "do": do, "file": brought, **given}
    return client.post(f"/studies/{study.uuid}/import/", fields)


def run_job_of(response: HttpResponse) -> Job:
    assert response.status_code == 302, response.content.decode()
    return jobs.run_now(Job.objects.get(uuid=response["Location"].split("/")[2]))


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()
