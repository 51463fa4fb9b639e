"""Files that belong to one import are brought together: looked at, read, kept, taken back as one."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from annotations.models import Import, Job, Study, Upload
from annotations.services.uploads import forget_old_uploads, stored_path
from metaeval.models import Judgment, Output
from metaeval.selectors.judgments import current_judgments
from tests.files import rows_of_all_tables
from tests.hlv.importing.bringing import (
    LABELS,
    bring,
    bring_together,
    make_ready_study,
    run_job_of,
    signed_in,
    text_of,
)

pytestmark = pytest.mark.django_db


def lines(*rows: dict[str, object]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def option(share: float) -> list[dict[str, object]]:
    return [{"areaOfLaw": "yes", "confidence": share}, {"areaOfLaw": "no", "confidence": 1 - share}]


def verdict(input_id: str) -> dict[str, object]:
    preferred = {"isOptionAPreferred": True, "isOptionBPreferred": False, "confidence": 0.75}
    return {
        "inputId": input_id,
        "annotatorId": "214",
        "timestamp": "2024-09-30T21:44:00+00:00",
        "preferredHLVAnnotation": preferred,
    }


INPUTS = lines(
    {"id": "70", "text": "My landlord.", "optionA": option(0.75), "optionB": option(0.5)},
    {"id": "71", "text": "My neighbour.", "optionA": option(0.25), "optionB": option(1)},
)
OPTIONS = b"id,optionA,optionB\n70,ReL,MV\n71,ReL,MV\n"
PAPER = {"metadata.csv": OPTIONS, "input.jsonl": INPUTS, "data.jsonl": lines(verdict("70"), verdict("71"))}


def only(*names: str) -> dict[str, bytes]:
    return {name: PAPER[name] for name in names}


def array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([[0.75, 0.25], [0.5, 0.5]]))
    return stream.getvalue()


def import_paper(study: Study) -> None:
    client = signed_in(study)
    for kind, names in (
        ("items", ("input.jsonl", "metadata.csv")),
        ("outputs", ("metadata.csv", "input.jsonl")),
        ("judgments", tuple(PAPER)),
    ):
        job = run_job_of(bring_together(client, study, only(*names), kind=kind))
        assert (job.state, job.reason) == (Job.State.DONE, ""), kind


def test_the_papers_files_bring_texts_outputs_and_judgments_and_each_import_is_taken_back_as_one(
    folder: Path,
) -> None:
    study = make_ready_study()
    import_paper(study)
    assert list(folder.iterdir()) == []
    assert not Upload.objects.filter(forgotten_at=None).exists()
    brought = Import.objects.order_by("pk").values_list("kind", "source", "format")
    assert list(brought) == [
        ("items", "input.jsonl", "paper-inputs"),
        ("outputs", "input.jsonl", "paper"),
        ("judgments", "data.jsonl", "paper"),
    ]
    assert (Output.objects.count(), Judgment.objects.count()) == (4, 2)
    campaign = study.campaigns.get()
    assert current_judgments(campaign).count() == 2
    batch = Import.objects.get(kind="judgments")
    signed_in(study).post(f"/imports/{batch.uuid}/withdraw/", {"reason": "an older version"})
    assert not current_judgments(campaign).exists()


def test_what_is_in_each_file_is_shown_and_what_would_happen_is_said_of_all(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    looked = bring_together(client, study, PAPER, kind="judgments", do="look")
    page = text_of(client, looked["Location"])
    for said in (*(f"<bdi>{name}</bdi></h3>" for name in PAPER), "My neighbour.", "preferredHLVAnnotation"):
        assert said in page
    # The columns of the format are known: there is nothing to choose.
    assert "Column mapping" not in page
    tried = client.post(looked["Location"], {"kind": "judgments", "duplicates": "error", "do": "try"})
    job = run_job_of(tried)
    assert job.params["name"] == "data.jsonl, metadata.csv, input.jsonl"
    assert "2 judgments would be added from 2 records" in text_of(client, tried["Location"])
    assert not Import.objects.exists()
    assert len(list(folder.iterdir())) == 3
    run_job_of(client.post(looked["Location"], {"kind": "judgments", "duplicates": "error", "do": "import"}))
    assert Judgment.objects.count() == 2
    assert list(folder.iterdir()) == []
    assert "These files were deleted" in text_of(client, looked["Location"])


@pytest.mark.parametrize("labels", [{}, {"labels.txt": b"no\nyes\n"}])
def test_an_array_comes_with_the_lists_of_its_rows_and_columns(labels: dict[str, bytes]) -> None:
    study = make_ready_study()
    client = signed_in(study)
    files = {"items.txt": b"item-2\nitem-1\n", "ReL.npy": array()} | labels
    looked = bring_together(client, study, files, kind="outputs", do="look")
    page = text_of(client, looked["Location"])
    assert "List of names" in page
    assert "item-2" in page
    run_job_of(client.post(looked["Location"], {"kind": "outputs", "duplicates": "error", "do": "import"}))
    shares = np.frombuffer(bytes(Output.objects.get(item__key="item-2").probabilities or b""))
    assert shares.tolist() == ([0.25, 0.75] if labels else [0.75, 0.25])
    assert study.methods.get().name == "ReL"


REFUSED: list[tuple[dict[str, bytes], str, dict[str, str], str]] = [
    (only("data.jsonl"), "judgments", {}, "metadata.csv (the list of options, with columns id, optionA,"),
    (only("data.jsonl"), "judgments", {}, "is missing: bring it together with data.jsonl."),
    (only("metadata.csv", "input.jsonl"), "judgments", {}, "data.jsonl (the judgments, JSON lines"),
    (only("input.jsonl"), "judgments", {}, ") are missing: bring them together with input.jsonl."),
    (only("metadata.csv"), "outputs", {}, "input.jsonl (the inputs, JSON lines with id, text,"),
    (only("metadata.csv"), "items", {}, "input.jsonl (the inputs,"),
    ({"a.npy": array()}, "outputs", {}, "items.txt (the names of the array"),
    (PAPER, "outputs", {}, "data.jsonl does not belong to the others: together come input.jsonl and"),
    (only("data.jsonl", "metadata.csv") | {"notes.csv": b"a,b\n1,2\n"}, "judgments", {}, "notes.csv does not"),
    (only("data.jsonl", "metadata.csv") | {"b.csv": OPTIONS}, "judgments", {}, "metadata.csv and b.csv are the same"),
    (PAPER, "annotations", {}, "no files of one import of annotations, but of judgments: say so"),
    ({"a.csv": b"a,b\n1,2\n", "b.csv": b"a,b\n1,2\n"}, "scores", {}, "a.csv, b.csv are no files of one import of scores: bring them"),
    ({"a.csv": b"a,b\n1,2\n", "b.csv": b"a,b\n1,2\n"}, "outputs", {}, "What comes together is the array (.npy), items.txt and"),
    (PAPER | {"b.csv": OPTIONS}, "judgments", {}, "These are 4 files, and one import takes 3 at most"),
    ({"folder/a.csv": b"", "b.csv": OPTIONS}, "items", {}, "a.csv: The file is empty."),
    ({"x/a.csv": OPTIONS, "y/a.csv": INPUTS}, "items", {}, "Two files are called a.csv"),
    (only("data.jsonl", "metadata.csv"), "judgments", {"format": "judgments"}, "says all by itself"),
]  # fmt: skip


def test_what_is_missing_or_does_not_belong_is_named_and_nothing_is_kept(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    before = rows_of_all_tables()
    for files, kind, given, said in REFUSED:
        response = bring_together(client, study, files, kind=kind, do="look", **given)
        assert response.status_code == 400, said
        assert said in response.content.decode().replace("&#x27;", "'")
    assert rows_of_all_tables() == before
    assert not folder.exists() or list(folder.iterdir()) == []


def test_files_that_wait_are_read_as_another_kind_only_where_they_are_all_of_it() -> None:
    study = make_ready_study()
    client = signed_in(study)
    address = bring_together(client, study, only("input.jsonl", "metadata.csv"), kind="items", do="look")[
        "Location"
    ]
    refused = client.post(address, {"kind": "judgments", "duplicates": "error", "do": "import"})
    assert refused.status_code == 400
    assert "data.jsonl (the judgments" in refused.content.decode()
    assert not Job.objects.exists()
    run_job_of(client.post(address, {"kind": "items", "duplicates": "error", "do": "import"}))
    assert Import.objects.get().source == "input.jsonl"


def test_files_of_one_import_are_kept_and_forgotten_together(folder: Path) -> None:
    study = make_ready_study()
    client = signed_in(study)
    for _time in range(2):
        job = run_job_of(bring_together(client, study, PAPER, kind="judgments", do="try"))
    # The same files again take the place of those that came before.
    kept = Upload.objects.filter(forgotten_at=None)
    assert (kept.count(), len(list(folder.iterdir()))) == (3, 3)
    assert kept.get(beside=None).name == "data.jsonl"
    long_ago = timezone.now() - timedelta(days=2)
    Upload.objects.update(created_at=long_ago)
    assert forget_old_uploads() == 0
    Job.objects.filter(pk=job.pk).update(finished_at=long_ago)
    assert forget_old_uploads() == 1
    assert not kept.exists()
    assert list(folder.iterdir()) == []


def test_one_of_the_files_that_is_gone_is_asked_for_again() -> None:
    study = make_ready_study()
    response = bring_together(signed_in(study), study, PAPER, kind="judgments")
    stored_path(Upload.objects.get(name="metadata.csv")).unlink()
    assert run_job_of(response).reason == "The file is kept no longer: bring it again."
    assert not Judgment.objects.exists()


def test_an_option_that_cannot_be_understood_keeps_all_files() -> None:
    study = make_ready_study()
    client = signed_in(study)
    response = bring_together(client, study, PAPER, kind="judgments", mapping="item")
    assert response.status_code == 400
    first = Upload.objects.get(beside=None)
    assert f'action="/uploads/{first.uuid}/"' in response.content.decode()
    assert first.companions.count() == 2
    assert bring(client, study, LABELS, do="look").status_code == 302
