"""Files that are made to exhaust a server are refused in a sentence, and cost little; ordinary ones are read as ever."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from annotations.models import Import, Job, Study, Upload
from hlv.core.tabular import open_rows
from hlv.core.tabular import workbook as workbook_limits
from hlv.core.tabular.errors import FormatError
from hlv.importing import sandbox
from hlv.importing.file_sets import ReadingChoices
from hlv.importing.sandboxed_reader import FileToRead, PreviewedTable, Previews, previewed_table
from tests.conftest import CHECKOUT
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
from tests.hlv.importing.hostile_files import HARMLESS_FILES, HOSTILE_FILES, SLOW_FILES, HostileFile
from tests.hlv.importing.hostile_parquet import packed
from tests.hlv.importing.hostile_workbooks import added_rows, strings, with_strings, workbook

pytestmark = pytest.mark.django_db

MOST_BYTES = 200_000_000
MOST_SECONDS = 5
SLOW = HOSTILE_FILES["a row with 200,000 attributes.xlsx"]


@pytest.fixture
def readers(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """What each process that read a file took, as the program measures it."""
    caplog.set_level(logging.INFO, logger="hlv.importing.sandbox")
    return lambda: [one for one in caplog.records if one.name == "hlv.importing.sandbox"]


def check_costs(records: list[logging.LogRecord]) -> None:
    for record in records:
        used: dict[str, Any] = record.__dict__
        assert used["peak_bytes"] < MOST_BYTES
        assert used["cpu_seconds"] < MOST_SECONDS


def sentence_of_page(client: Client, study: Study, file: HostileFile, content: bytes) -> str:
    if file.beside:
        response = bring_together(client, study, {file.name: content, **file.beside}, kind=file.kind)
    else:
        response = bring(client, study, content, kind=file.kind, name=file.name)
    if response.status_code == 302:
        job = run_job_of(response)
        assert (job.state, job.attempts) == (Job.State.FAILED, 1)
        return job.reason
    assert response.status_code == 400
    assert not Upload.objects.exists()
    return said_by(response)


def said_by(response: HttpResponse) -> str:
    context: Any = response.context  # type: ignore[attr-defined]
    (sentences,) = context["form"].errors.values()
    (sentence,) = sentences
    return str(sentence)


def sentence_of_command(study: Study, file: HostileFile, path: Path) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("import", file.kind, str(path), study=study.slug, stdout=StringIO(), stderr=StringIO())
    return str(refused.value)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW_FILES else []) for name in HOSTILE_FILES],
)
def test_a_hostile_file_is_refused_in_a_sentence_at_little_cost(
    name: str, tmp_path: Path, readers: Callable[[], list[logging.LogRecord]]
) -> None:
    file = HOSTILE_FILES[name]
    content = file.make()
    study = make_ready_study()
    said = sentence_of_page(signed_in(study), study, file, content)
    for beside, text in {name: content, **file.beside}.items():
        (tmp_path / beside).write_bytes(text)
    for sentence in (said, sentence_of_command(study, file, tmp_path / name)):
        assert re.search(file.said, sentence), sentence
        assert len(sentence) < 1_500
        assert "\n" not in sentence
    assert not Import.objects.exists()
    assert readers()
    check_costs(readers())


@pytest.mark.parametrize(
    ("limit", "most", "content", "said"),
    [
        (
            "MAX_SHARED_STRINGS",
            3,
            with_strings(strings(b"<si><t>a</t></si>" * 9), b"8"),
            "more than 3 different texts",
        ),
        (
            "MAX_CELLS",
            99,
            workbook(sheet=added_rows(b'<row r="3"><c r="ZZ3"><v>1</v></c></row>')),
            "more than 99 cells",
        ),
        (
            "MAX_ELEMENT_BYTES",
            500,
            workbook(sheet=added_rows(b'<row r="3">' + b"<c><v>1</v></c>" * 99 + b"</row>")),
            "without the end of a row",
        ),
    ],
)
def test_a_workbook_beyond_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, content: bytes, said: str
) -> None:
    """At once, with a lower limit: files that reach the limit as it is are among the slow ones above."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert len(list(open_rows(path))) > 1
    monkeypatch.setattr(workbook_limits, limit, most)
    with pytest.raises(FormatError, match=said):
        list(open_rows(path))


def test_the_corpus_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(HOSTILE_FILES)} hostile files, {len(HARMLESS_FILES)} that only look so")
    assert len(HOSTILE_FILES) >= 100


def previews_of(path: Path, *, kind: str = "items") -> Previews:
    file = FileToRead(str(path), path.name, has_preview=True)
    return sandbox.read_previews([file], kind=kind, choices=ReadingChoices(), person=0)


