"""What every test may ask for, and the rule of a full run: nothing is skipped."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import vl_convert
from django.conf import settings
from django.db import connection
from django.utils import translation
from pytest_django.plugin import blocking_manager_key

from annotations.workers import living_workers
from hlv import serving
from hlv.sign_in import FewAtATimeArgon2
from tests.clearing import clear_away_quickly, vacuum_bloated_tables

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("HLV_SHARED", CHECKOUT.parent / "shared"))
REAL = {"shared_data": "data", "shared_reference": "reference"}
LONG = {"address", "celery_worker_process", "own_place", "empty_place", "shared_data"}
# A process begins its first with a server and a browser of its own, which take as long as several of them.
JOURNEYS_WORTH_A_BROWSER = 10
# Of each property that names no number of examples.
hypothesis.settings.register_profile("hlv", max_examples=40)
hypothesis.settings.register_profile("release", max_examples=100)
hypothesis.settings.load_profile("hlv")
UNDER_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
SECONDS_FOR_A_WORKER_TO_START = 60.0


def pytest_report_header() -> str:
    real = (
        SHARED if (SHARED / "data").is_dir() else "not beside this checkout: tests of real data are left out"
    )
    return f"database: {settings.DATABASES['default']['ENGINE']}, real data: {real}"


# Between two looks for tables that rolled back rows have filled.
TESTS_BETWEEN_VACUUMS = 5
_n_tests_ended = 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    global _n_tests_ended
    yield
    _n_tests_ended += 1
    if connection.vendor == "postgresql" and _n_tests_ended % TESTS_BETWEEN_VACUUMS == 0:
        with item.config.stash[blocking_manager_key].unblock():
            # What a module's tests share is made within a transaction, in which VACUUM cannot run.
            if connection.connection is not None and not connection.in_atomic_block:
                vacuum_bloated_tables()


ON_SQLITE = re.compile(r"\b(?:both_databases|embedded)\b")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The run of `python -m tests` on SQLite does not import files without a test for it."""
    if not str(config.option.markexpr).startswith("(both_databases or embedded)"):
        return None
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return True if is_test and not ON_SQLITE.search(collection_path.read_text(encoding="utf-8")) else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    _select(config, items)
    yield
    items[:] = _long_ones_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _long_ones_first(items: list[pytest.Item], n_processes: int) -> list[pytest.Item]:
    """The random order, in a share for each process that begins with tests which wait for other programs.

    A long test at the end would keep one process busy while the others have nothing left.
    """
    journeys, long_ones, rest = [], [], []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        (journeys if "address" in fixtures else long_ones if LONG & fixtures else rest).append(item)
    n_each = -(-len(items) // n_processes)
    n_together = max(JOURNEYS_WORTH_A_BROWSER, -(-len(journeys) // n_processes))
    travelling, others = iter(journeys), iter(rest)
    ordered: list[pytest.Item] = []
    for process in range(n_processes):
        mine = [*islice(travelling, n_together), *long_ones[process::n_processes]]
        ordered += [*mine, *islice(others, max(0, n_each - len(mine)))]
    return [*ordered, *others]


def _select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Select, never skip: what needs folders that are not here is left out and counted as deselected."""
    kept, left_out = [], []
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        absent = any(name in fixtures and not (SHARED / folder).is_dir() for name, folder in REAL.items())
        (left_out if absent else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if UNDER_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which a full run does not allow: {report.longrepr}"
    return report


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the folder of real {name} is not beside this checkout; HLV_SHARED can name it")
    return folder


@pytest.fixture(autouse=True)
def _english() -> None:
    """A request of an earlier test may have left its language to this thread."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def shared_data() -> Path:
    """Real data sets, never committed."""
    return _folder("data")


@pytest.fixture
def shared_reference() -> Path:
    """Numbers computed independently, to agree with."""
    return _folder("reference")


@pytest.fixture(scope="session", autouse=True)
def _folder_of_static_files() -> None:
    """Uncollected, as in a checkout: the folder is there and empty, and files come from where they are written."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    # Looked for when one is asked for: else every client of a test looks at all of them before its first page.
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_little() -> None:
    """A password is hashed slowly on purpose; served pages in processes of their own do so here, too."""
    FewAtATimeArgon2.time_cost, FewAtATimeArgon2.memory_cost, FewAtATimeArgon2.parallelism = 1, 8, 1


@pytest.fixture
def blank_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vega draws an empty picture: where a test looks at no figure, drawing them would take most of its time."""
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"/>'
    monkeypatch.setattr(vl_convert, "vega_to_svg", lambda content, **options: blank)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, not in memory: a worker process and a served page must see the same rows."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        database.setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / "test.sqlite3")
        # A test survives no power cut: nothing waits for the disk.
        database["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Beside the database of the tests stands a copy of it, migrated and empty, that commands get copies of."""
    connection.close()  # PostgreSQL copies a database that nobody uses
    _copy_database(str(connection.settings_dict["NAME"]), _name_of_the_copy())
    clear_away_quickly()
    yield
    if connection.vendor == "postgresql":
        # While a browser runs, Django makes another connection than the one that it closes at the end.
        _administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{connection.settings_dict['NAME']}'"
        )
        _administer(f'DROP DATABASE "{_name_of_the_copy()}"')


def _name_of_the_copy() -> str:
    return f"{connection.settings_dict['NAME']}_migrated"


def _copy_database(name: str, copy: str) -> None:
    if connection.vendor == "postgresql":
        _administer(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        return
    source, target = sqlite3.connect(name), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()


def url_of_database(name: str) -> str:
    """The address, for another process, of a database beside the one that tests use."""
    given = settings.DATABASES["default"]
    if given["ENGINE"] == "django.db.backends.sqlite3":
        return f"sqlite:///{name}"
    person = f"{quote(given['USER'], safe='')}:{quote(given['PASSWORD'], safe='')}"
    return f"postgres://{person}@{quote(given['HOST'], safe='')}:{given['PORT'] or 5432}/{name}"


def url_of_test_database() -> str:
    return url_of_database(str(connection.settings_dict["NAME"]))


@contextmanager
def worker_processes(n_workers: int, **environment: str) -> Iterator[list[serving.Child]]:
    """Real Celery workers on the database and the broker of this test."""
    workers = [serving.make_worker() for _ in range(n_workers)]
    n_before = living_workers().count()
    try:
        for worker in workers:
            given = {"DATABASE_URL": url_of_test_database(), **environment}
            worker.environment = dict(worker.environment) | given
            worker.start()
        deadline = time.monotonic() + SECONDS_FOR_A_WORKER_TO_START
        while living_workers().count() < n_before + n_workers:
            if not all(worker.is_running() for worker in workers) or time.monotonic() > deadline:
                pytest.fail("a Celery worker did not start; what it said stands above")
            time.sleep(0.05)
        yield workers
    finally:
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.stop(serving.SECONDS_FOR_A_JOB_TO_STOP)


@pytest.fixture
def celery_worker_process(transactional_db: None) -> Iterator[serving.Child]:
    with worker_processes(1) as (worker,):
        yield worker


@dataclass(frozen=True)
class OwnPlace:
    """A data folder and an empty database that belong to one test, and the `hlv` command on them."""

    folder: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "hlv.cli", *arguments]

    def hlv(self, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment | environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def _administer(statement: str) -> None:
    # A connection of its own, outside Django: CREATE DATABASE may not stand in a transaction.
    with psycopg.connect(url_of_database("postgres"), autocommit=True) as beside:
        beside.execute(statement.encode())


@contextmanager
def _place(folder: Path, *, migrated: bool) -> Iterator[OwnPlace]:
    on_postgresql = connection.vendor == "postgresql"
    name = f"hlv_own_{uuid4().hex}" if on_postgresql else str(folder / "data" / "hlv.sqlite3")
    given: dict[str, Any] = dict(os.environ) | {
        "DATABASE_URL": url_of_database(name),
        "HLV_DATA_DIR": str(folder / "data"),
        "HLV_QUEUE": f"hlv-tests-{uuid4().hex}",
        "PYTHONPATH": str(CHECKOUT),
    }
    if migrated:
        (folder / "data").mkdir(mode=0o700)
        _copy_database(_name_of_the_copy(), name)
    elif on_postgresql:
        _administer(f'CREATE DATABASE "{name}"')
    try:
        yield OwnPlace(folder=folder, database_url=given["DATABASE_URL"], environment=given)
    finally:
        if on_postgresql:
            _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def own_place(django_db_setup: None, tmp_path: Path) -> Iterator[OwnPlace]:
    """For commands run as a user runs them: an own folder, and an own database on the same server without rows."""
    with _place(tmp_path, migrated=True) as place:
        yield place


@pytest.fixture
def empty_place(tmp_path: Path) -> Iterator[OwnPlace]:
    """The same as a newcomer has it: no data folder, and a database without tables."""
    with _place(tmp_path, migrated=False) as place:
        yield place


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool], float], None]:
    """Waits for what another process does; fails when it does not happen in time."""

    def wait(happened: Callable[[], bool], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > deadline:
                pytest.fail(f"did not happen within {seconds:g} seconds")
            time.sleep(0.05)

    return wait
