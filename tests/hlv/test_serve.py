"""`hlv serve`: pages and worker under one command, from the first line to the last process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import OwnPlace
from tests.servers import free_port

Wait = Callable[[Callable[[], bool], float], None]


class Served:
    def __init__(self, process: subprocess.Popen[str], log: Path, port: int) -> None:
        self.process, self.log, self.port = process, log, port

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def children(self) -> dict[int, str]:
        """Process ids of this server's children and grandchildren, with what they run."""
        parents: dict[int, int] = {}
        commands: dict[int, str] = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
                command = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            parents[int(status.parent.name)] = int(fields[1])
            commands[int(status.parent.name)] = command
        mine = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
            mine |= more
        return {pid: commands[pid] for pid in mine - {self.process.pid} if commands[pid]}

    def get(self, path: str) -> tuple[int, str, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return (
                    response.status,
                    response.read().decode(),
                    response.headers["Content-Security-Policy"] or "",
                )
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers["Content-Security-Policy"] or ""


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def serving(own_place: OwnPlace, wait_until: Wait, *arguments: str) -> Iterator[Served]:
    port = free_port()
    log = own_place.folder / "served.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            own_place.command("serve", "--port", str(port), *arguments),
            cwd=own_place.folder,
            env=own_place.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    served = Served(process, log, port)
    try:
        wait_until(lambda: "hlv serves" in served.said or process.poll() is not None, 120)
        assert process.poll() is None, served.said
        yield served
    finally:
        process.kill()
        process.wait()


@pytest.mark.both_databases
def test_it_serves_a_sign_in_page_with_hashed_static_files_and_stops_whole(
    own_place: OwnPlace, wait_until: Wait
) -> None:
    with serving(own_place, wait_until) as served:
        wait_until(lambda: "hlv create-person" in served.said, 10)
        status, page, policy = served.get("/sign-in/")
        assert status == 200
        assert "default-src 'none'" in policy
        static = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        assert static
        for path in static:
            assert re.search(r"\.[0-9a-f]{12}\.", path)
            assert served.get(path)[0] == 200
        children = served.children()
        assert any("granian" in command for command in children.values())
        assert any("celery" in command for command in children.values())
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(timeout=30) == 0
        assert served.said.rstrip().endswith("stopped")
        wait_until(lambda: not any(_is_alive(pid) for pid in children), 10)


@pytest.mark.embedded
def test_a_person_made_meanwhile_gets_a_link_to_this_address_that_signs_in(
    own_place: OwnPlace, wait_until: Wait
) -> None:
    with serving(own_place, wait_until, "--no-worker") as served:
        assert not any("celery" in command for command in served.children().values())
        link = own_place.hlv("create-person", "lin@example.org").stdout.split()[-1]
        address = f"http://127.0.0.1:{served.port}"
        assert link.startswith(f"{address}/sign-in/")
        status, page, _ = served.get(link.removeprefix(address))
        assert status == 200
        assert "lin@example.org" in page


@pytest.mark.both_databases
def test_a_child_that_was_killed_is_started_again(own_place: OwnPlace, wait_until: Wait) -> None:
    def pid_of(word: str) -> int | None:
        return next((pid for pid, command in sorted(served.children().items()) if word in command), None)

    with serving(own_place, wait_until) as served:
        for word in ("celery", "granian"):
            killed = pid_of(word)
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda word=word, killed=killed: pid_of(word) not in (None, killed), 30)

        def answers() -> bool:
            try:
                return served.get("/sign-in/")[0] == 200
            except (urllib.error.URLError, ConnectionError):
                return False

        wait_until(answers, 30)
        # Another process of the same name may be there before the one that is started again.
        wait_until(lambda: served.said.count("starting it again") == 2, 30)


@pytest.mark.embedded
def test_a_killed_parent_leaves_nobody_behind(own_place: OwnPlace, wait_until: Wait) -> None:
    with serving(own_place, wait_until) as served:
        children = served.children()
        served.process.kill()
        served.process.wait()
        wait_until(lambda: not any(_is_alive(pid) for pid in children), 20)


@pytest.mark.embedded
def test_a_taken_port_is_one_sentence(own_place: OwnPlace) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = own_place.hlv("serve", "--port", str(port))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Port {port} on 127.0.0.1 cannot be used (Address already in use): give another one with --port.\n"
    )
