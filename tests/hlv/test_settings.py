"""Settings come from the environment, and what would be unsafe does not start."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

SHOW = """
import json, sys
from hlv import settings
names = sys.argv[1:]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def settings_with(folder: Path, *names: str, **variables: str) -> dict[str, object]:
    """What settings are under these variables, read by a process of its own."""
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "HLV_DATA_DIR": str(folder / "data")}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW, *names],
        env=bare | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.returncode != 0:
        raise AssertionError(shown.stderr.splitlines()[-1])
    found: dict[str, object] = json.loads(shown.stdout)
    return found


DEPLOYED = {
    "DATABASE_URL": "postgres://u:p@database/hlv",
    "REDIS_URL": "redis://broker/0",
    "SECRET_KEY": "k" * 50,
}


def test_the_embedded_way_makes_a_key_that_only_its_owner_reads_and_keeps_it(tmp_path: Path) -> None:
    first = settings_with(tmp_path, "SECRET_KEY")
    assert len(str(first["SECRET_KEY"])) >= 50
    assert settings_with(tmp_path, "SECRET_KEY") == first
    mode = stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode)
    assert mode == 0o600


def test_a_key_that_a_copy_left_open_is_closed_again(tmp_path: Path) -> None:
    settings_with(tmp_path, "SECRET_KEY")
    key = tmp_path / "data" / "secret.key"
    key.chmod(0o644)
    settings_with(tmp_path, "SECRET_KEY")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_broken_or_short_key_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").touch()
    with pytest.raises(AssertionError, match="holds no key, or a broken one"):
        settings_with(tmp_path, "SECRET_KEY")
    with pytest.raises(AssertionError, match="SECRET_KEY has 1 characters, so it can be guessed"):
        settings_with(tmp_path, "SECRET_KEY", **(DEPLOYED | {"SECRET_KEY": "x"}))


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert settings_with(tmp_path / "a", "SECRET_KEY") != settings_with(tmp_path / "b", "SECRET_KEY")


def test_a_deployed_one_without_a_key_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Set SECRET_KEY to a long random text"):
        settings_with(tmp_path, "SECRET_KEY", **(DEPLOYED | {"SECRET_KEY": ""}))
    assert not (tmp_path / "data" / "secret.key").exists()


def test_a_deployed_one_answers_no_host_until_it_is_told_which(tmp_path: Path) -> None:
    assert settings_with(tmp_path, "ALLOWED_HOSTS", **DEPLOYED) == {"ALLOWED_HOSTS": []}
    told = settings_with(tmp_path, "ALLOWED_HOSTS", **DEPLOYED, ALLOWED_HOSTS="a.example.org,b.example.org")
    assert told == {"ALLOWED_HOSTS": ["a.example.org", "b.example.org"]}


def test_the_deployment_check_names_what_is_missing(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "HLV_DATA_DIR": str(tmp_path / "data")}
    checked = subprocess.run(
        [sys.executable, "-m", "hlv.cli", "check", "--deploy"],
        env=bare | DEPLOYED | {"REDIS_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    assert "hlv.E001" in checked.stderr
    assert "hlv.E002" in checked.stderr


def test_debugging_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert settings_with(tmp_path, "DEBUG") == {"DEBUG": False}


def test_debugging_with_open_hosts_does_not_start(tmp_path: Path) -> None:
    for hosts in ("*", "hlv.example.org", "localhost,192.0.2.1"):
        with pytest.raises(AssertionError, match="DEBUG shows settings and rows to everybody"):
            settings_with(tmp_path, "DEBUG", DEBUG="1", ALLOWED_HOSTS=hosts)
    assert settings_with(tmp_path, "DEBUG", DEBUG="1") == {"DEBUG": True}


def test_folders_that_were_there_are_closed_to_others(tmp_path: Path) -> None:
    folders = [tmp_path / "data", tmp_path / "data" / "uploads", tmp_path / "data" / "broker"]
    for folder in folders:
        folder.mkdir()
        folder.chmod(0o755)
    settings_with(tmp_path, "SECRET_KEY")
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3


def test_cookies_belong_to_the_host_alone_over_tls(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    secure = settings_with(tmp_path, *names, BASE_URL="https://hlv.example.org/")
    assert set(secure.values()) == {"__Host-sessionid", "__Host-csrftoken"}
    assert set(settings_with(tmp_path, *names).values()) == {"sessionid", "csrftoken"}


def test_an_address_with_tls_brings_secure_cookies(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    plain = settings_with(tmp_path, *names)
    secure = settings_with(tmp_path, *names, BASE_URL="https://hlv.example.org/")
    assert set(plain.values()) == {False}
    assert set(secure.values()) == {True}


def test_the_database_folder_follows_the_data_folder(tmp_path: Path) -> None:
    found = settings_with(tmp_path, "DATABASES", "EMBEDDED")
    assert found["EMBEDDED"] is True
    assert str(tmp_path / "data" / "hlv.sqlite3") in str(found["DATABASES"])


def test_languages_are_those_translated_or_those_named(tmp_path: Path) -> None:
    both = {"LANGUAGES": [["en", "English"], ["ar", "العربيّة"]]}
    assert settings_with(tmp_path, "LANGUAGES", HLV_LANGUAGES="") == both
    named = settings_with(tmp_path, "LANGUAGES", HLV_LANGUAGES="fr")
    assert named == {"LANGUAGES": [["en", "English"], ["fr", "français"]]}
    with pytest.raises(AssertionError, match="HLV_LANGUAGES names 'xx', which is no language of Django"):
        settings_with(tmp_path, "LANGUAGES", HLV_LANGUAGES="ar,xx")


def test_secrets_may_be_files(tmp_path: Path) -> None:
    for name in ("key", "database", "broker"):
        (tmp_path / name).write_text(f"{name[0]}{'/x' * 20}\n")
    variables = DEPLOYED | {
        "SECRET_KEY": "",
        "DATABASE_URL": "postgres://hlv@database/hlv",
        "SECRET_KEY_FILE": str(tmp_path / "key"),
        "DATABASE_PASSWORD_FILE": str(tmp_path / "database"),
        "REDIS_PASSWORD_FILE": str(tmp_path / "broker"),
    }
    found = settings_with(tmp_path, "SECRET_KEY", "REDIS_URL", "DATABASES", **variables)
    assert found["SECRET_KEY"] == "k" + "/x" * 20
    assert found["REDIS_URL"] == f"redis://:b{'%2Fx' * 20}@broker/0"
    assert f"'PASSWORD': 'd{'/x' * 20}'" in str(found["DATABASES"]).replace('"', "'")
    with pytest.raises(AssertionError, match="SECRET_KEY_FILE names a file that cannot be read"):
        settings_with(tmp_path, "SECRET_KEY", **(variables | {"SECRET_KEY_FILE": "/none"}))


def test_postgresql_is_given_up_when_it_is_silent(tmp_path: Path) -> None:
    found = settings_with(
        tmp_path, "POSTGRESQL_OPTIONS", "DATABASES", HLV_DATABASE_CONNECT_SECONDS="3", **DEPLOYED
    )
    options = found["POSTGRESQL_OPTIONS"]
    assert isinstance(options, dict)
    assert options["connect_timeout"] == 3
    assert options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"] <= 30
    assert "tcp_user_timeout" in str(found["DATABASES"])
