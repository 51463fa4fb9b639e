"""The `hlv` command: our sub-commands spelled with hyphens, Django's beside them, errors in one sentence.

Exit codes: 0 done; 1 an error, or the data do not allow an answer; 2 not used as its help says; 130 Ctrl-C.
"""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, ManagementUtility, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError
from django.utils import translation

from hlv import __version__
from hlv.core.stored_results import StoredResultError

OUR_APP = "hlv"
ASKS_FOR_HELP = {"-h", "--help"}


def _folder_of_commands() -> Path:
    spec = find_spec(OUR_APP)
    places = (spec.submodule_search_locations if spec else None) or ["."]
    return Path(places[0]) / "management" / "commands"


def our_commands() -> frozenset[str]:
    """The module names of our sub-commands, found without loading settings."""
    return frozenset(
        module.name for module in iter_modules([str(_folder_of_commands())]) if module.name[0] != "_"
    )


@contextmanager
def temporary_data_folder(only_help: bool) -> Iterator[None]:
    """Asking for help must not make a data folder where somebody happens to stand."""
    if not only_help:
        yield
        return
    given = os.environ.get("HLV_DATA_DIR")
    with tempfile.TemporaryDirectory(prefix="hlv-help-") as folder:
        os.environ["HLV_DATA_DIR"] = folder
        try:
            yield
        finally:
            os.environ.pop("HLV_DATA_DIR")
            if given is not None:
                os.environ["HLV_DATA_DIR"] = given


def _help_of(name: str) -> str:
    """Read from the command's text: to load all of them, with all that they compute with, takes seconds."""
    text = (_folder_of_commands() / f"{name}.py").read_text(encoding="utf-8")
    for statement in ast.walk(ast.parse(text)):
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "help" for target in statement.targets
        ):
            return str(ast.literal_eval(statement.value))
    return ""


def _overview(program: str) -> str:
    lines = [f"usage: {program} COMMAND ...", "", "Commands:"]
    ours = our_commands()
    width = max(map(len, ours)) + 1
    for name in sorted(ours):
        sentence = " ".join(_help_of(name).split()).split(". ")[0].rstrip(".")
        lines.append(f"  {name.replace('_', '-'):<{width}} {sentence}")
    lines += [
        "",
        f"`{program} COMMAND --help` says more, with an example.",
        f"Django's own commands are here too: `{program} help --commands` names them.",
    ]
    return "\n".join(lines)


def _run_ours(command: BaseCommand, program: str, spelled: str, rest: Sequence[str]) -> None:
    from hlv.database import prepare_database  # after django.setup(): it reads the settings

    if getattr(command, "needs_database", True) and not ASKS_FOR_HELP.intersection(rest):
        prepare_database()
    # With --traceback Django hands a CommandError on instead of printing it: the words are ours to choose.
    command.run_from_argv([program, spelled, "--traceback", *rest])
    if not ASKS_FOR_HELP.intersection(rest):
        from hlv.security_log import log_command

        log_command(spelled, rest)


def _use_demonstration_data() -> None:
    """Invented people never stand among the user's: a folder, a database and a broker of their own."""
    os.environ["HLV_DATA_DIR"] = os.environ.get("HLV_DEMO_DIR", "demo-data")
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)


def _set_up() -> None:
    """Load settings and apps; what the environment says wrongly is told in words."""
    try:
        _ = settings.INSTALLED_APPS
    except ValueError as error:
        raise ImproperlyConfigured(f"A variable of the environment cannot be read: {error}") from error
    except OSError as error:
        raise ImproperlyConfigured(f"The data folder cannot be used: {error}") from error
    django.setup()
    follow_environment()


def follow_environment() -> None:
    """Print in the language of the terminal, such as LANG=ar_EG.UTF-8, where there is a catalogue."""
    from hlv.core.languages import is_offered  # after django.setup()

    given = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    language = given.partition(".")[0].partition("_")[0].lower()
    if is_offered(language):
        translation.activate(language)


def _run(arguments: Sequence[str]) -> None:
    program = Path(arguments[0]).name
    spelled, rest = (arguments[1], arguments[2:]) if len(arguments) > 1 else ("--help", [])
    if spelled == "help" and rest and not rest[0].startswith("-"):
        spelled, rest = rest[0], ["--help"]
    only_help = spelled in ASKS_FOR_HELP or spelled == "help" or bool(ASKS_FOR_HELP.intersection(rest))
    name = spelled.replace("-", "_")
    ours = our_commands()
    if name == "demo":
        _use_demonstration_data()
    with temporary_data_folder(only_help):
        if spelled == "--version":
            print(f"hlv {__version__}")
        elif spelled in ASKS_FOR_HELP or (spelled == "help" and not rest):
            _set_up()
            print(_overview(program))
        elif name in ours:
            _set_up()
            _run_ours(load_command_class(OUR_APP, name), program, spelled, rest)
        else:
            _set_up()
            _run_djangos(program, spelled, rest)


def _run_djangos(program: str, spelled: str, rest: Sequence[str]) -> None:
    known = get_commands()
    if spelled not in known and spelled != "help":
        near = get_close_matches(spelled, [name.replace("_", "-") for name in our_commands()], n=1)
        hint = f"did you mean {near[0]}?" if near else f"`{program} --help` names them all."
        raise CommandError(f"There is no command {spelled!r}; {hint}", returncode=2)
    if spelled == "migrate" and not ASKS_FOR_HELP.intersection(rest):
        from hlv.database import refuse_another_version

        refuse_another_version()
    ManagementUtility([program, spelled, *rest]).execute()


def main(argv: Sequence[str] | None = None) -> None:
    arguments = list(sys.argv if argv is None else argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hlv.settings")
    show_traceback = "--traceback" in arguments
    try:
        _run(arguments)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away, as `hlv ... | head` does. Python would complain once more
        # when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (CommandError, ImproperlyConfigured, StoredResultError) as error:
        if show_traceback:
            raise
        print(str(error), file=sys.stderr)
        sys.exit(getattr(error, "returncode", 1))
    except (DatabaseError, InterfaceError, OSError) as error:
        sentence = None if show_traceback else _sentence_of(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        sys.exit(1)


def _sentence_of(error: Exception) -> str | None:
    """What the user can do something about; None for a fault of ours."""
    from hlv import outages  # after django.setup()

    outage = outages.outage_of(error)
    if outage is None:
        return None
    if outage == outages.DATABASE_BUSY:
        return (
            "Another program is writing to the database, perhaps a large import: try again when it has ended."
        )
    return f"{outage.sentence.removesuffix('.')}: {' '.join(str(error).split())}"


if __name__ == "__main__":
    main()
