"""Empty databases for one run: SQLite as `hlv serve` makes it, and a private PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import MissingServersError, find_program, postgresql

DATABASES = ("SQLite", "PostgreSQL")


@contextmanager
def environment_on(database: str) -> Iterator[dict[str, str]]:
    """The environment of processes that work on an empty database; it goes with the block."""
    with tempfile.TemporaryDirectory(prefix="hlv-bench-") as folder:
        kept = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        given = kept | {
            "HLV_DATA_DIR": folder,
            "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
        }
        if database == "SQLite":
            yield given | {"DATABASE_URL": f"sqlite:///{Path(folder) / 'hlv.sqlite3'}"}
        elif find_program("postgres") is None:
            raise MissingServersError("PostgreSQL's programs are not on this machine")
        else:
            with postgresql() as url:
                # The private server has no database yet but its own.
                yield given | {"DATABASE_URL": f"{url.rpartition('/')[0]}/postgres"}


WORK = (
    "import json, sys, django; django.setup(); from importlib import import_module; "
    "print(json.dumps(import_module(sys.argv[1]).main(**json.loads(sys.argv[2]))))"
)


def work(module: str, environment: Mapping[str, str], **arguments: Any) -> Any:
    """What `main` of a module of ours gives, run in a process on its own database."""
    command = [sys.executable, "-W", "ignore", "-c", WORK, module, json.dumps(arguments)]
    done = subprocess.run(
        command,
        env=dict(environment) | {"DJANGO_SETTINGS_MODULE": "hlv.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.decode().splitlines()[-1])
