"""An import whose process is killed leaves nothing; the same import again brings everything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from annotations.models import Import, Item, Participant, Study
from metaeval.models import Comparison, Judgment, Method
from metaeval.services.imports import import_judgments
from tests.conftest import CHECKOUT, url_of_test_database
from tests.files import write_rows
from tests.making import make_study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

N_ROWS = 7_000
KILLED_AFTER = 5_500
IMPORTS_AND_IS_KILLED = f"""
import os, signal, sys
import django
django.setup()
from pathlib import Path
from annotations.models import Study
from metaeval.services.imports import import_judgments

def tell(done, total, note):
    if done > {KILLED_AFTER}:
        os.kill(os.getpid(), signal.SIGKILL)

import_judgments(Study.objects.get(slug=sys.argv[1]), [Path(sys.argv[2])], progress=tell)
"""


def test_a_killed_import_leaves_nothing_and_comes_whole_the_next_time(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    rows = [(f"item-{place // 100}", f"w{place % 100}", "A", "B", "left") for place in range(N_ROWS)]
    path = write_rows(tmp_path / "j.csv", ("item", "judge", "left", "right", "winner"), *rows)
    killed = subprocess.run(
        [sys.executable, "-c", IMPORTS_AND_IS_KILLED, study.slug, str(path)],
        env=os.environ | {"DATABASE_URL": url_of_test_database(), "PYTHONPATH": str(CHECKOUT)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    tables = (Import, Item, Participant, Method, Comparison, Judgment)
    assert [model._default_manager.count() for model in tables] == [0] * len(tables)
    assert import_judgments(study, [path]).n_added == N_ROWS
    assert [model._default_manager.count() for model in tables] == [1, 70, 100, 2, 70, N_ROWS]
