"""The command line as a person meets it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.db import connection

from hlv.cli import main, our_commands
from tests.conftest import CHECKOUT, OwnPlace


def test_help_names_every_command_of_ours_with_hyphens(own_place: OwnPlace) -> None:
    shown = own_place.hlv("--help")
    assert shown.returncode == 0
    for name in our_commands():
        assert f"  {name.replace('_', '-')} " in shown.stdout


def test_a_command_loads_no_pages(own_place: OwnPlace) -> None:
    """They take longer to load than most commands need; Django's checks would load all of them."""
    script = "import django, sys; django.setup(); print([name for name in sys.modules if '.views' in name])"
    set_up = subprocess.run(
        [sys.executable, "-c", script],
        env=own_place.environment | {"DJANGO_SETTINGS_MODULE": "hlv.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    ours = [load_command_class("hlv", name) for name in our_commands()]
    pages = [
        name for name in literal_eval(set_up.stdout) if name.startswith(("hlv.", "annotations.", "metaeval."))
    ]
    assert pages == []
    assert all(not command.requires_system_checks for command in ours)


def test_asking_for_help_leaves_no_data_folder_behind(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)}
    for arguments in (["--help"], ["create-person", "--help"], ["--version"]):
        subprocess.run(
            [sys.executable, "-m", "hlv.cli", *arguments],
            cwd=tmp_path,
            env=bare,
            check=True,
            capture_output=True,
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.both_databases
def test_a_command_migrates_an_empty_database_and_prints_a_link(empty_place: OwnPlace) -> None:
    made = empty_place.hlv("create-person", "Lin@Example.org", "--name", "Lin Okafor")
    assert made.returncode == 0, made.stderr
    assert "lin@example.org signs in once" in made.stdout
    assert "/sign-in/" in made.stdout
    assert empty_place.hlv("migrate", "--check").returncode == 0


@pytest.mark.both_databases
def test_the_same_person_twice_is_one_person_with_two_links(own_place: OwnPlace) -> None:
    links = {own_place.hlv("create-person", "lin@example.org").stdout.split()[-1] for _ in range(2)}
    people = own_place.hlv(
        "shell", "--no-imports", "-c", "from annotations.models import User; print(User.objects.count())"
    )
    assert len(links) == 2
    assert people.stdout.strip() == "1"


def test_an_error_is_one_sentence_and_exit_code_1(own_place: OwnPlace) -> None:
    failed = own_place.hlv("create-person", "nobody")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "'nobody' is not an e-mail address.\n"


def test_wrong_use_is_exit_code_2(own_place: OwnPlace) -> None:
    assert own_place.hlv("create-person").returncode == 2
    unknown = own_place.hlv("create-persn")
    assert unknown.returncode == 2
    assert unknown.stderr == "There is no command 'create-persn'; did you mean create-person?\n"


def test_manage_py_offers_the_same_commands(own_place: OwnPlace) -> None:
    shown = subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), "--help"],
        env=own_place.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "create-person" in shown.stdout


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DATABASE_URL": "mysql://u@h/d", "SECRET_KEY": "x" * 40}, "DATABASE_URL must begin with"),
        ({"DATABASE_URL": "postgres://u@127.0.0.1:1/d", "SECRET_KEY": ""}, "Set SECRET_KEY"),
        (
            {"DATABASE_URL": "postgres://u@127.0.0.1:1/d", "SECRET_KEY": "x" * 40},
            "The database does not answer",
        ),
        ({"HLV_JOB_SILENCE_SECONDS": "soon"}, "A variable of the environment cannot be read"),
        (
            {"HLV_DATA_DIR": "/proc/none", "DATABASE_URL": "sqlite:////proc/none/d"},
            "The data folder cannot be used",
        ),
    ],
)
def test_a_wrong_setting_is_said_in_words(
    own_place: OwnPlace, variables: dict[str, str], sentence: str
) -> None:
    failed = own_place.hlv("create-person", "lin@example.org", **variables)
    assert failed.returncode == 1
    assert failed.stderr.startswith(sentence)
    assert "Traceback" not in failed.stderr


@pytest.mark.both_databases
def test_a_deployed_database_that_is_behind_is_refused_and_the_embedded_one_brought_up(
    own_place: OwnPlace,
) -> None:
    assert own_place.hlv("create-person", "lin@example.org").returncode == 0
    last = "from django.db import connection; connection.cursor().execute("
    last += "\"delete from django_migrations where app = 'sessions'\"); "
    last += "connection.cursor().execute('drop table django_session')"
    own_place.hlv("shell", "--no-imports", "-c", last)
    again = own_place.hlv("create-person", "lin@example.org")
    if own_place.database_url.startswith("sqlite"):
        assert again.returncode == 0, again.stderr
    else:
        assert again.returncode == 1
        assert "hlv migrate" in again.stderr


@pytest.mark.embedded
def test_two_commands_at_once_on_an_empty_folder_both_succeed(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "HLV_DATA_DIR": str(tmp_path / "data")}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "hlv.cli", "create-person", f"{name}@example.org"],
            env=bare,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in ("lin", "sam")
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    with sqlite3.connect(tmp_path / "data" / "hlv.sqlite3") as database:
        assert database.execute("select count(*) from annotations_user").fetchone() == (2,)
    database.close()


def test_a_reader_that_goes_away_is_no_traceback(own_place: OwnPlace) -> None:
    piped = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m hlv.cli --help | true"],
        env=own_place.environment | {"PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in piped.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.embedded
def test_while_another_program_writes_a_command_asks_to_try_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    writer = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(SystemExit) as ended:
            main(["hlv", "create-person", "lin@example.org"])
    finally:
        writer.close()
        connection.close()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert told.startswith("Another program is writing to the database")
    assert told.endswith("try again when it has ended.\n")
