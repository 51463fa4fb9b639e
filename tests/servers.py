"""The real servers of a test run: those the caller names, or private ones that live and end with it.

A database that nobody named is never touched: private servers get free ports, temporary folders and made-up
passwords, and are ended by their own process ids. As root on Debian, missing programs are installed first.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

PACKAGES = {"postgres": "postgresql", "redis-server": "redis-server", "chromium": "chromium-headless-shell"}
# Without a window first: it draws the same pages with a fifth less work.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
SECONDS_TO_START = 60.0


class MissingServersError(Exception):
    """A program the tests need is not here and could not be installed."""


def find_program(name: str) -> Path | None:
    """Debian keeps PostgreSQL's programs outside the PATH, one folder per version."""
    if name in ("postgres", "initdb"):
        versions = sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
        )
        for folder in versions:
            if (folder / name).exists():
                return folder / name
    found = map(shutil.which, BROWSERS if name == "chromium" else (name,))
    return next((Path(path) for path in found if path), None)


def missing_programs(wanted: list[str]) -> list[str]:
    return [name for name in wanted if find_program(name) is None]


def install(names: list[str]) -> None:
    """Install Debian's packages of the named programs, or say in one sentence what is missing."""
    packages = [PACKAGES[name] for name in names]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise MissingServersError(
            f"The tests need {', '.join(packages)}: install them with Debian's package manager, or name running "
            "servers in DATABASE_URL and REDIS_URL."
        )
    # RUNLEVEL=1 keeps Debian from starting the services it installs: ours are private ones.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", *arguments], check=True, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
        )
    if still := missing_programs(names):
        raise MissingServersError(f"{', '.join(still)} could not be found after installing {packages}.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    process.kill()
    raise MissingServersError(
        f"A private server did not start. Its log:\n{log.read_text(errors='replace')[-2000:]}"
    )


@contextmanager
def _private_folder(owner: int | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hlv-server-"))
    if owner is not None:
        os.chown(folder, owner, -1)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(command: list[str], folder: Path, port: int, user: int | None) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, user=user, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for_port(port, process, log)
        yield
    finally:
        process.send_signal(2)  # PostgreSQL's fast shutdown; Redis stops at it too
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _unprivileged_user() -> int | None:
    """PostgreSQL refuses root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names.get("nobody"))


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a private PostgreSQL, made for speed: it need not survive a power cut."""
    user = _unprivileged_user()
    password = secrets.token_hex(16)
    port = free_port()
    with _private_folder(user) as folder:
        password_file = folder / "password"
        password_file.write_text(password, encoding="ascii")
        subprocess.run(
            [
                *(
                    str(find_program("initdb")),
                    "--pgdata",
                    str(folder / "data"),
                    "--username=hlv",
                    "--no-sync",
                ),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password_file}"),
            ],
            check=True,
            cwd=folder,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            # No checkpoint within a run, and nothing compiled or divided for queries of a few rows.
            "checkpoint_timeout": "1h",
            "max_wal_size": "4GB",
            "jit": "off",
            "max_parallel_workers_per_gather": "0",
            "max_connections": "200",
            "shared_buffers": "128MB",
            # Tables are emptied all the time: planned by what was counted just then, a query takes many times as long.
            "autovacuum": "off",
        }
        command = [str(find_program("postgres")), "-D", str(folder / "data"), "-p", str(port)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with _running(command, folder, port, user):
            yield f"postgres://hlv:{password}@127.0.0.1:{port}/hlv"


@contextmanager
def redis() -> Iterator[str]:
    port = free_port()
    with _private_folder(None) as folder:
        command = [str(find_program("redis-server")), "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        with _running(command, folder, port, None):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def all_of_them(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of servers that answer: the caller's, or private ones."""
    wanted = ["chromium"]
    if "DATABASE_URL" not in environment:
        wanted.append("postgres")
    if "REDIS_URL" not in environment:
        wanted.append("redis-server")
    if missing := missing_programs(wanted):
        install(missing)
    with ExitStack() as stack:
        yield {
            "DATABASE_URL": environment.get("DATABASE_URL") or stack.enter_context(postgresql()),
            "REDIS_URL": environment.get("REDIS_URL") or stack.enter_context(redis()),
        }
