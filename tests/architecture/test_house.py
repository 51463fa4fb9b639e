"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from hlv.core.rendering.tables import Cell, Table, TableRow
from tests.conftest import CHECKOUT

OURS = ("hlv", "annotations", "metaeval")
LONGEST_FILE = 420
LONGEST_TEST = 520
TEMPLATES = sorted((CHECKOUT / "templates").rglob("*.html"))


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in (CHECKOUT / folder).rglob("*.py") if "migrations" not in path.parts)


def named(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_each_module_of_annotations_is_open_to_metaeval_or_forbidden() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    (side,) = (one for one in contracts["contracts"] if one.get("source_modules") == ["metaeval"])
    forbidden = {name.removeprefix("annotations.") for name in side["forbidden_modules"]}
    said = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"reaches `annotations` only through ([^.]+)\.", said)
    allowed = set(re.findall(r"`(\w+)`", sentence))
    there = {
        path.stem
        for path in (CHECKOUT / "annotations").iterdir()
        if path.stem[0] not in "._" and path.name != "py.typed"
    }
    assert allowed & forbidden == set()
    assert there - {"migrations"} == allowed | forbidden


SETTINGS = "".join(
    (CHECKOUT / "hlv" / name).read_text(encoding="utf-8") for name in ("settings.py", "sign_in_settings.py")
)


def test_every_variable_that_settings_read_stands_in_the_operations_guide() -> None:
    read = re.findall(
        r"\b(?:env\.\w+\(|_from_file\(|_at_least\(\d+,)\s*\"([A-Z_]+)\"",
        SETTINGS,
    )
    guide = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert len(read) > 5
    assert [name for name in sorted(set(read)) if f"`{name}`" not in guide] == []