@pytest.mark.parametrize("name", HARMLESS_FILES)
def test_what_only_looks_hostile_is_read(
    name: str, tmp_path: Path, readers: Callable[[], list[logging.LogRecord]]
) -> None:
    path = tmp_path / name
    path.write_bytes(HARMLESS_FILES[name]())
    previews = previews_of(path)
    (table,) = previews.files
    assert isinstance(table, PreviewedTable), table
    assert (table.errors, previews.order_fault) == ([], "")
    sandbox.check([(path, name)], kind="items", choices=ReadingChoices())
    check_costs(readers())


def _ordinary(folder: Path) -> Iterator[Path]:
    texts = {
        "a.csv": "id;text;größe\n1;Die Miete, zu hoch;3\n00123;يحتفظ المالك;1e5\n",
        "b.tsv": "id\ttext\n1\t" + "words " * 200 + "\n",
        "c.csv": 'id,text\n1,"line\nbreak"\n2,"quote "" here"\n3\n',
        "d.jsonl": '{"id": 1.50, "text": "a", "more": {"b": [1, null, true]}}\n\n{"id": 2}\n{"broken": \n',
        "e.json": '{"k1": {"text": "a"}, "k2": {"text": "b", "x": 0.10}}',
        "f.csv": "id,text\n" + "".join(f"{n},words {n}\n" for n in range(12_000)),
        "g.csv": "id," + ",".join(f"c{n}" for n in range(300)) + "\n" + ",".join("1" * 301) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        yield folder / name
    (folder / "h.csv").write_text("id,text\n1,après la fenêtre, à côté\n", encoding="utf-16")
    yield folder / "h.csv"
    (folder / "i.parquet").write_bytes(
        packed({"id": ["1", "2"], "text": ["words", None], "share": [0.1, 2.0]})
    )
    yield folder / "i.parquet"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["id", "text", None, "share"], [1, "words", None, 0.1], [True, "Ω" * 3_000, None, 2]):
        sheet.append(row)
    book.save(folder / "j.xlsx")
    yield folder / "j.xlsx"


def test_an_ordinary_file_looks_the_same_as_where_it_is_read_at_once(tmp_path: Path) -> None:
    for path in _ordinary(tmp_path):
        assert previews_of(path).files == [previewed_table(path, path.name, ReadingChoices())]


# The reader while it reads


