"""`python -m tests`: the suite on PostgreSQL and Redis, and what is marked for both databases on SQLite.

Arguments go to both runs of pytest. `--release` runs the slow tests, too, and more examples of each property. The last
line is the closing line of the whole suite's run.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from tests import servers

CHECKOUT = Path(__file__).resolve().parents[1]
NOTHING_COLLECTED = 5
# One more than the processors of a small machine: some test always waits for a server, a worker or a browser.
N_PROCESSES = 3


def run_pytest(arguments: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run, show the output as it comes, and return the exit code with the closing line."""
    # Each process keeps the tests of a file together, which share what is made once; who is done helps the others.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-n",
        str(N_PROCESSES),
        "--dist=worksteal",
    ]
    with subprocess.Popen(
        [*command, *arguments],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        tail = b""
        try:
            while chunk := os.read(process.stdout.fileno(), 65536):
                sys.stdout.buffer.write(chunk)
                sys.stdout.flush()
                tail = (tail + chunk)[-4000:]
        except BaseException:
            process.terminate()
            raise
    lines = [line for line in tail.decode(errors="replace").splitlines() if line.strip()]
    return process.returncode, lines[-1] if lines else ""


# The last: a run starts a hundred processes, and each would compile the same sources anew.
NOT_KEPT = ("DATABASE_URL", "REDIS_URL", "PYTHONDONTWRITEBYTECODE")


def environment_of(folder: Path, **given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_KEPT}
    folder.mkdir()
    return kept | {"HLV_TEST_DIR": str(folder)} | given


def main(arguments: list[str]) -> int:
    for_release = "--release" in arguments
    arguments = [argument for argument in arguments if argument != "--release"]
    quick = "" if for_release else " and not slow"
    arguments += ["--hypothesis-profile=release"] if for_release else []
    folder = Path(tempfile.mkdtemp(prefix="hlv-tests-"))
    try:
        with servers.all_of_them(os.environ) as addresses:
            print("== marked for both databases, on SQLite and the file broker ==", flush=True)
            on_sqlite, sqlite_line = run_pytest(
                ["-m", f"(both_databases or embedded){quick}", *arguments],
                environment_of(folder / "sqlite"),
            )
            print("\n== the whole suite, on PostgreSQL and Redis ==", flush=True)
            whole, whole_line = run_pytest(
                ["-m", f"not embedded{quick}", *arguments],
                environment_of(folder / "postgresql", **addresses),
            )
    except servers.MissingServersError as missing:
        print(missing, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\non SQLite:     {sqlite_line}\non PostgreSQL:\n{whole_line}", flush=True)
    failed = [code for code in (whole, on_sqlite) if code not in (0, NOTHING_COLLECTED)]
    return failed[0] if failed else (NOTHING_COLLECTED if whole else 0)


def _stop(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    # Ended from outside, the private servers still end with it.
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
