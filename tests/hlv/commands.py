"""A command run as `hlv` runs it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Job
from tests.files import rows_of_all_tables


def run(*words: str | Path) -> str:
    """What the command prints."""
    out = StringIO()
    name, *arguments = map(str, words)
    call_command(name.replace("-", "_"), *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def refusal(*words: str | Path) -> str:
    """The one sentence; the command's exit code is 1, and no table has changed."""
    before = rows_of_all_tables()
    with pytest.raises(CommandError) as failed:
        run(*words)
    assert failed.value.returncode == 1
    assert rows_of_all_tables() == before
    return str(failed.value)


def failure(*words: str | Path) -> str:
    """The one sentence of a command whose job began and could not end; nothing but the job is kept."""
    with pytest.raises(CommandError) as failed:
        run(*words)
    assert failed.value.returncode == 1
    assert Job.objects.latest("pk").state == Job.State.FAILED
    return str(failed.value)