def _readers_of(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (
                    (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
                )
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it ended meanwhile
            if int(status[1]) == parent and status[0] != "Z" and b"sandboxed_reader" in command:
                found.append(int(folder.name))
    return found


@contextmanager
def held_reader(wait_until: Callable[..., None]) -> Iterator[int]:
    """The process that reads a file just now, which does not go on before the end of the block."""
    wait_until(lambda: bool(_readers_of(os.getpid())))
    (reader,) = _readers_of(os.getpid())
    os.kill(reader, signal.SIGSTOP)
    try:
        yield reader
    finally:
        os.kill(reader, signal.SIGCONT)


@pytest.mark.django_db(transaction=True)
def test_other_requests_are_answered_while_a_hostile_file_is_read(wait_until: Callable[..., None]) -> None:
    study = make_ready_study()
    client, other = signed_in(study), signed_in(study)
    content = SLOW.make()
    answers: list[HttpResponse] = []

    def post() -> None:
        try:
            answers.append(bring(client, study, content, name=SLOW.name))
        finally:
            # Its own of this thread.
            connection.close()

    posting = threading.Thread(target=post)
    posting.start()
    with held_reader(wait_until) as reader:
        inherited = Path(f"/proc/{reader}/environ").read_bytes()
        assert other.get(f"/studies/{study.uuid}/").status_code == 200
        looked = bring(other, study, LABELS, do="look")
        assert "item-1" in text_of(other, looked["Location"])
        assert answers == []
    posting.join()
    assert answers[0].status_code == 400
    assert SLOW.said in answers[0].content.decode()
    # What is read by others than this program's people has nothing to take.
    assert {line.split(b"=")[0] for line in inherited.split(b"\x00") if line} <= {
        b"MALLOC_ARENA_MAX",
        b"ARROW_DEFAULT_MEMORY_POOL",
        b"LD_LIBRARY_PATH",
        b"TMPDIR",
        b"LC_CTYPE",
    }


def test_who_finds_no_place_is_asked_to_try_again_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(sandbox, "SECONDS_WAITED_FOR_A_PLACE", 0.0)
    settings.PREVIEWS_AT_ONCE = 1
    study = make_ready_study()
    client = signed_in(study)
    address = bring(client, study, LABELS, do="look")["Location"]
    before = rows_of_all_tables()
    with sandbox._places.take("somebody else"):
        for busy in (
            bring(client, study, LABELS, do="look"),
            client.get(address),
            client.post(address, {"kind": "annotations", "duplicates": "error", "do": "import"}),
        ):
            assert busy.status_code == 503
            assert int(busy["Retry-After"]) > 0
            assert "Other files are being read just now. Try again in a few seconds." in busy.content.decode()
        assert rows_of_all_tables() == before
    assert client.get(address).status_code == 200


def test_one_person_has_one_place_and_few_wait(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PREVIEWS_AT_ONCE = 2
    monkeypatch.setattr(sandbox, "SECONDS_WAITED_FOR_A_PLACE", 30.0)
    places = sandbox._Places()
    taken: list[str] = []

    def wait(person: str) -> None:
        with places.take(person):
            taken.append(person)

    with places.take("a"):
        waiting = [threading.Thread(target=wait, args=("a",)) for _ in range(2)]
        for thread in waiting:
            thread.start()
        while places._n_waiting < 2:
            threading.Event().wait(0.001)
        # One person's files leave room for another's.
        wait("b")
        # As many wait as there are places, and no more.
        with pytest.raises(sandbox.ReaderBusyError):
            wait("a")
        assert taken == ["b"]
    for thread in waiting:
        thread.join()
    assert taken == ["b", "a", "a"]


# Limits of an import


def import_large(content: bytes, *, name: str) -> Job:
    study = make_ready_study()
    client = signed_in(study)
    job = run_job_of(bring(client, study, content, kind="items", name=name))
    assert (job.state, job.attempts) == (Job.State.FAILED, 1)
    assert not Import.objects.exists()
    return job


# At so low a limit the child sometimes has too little memory left to say so itself.
@pytest.mark.slow
def test_a_worker_refuses_a_file_that_would_take_its_memory(settings: Any) -> None:
    settings.IMPORT_MEMORY_MB = 60
    large = HOSTILE_FILES["a row of 60,000 cells.xlsx"].make()
    job = import_large(large, name="x.xlsx")
    assert job.reason == (
        "x.xlsx: reading takes more memory than the limit of 60 MB. Save it as CSV or JSONL, or split it."
    )


def test_a_worker_refuses_a_file_that_would_take_its_time(settings: Any) -> None:
    settings.IMPORT_SECONDS = 1
    job = import_large(b"id,text\n" + b"a,b\n" * 4_000_000, name="x.csv")
    assert (
        job.reason
        == "x.csv: reading takes longer than the limit of 1 s. Save it as CSV or JSONL, or split it."
    )


def test_a_worker_refuses_more_rows_than_its_limit(settings: Any) -> None:
    settings.IMPORT_LIMIT_ROWS = 9_999
    rows = b"".join(b"%d,words\n" % number for number in range(10_000))
    job = import_large(b"id,text\n" + rows, name="x.csv")
    assert job.reason == "x.csv: more than 9,999 rows. Split the file, or have it imported with hlv import."


def test_a_page_refuses_a_file_that_would_take_its_time(settings: Any) -> None:
    settings.PREVIEW_SECONDS = 1
    study = make_ready_study()
    content = HOSTILE_FILES["two million blank texts.xlsx"].make()
    response = bring(signed_in(study), study, content, kind="items", name="x.xlsx")
    assert response.status_code == 400
    assert said_by(response) == (
        "x.xlsx: reading takes longer than the limit of 1 s. Save it as CSV or JSONL, or split it."
    )
    assert not Upload.objects.exists()


class StoppedError(Exception):
    """Whoever waited does so no longer."""


def test_a_check_that_nobody_waits_for_any_more_ends_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,text\n" + b"a,b\n" * 10_000_000)

    def stop() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        sandbox.check([(path, path.name)], kind="items", choices=ReadingChoices(), on_wait=stop)
    assert _readers_of(os.getpid()) == []


READS = """
import sys
from pathlib import Path
import django
django.setup()
from hlv.importing.file_sets import ReadingChoices
from hlv.importing.sandbox import check
check([(Path(sys.argv[1]), "x.csv")], kind="items", choices=ReadingChoices())
"""


def test_a_killed_process_leaves_no_reader_behind(tmp_path: Path, wait_until: Callable[..., None]) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,text\n" + b"a,b\n" * 30_000_000)
    with subprocess.Popen(
        [sys.executable, "-c", READS, str(path)], env=os.environ | {"PYTHONPATH": str(CHECKOUT)}
    ) as parent:
        wait_until(lambda: bool(_readers_of(parent.pid)))
        (reader,) = _readers_of(parent.pid)
        parent.kill()
    wait_until(lambda: not Path(f"/proc/{reader}").exists())


def test_a_fault_of_the_program_is_logged_without_what_the_file_holds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "secret.csv"
    path.write_bytes(b"id,text\nsecret,words\n")
    file = FileToRead(str(path), path.name, has_preview=True)
    with pytest.raises(FormatError, match=r"^secret\.csv: a fault in the program ended the reading"):
        sandbox.read_previews([file], kind="no such kind", choices=ReadingChoices(), person=0)
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert re.fullmatch(r"a file could not be read: KeyError in \w+\.py, line \d+", record.getMessage())