def test_the_example_environment_names_only_variables_that_something_reads() -> None:
    read = SETTINGS
    compose = (CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    names = re.findall(r"^#? ?([A-Z_]+)=", example, flags=re.MULTILINE)
    assert names
    assert [name for name in names if f'"{name}"' not in read and f"{{{name}" not in compose] == []


def test_what_the_environment_may_set_reaches_the_containers_with_the_default_of_the_guide() -> None:
    guide = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    defaults = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", guide, flags=re.MULTILINE))
    compose = (CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8")
    passed = dict(re.findall(r"^    ([A-Z_]+): (.+)$", compose, flags=re.MULTILINE))
    # The image says where data are; the rest is not for a faculty.
    elsewhere = {
        "HLV_DATA_DIR",
        "HLV_DEMO_DIR",
        "HLV_STATIC_MANIFEST",
        "DEBUG",
        "SECRET_KEY",
        "HLV_METRICS_TOKEN",
    }
    assert set(defaults) == set(passed) | elsewhere
    from_env = {name for name, value in passed.items() if value.startswith(f"${{{name}:")}
    (sentence,) = re.findall(r"`\.env` may set ([^;]+);", guide)
    assert from_env == set(re.findall(r"`([A-Z_]+)`", sentence))
    # Another default than outside of containers, or none.
    without = {"BEHIND_PROXY", "HLV_UPLOAD_DIR", "HLV_LANGUAGES", "HLV_SECOND_FACTOR_ROLES"}
    for name in sorted(from_env - without - {"HLV_METRICS_TOKEN_FILE"}):
        if "?" not in passed[name]:
            assert passed[name] == f"${{{name}:-{defaults[name].strip('`')}}}"


def test_no_example_carries_a_secret() -> None:
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^#? ?\w*(?:SECRET|PASSWORD)\w*=.+$", example, flags=re.MULTILINE) == []


@pytest.mark.parametrize("app", ["annotations", "metaeval"])
def test_every_model_is_exported_by_its_package(app: str) -> None:
    package = __import__(f"{app}.models", fromlist=["models"])
    missing = [
        model.__name__
        for model in apps.get_app_config(app).get_models()
        if not hasattr(package, model.__name__)
    ]
    assert missing == []


@pytest.mark.django_db
def test_the_migrations_say_all_that_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_template_carries_what_the_content_security_policy_refuses() -> None:
    refused = {
        "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
        "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
        "a handler in an attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
        "something from another host": re.compile(r"\b(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
        "unescaped text": re.compile(r"\|\s*safe\b|\bautoescape\s+off\b|\bsafeseq\b"),
    }
    found = [
        f"{named(path)}: {what}"
        for path in TEMPLATES
        for what, pattern in refused.items()
        # A link to a licence or a paper is followed by a person; what the page loads must be ours.
        if pattern.search(re.sub(r"<a\b[^>]*>", "", path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_only_rendered_markdown_is_marked_as_safe() -> None:
    # Guidelines, criteria and outputs: rendered with HTML switched off. Rows of tables: every part escaped, below.
    found = {
        named(path)
        for path in sources(*OURS)
        if re.search(r"\bmark_safe\b|\bSafeString\b", path.read_text(encoding="utf-8"))
    }
    assert found <= {
        "hlv/core/rendering/tables.py",
        "annotations/views/study_settings.py",
        "metaeval/findings/judging_page.py",
    }


def test_every_part_of_a_table_is_escaped() -> None:
    evil = "<script>&"
    cells = [
        Cell(evil, (0.0, 1.0)),
        Cell(evil, note=evil),
        Cell(evil, reason=evil, strong=True),
    ]
    row = TableRow(head=evil, cells=cells, remark=evil, address=f'?"{evil}')
    body = Table([evil], rows=[row], note=evil).body
    assert "<script" not in body
    assert '?"' not in body
    assert body.count("&lt;script&gt;&amp;") >= 7


def test_only_the_view_that_takes_files_checks_its_token_late() -> None:
    # It must know who asks before the form is read, and checks the token of the form by itself then.
    texts = {named(path): path.read_text(encoding="utf-8") for path in sources(*OURS)}
    exempt = {name: text for name, text in texts.items() if "csrf_exempt" in text}
    assert set(exempt) <= {"hlv/importing/views.py"}
    for text in exempt.values():
        assert text.count("@csrf_exempt\n") == text.count("@csrf_protect\n") == 1


def test_no_pickle_is_read_and_no_filter_is_spelled_from_outside() -> None:
    refused = re.compile(r"allow_pickle\s*=\s*True|\bimport pickle\b|\.(?:filter|exclude)\(\*\*request\b")
    assert [named(path) for path in sources(*OURS) if refused.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_is_left_to_do_later_without_a_word_in_the_tracker() -> None:
    left = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
    files = [*sources(*OURS, "tests"), *TEMPLATES, *(CHECKOUT / "static").rglob("*.js")]
    assert [named(path) for path in files if left.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_outgrows_what_one_can_read() -> None:
    files = [*sources(*OURS, "tests"), *(CHECKOUT / "static").rglob("*.js"), *TEMPLATES]
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    limits = {name: LONGEST_TEST if name.startswith("tests/") else LONGEST_FILE for name in lengths}
    assert {name: length for name, length in lengths.items() if length > limits[name]} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty_words = {
        "utils",
        "util",
        "helpers",
        "helper",
        "manager",
        "managers",
        "data",
        "info",
        "common",
        "misc",
    }
    modules = [*sources(*OURS, "tests")]
    assert [named(path) for path in modules if empty_words & {path.stem, path.parent.name}] == []


def test_no_test_replaces_our_own_code_by_a_mock() -> None:
    found = [
        named(path)
        for path in sources("tests")
        if any(
            name.split(".")[0] in ("mock", "pytest_mock") or name.startswith("unittest.mock")
            for name in imported_names(path)
        )
    ]
    assert found == []


def test_nobody_imports_the_settings_module_or_the_tests() -> None:
    found = [
        f"{named(path)} imports {name}"
        for path in sources(*OURS)
        for name in imported_names(path)
        if name == "hlv.settings" or name.split(".")[0] == "tests"
    ]
    assert found == []


OUTWARD = {
    *("urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3", "ftplib", "telnetlib"),
    *(
        "smtplib",
        "imaplib",
        "poplib",
        "xmlrpc",
        "websocket",
        "websockets",
        "paramiko",
        "sentry_sdk",
        "webbrowser",
    ),
    *("django.core.mail", "opentelemetry", "boto3", "statsd", "socketserver"),
}


def test_nothing_is_sent_to_anyone() -> None:
    """Neither telemetry nor mail nor a look for a newer version: the program has no means to reach another host."""
    # What a researcher's notebook imports to reach their own server; the program does not.
    client = "hlv/client/"
    program = [path for path in sources(*OURS) if not named(path).startswith(client)]
    reaching = [
        f"{named(path)}: {name}"
        for path in program
        for name in imported_names(path)
        if any(name == module or name.startswith(f"{module}.") for module in OUTWARD)
    ]
    assert reaching == []
    importing = [
        named(path) for path in program for name in imported_names(path) if name.startswith("hlv.client")
    ]
    assert importing == []
    # Serving asks whether its own port is free and answers; a worker asks for the name of its machine.
    sockets = {named(path) for path in sources(*OURS) if "socket" in imported_names(path)}
    assert sockets == {"hlv/serving.py", "annotations/workers.py"}


def test_science_neither_swallows_errors_nor_turns_them_into_numbers() -> None:
    refused = re.compile(r"nan_to_num|errstate\(\s*all|except Exception|except:\s*$", re.MULTILINE)
    assert [named(path) for path in sources(*OURS) if refused.search(path.read_text(encoding="utf-8"))] == []


def test_statistics_import_numpy_and_scipy_only() -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "scipy"}
    found = [
        f"{named(path)}: {name}"
        for path in sources("hlv/stats")
        for name in imported_names(path)
        if name.split(".")[0] not in allowed and not name.startswith("hlv.stats")
    ]
    assert found == []


def test_input_is_not_checked_by_assertions_that_an_option_switches_off() -> None:
    found = [
        f"{named(path)}:{node.lineno}"
        for path in sources(*OURS)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_the_requirements_are_pinned_and_name_no_address() -> None:
    lines = (CHECKOUT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line)] == []


def test_every_need_of_the_package_is_pinned() -> None:
    import tomllib

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~! ]", need)[0].lower().replace("_", "-") for need in wanted}
    lines = (CHECKOUT / "requirements.txt").read_text(encoding="utf-8").lower().replace("_", "-").splitlines()
    assert names - {line.split("==")[0] for line in lines} == set()


def test_the_readme_is_short() -> None:
    assert len((CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()) < 100
