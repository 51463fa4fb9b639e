"""Web server and worker under one parent: what `hlv serve` runs.

The parent serves nothing itself. It starts granian and one Celery worker, each in a process group of its
own, calls the reaper, starts again what died, and at the end stops both, with time for requests in flight
to be answered. A job that does not stop in time is taken up again by the reaper of the next start.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError
from django.db import connection

from annotations.tasks import reap_jobs, seal_history, tidy_up
from annotations.workers import DATABASE_FAULTS
from hlv import __version__
from hlv.metrics import FOLDER
from metaeval.tasks import refresh_results

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_REAPS = 5.0
# What compose's beat sends to workers, in seconds between two rounds.
ROUNDS: Final[dict[Callable[[], None], float]] = {
    reap_jobs: SECONDS_BETWEEN_REAPS,
    refresh_results: 30.0,
    seal_history: 60.0,
    tidy_up: 3600.0,
}
SECONDS_FOR_REQUESTS_IN_FLIGHT = 8.0
SECONDS_FOR_A_JOB_TO_STOP = 5.0
# A busy machine takes a minute.
SECONDS_TO_START = 120.0
# What packages bring and no page uses; some of it imports modules by names that do not exist.
LEFT_OUT = ("--ignore=django_htmx/ext/*", "--ignore=django_htmx/*-4.*", "--ignore=rest_framework/*")
# What listens on all addresses, and where this machine reaches it.
ALL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
LONGEST_PAUSE = 30.0
SECONDS_THAT_COUNT_AS_HEALTHY = 60.0


class PortTakenError(CommandError):
    """Somebody else listens where we should."""


def _end_with_parent(parent: int) -> None:
    """Even a parent that was killed takes its children along (Linux; elsewhere they must be stopped)."""
    if sys.platform == "linux":
        set_signal_at_parents_death = 1
        ctypes.CDLL(None).prctl(set_signal_at_parents_death, signal.SIGTERM)
        if os.getppid() != parent:
            # It was killed before this could be asked for, and no signal will come.
            os._exit(1)


@dataclass
class Child:
    """One process that should be running, in a group of its own so that nothing of it is left behind."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    # Where it says at its end what nobody asked; faults come on the standard error.
    is_mute: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = 0
    asked_to_stop: bool = False

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.asked_to_stop = False
        self.process = subprocess.Popen(  # noqa: S603  our own commands, from the functions below
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self.is_mute else None,
            start_new_session=True,
            preexec_fn=partial(_end_with_parent, os.getpid()),
        )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def revive(self) -> None:
        """Start again what died: at once the first time, then after longer and longer pauses."""
        now = time.monotonic()
        if self.process is not None:
            print(
                f"{self.name} ended with code {self.process.returncode}; starting it again", file=sys.stderr
            )
            self._kill_group()
            self.process = None
            healthy = now - self.started_at > SECONDS_THAT_COUNT_AS_HEALTHY
            self.failures = 1 if healthy else self.failures + 1
            self.start_again_at = now + min(LONGEST_PAUSE, 2.0 ** (self.failures - 1) - 1)
        if now >= self.start_again_at:
            self.start()

    def _kill_group(self) -> None:
        """A leader that was killed leaves its own children, who would keep the port."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None and not self.asked_to_stop:
            self.process.terminate()
            self.asked_to_stop = True

    def stop(self, patience: float) -> None:
        if self.process is None:
            return
        self.ask_to_stop()
        if self.process.poll() is None:
            try:
                self.process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._kill_group()
        self.process = None


def _environment(address: str | None = None) -> dict[str, str]:
    given = dict(os.environ)
    given["DJANGO_SETTINGS_MODULE"] = "hlv.settings"
    # Children may start elsewhere; the folder is the parent's.
    given["HLV_DATA_DIR"] = str(settings.DATA_DIR)
    if address is not None:
        given.setdefault("BASE_URL", address)
    return given


def make_worker() -> Child:
    # One process, no pool: a job checks in the database whether it should go on, and killing the process
    # kills all of it. Gossip and the like only watch other workers.
    command = [sys.executable, "-m", "celery", "-A", "hlv.celery", "--quiet", "worker", "--pool=solo"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    environment = _environment()
    # Python reads this as the beginning of a message: containers run as root, and pickle is not accepted.
    environment["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
    # Celery announces its "warm shutdown" on the standard output, and has no setting for it.
    return Child("the worker", command, environment, is_mute=True)


def _web_environment(host: str, port: int) -> dict[str, str]:
    # Nobody opens "all addresses" in a browser: links then begin with what BASE_URL says.
    return _environment(None if host in ALL_ADDRESSES else server_address(host, port))


def make_web_server(host: str, port: int, n_processes: int = 1) -> Child:
    command = [sys.executable, "-m", "granian", "--interface=wsgi", f"--host={host}", f"--port={port}"]
    command += [
        f"--workers={n_processes}",
        "--blocking-threads=16",
        "--http=1",
        "--no-ws",
        "--log-level=error",
    ]
    command += [f"--workers-kill-timeout={SECONDS_FOR_REQUESTS_IN_FLIGHT:g}", "hlv.wsgi:application"]
    return Child("the web server", command, _web_environment(host, port))


@contextmanager
def start_worker() -> Iterator[Child]:
    """A worker for as long as the block lasts, as the demonstration needs before it serves."""
    worker = make_worker()
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(SECONDS_FOR_A_JOB_TO_STOP)


def server_address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def address_file() -> Path:
    return Path(settings.DATA_DIR) / "address"


def base_url() -> str:
    """What links begin with: BASE_URL where it is given, else the address that `hlv serve` serves now."""
    given = os.environ.get("BASE_URL")
    if not given and address_file().is_file():
        served = address_file().read_text(encoding="utf-8").strip()
        if not any(served.startswith(f"http://{host}:") for host in ("0.0.0.0", "[::]")):  # noqa: S104
            return served
    return str(settings.BASE_URL)


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # A port of ours that only waits for old connections to end is free; one that listens is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"Port {port} on {host} cannot be used ({error.strerror}): give another one with --port."
            ) from error


def _fingerprint_of_static_files() -> str:
    digest = sha256(__version__.encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            modified = storage.get_modified_time(path).timestamp()
            digest.update(f"{path}\0{storage.size(path)}\0{modified}\n".encode())
    return digest.hexdigest()


def collect_static_files() -> None:
    """Fill the data folder with the static files of this version, unless they are there already."""
    stamp = settings.STATIC_ROOT / "collected"
    fingerprint = _fingerprint_of_static_files()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == fingerprint:
        return
    # A process of its own: whether names carry hashes is decided when settings are read.
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "hlv.cli", "collectstatic", "--noinput", "--verbosity=0", *LEFT_OUT],
        env=_environment() | {"HLV_STATIC_MANIFEST": "true"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    )
    if done.returncode != 0:
        raise CommandError(f"Static files could not be collected:\n{done.stderr.strip()}")
    stamp.write_text(fingerprint, encoding="ascii")


class Supervisor:
    """Keeps the children running until a signal asks to stop."""

    def __init__(self, host: str, port: int, *, with_worker: bool = True, n_processes: int = 1) -> None:
        self.host, self.port = host, port
        self.web_server = make_web_server(host, port, n_processes)
        self.children = [make_worker(), self.web_server] if with_worker else [self.web_server]
        self._asked_to_stop = False

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop = True

    def run(self, on_ready: Callable[[], None] | None = None) -> None:
        before = {
            number: signal.signal(number, self._ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        answered = False
        try:
            for child in self.children:
                child.start()
            answered = self._wait_until_it_answers()
            if answered:
                address_file().write_text(server_address(self.host, self.port), encoding="utf-8")
            if answered and on_ready is not None:
                on_ready()
            self._watch()
        finally:
            address_file().unlink(missing_ok=True)
            for child in self.children:
                child.ask_to_stop()
            self.web_server.stop(SECONDS_FOR_REQUESTS_IN_FLIGHT + 2 if answered else 1)
            for child in self.children:
                child.stop(SECONDS_FOR_A_JOB_TO_STOP)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wait_until_it_answers(self) -> bool:
        deadline = time.monotonic() + SECONDS_TO_START
        reachable = ALL_ADDRESSES.get(self.host, self.host)
        while not self._asked_to_stop:
            if not self.web_server.is_running():
                raise CommandError("The web server ended before it answered; its own message is above.")
            if time.monotonic() > deadline:
                raise CommandError(
                    f"The web server did not answer within {SECONDS_TO_START:.0f} s. Is the machine busy? Try again."
                )
            try:
                socket.create_connection((reachable, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _watch(self) -> None:
        due = {task: time.monotonic() for task in ROUNDS}
        while not self._asked_to_stop:
            for child in self.children:
                if not child.is_running():
                    child.revive()
            for task, seconds in ROUNDS.items():
                if time.monotonic() >= due[task]:
                    due[task] = time.monotonic() + seconds
                    self._make_round(task)
            time.sleep(0.2)

    def _make_round(self, task: Callable[[], None]) -> None:
        try:
            task()
        except DATABASE_FAULTS as error:
            # The database went away for a moment; the next round finds what this one missed.
            logger.warning("jobs wait until the database answers: %s", error)
        finally:
            connection.close()


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    on_ready: Callable[[], None] | None = None,
    *,
    with_worker: bool = True,
    n_processes: int = 1,
) -> None:
    """Serve until Ctrl-C or SIGTERM; `on_ready` is called once, when the address answers."""
    check_port(host, port)
    collect_static_files()
    # A connection opened before the children are must not be shared with them.
    connection.close()
    with TemporaryDirectory(prefix="hlv-metrics-") as folder:
        if settings.METRICS_TOKEN:
            # Here the web processes count their requests.
            os.environ[FOLDER] = folder
        Supervisor(host, port, with_worker=with_worker, n_processes=n_processes).run(on_ready)
