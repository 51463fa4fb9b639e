"""make messages [LANGUAGE=fr]: the catalogues of hlv/locale in step with the sentences of the source, and compiled.

Babel reads and writes them, so that no gettext program is needed. A language that is named and has no catalogue
gets an empty one. Both files are committed: a checkout and a wheel need nothing but Python.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from gettext import GNUTranslations
from pathlib import Path
from typing import Final

import django.conf
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CHECKOUT: Final = Path(__file__).resolve().parent.parent
LOCALE: Final = CHECKOUT / "hlv" / "locale"
CODE: Final = ("hlv", "annotations", "metaeval")
# Why the data give no answer is translated where it is shown: the statistics know nothing of languages.
ERRORS: Final = re.compile(r"^class ((?:Un|No|Design)\w*Error)\(", re.MULTILINE)
STATISTICS: Final = {
    name
    for path in (CHECKOUT / "hlv" / "stats").rglob("*.py")
    for name in ERRORS.findall(path.read_text(encoding="utf-8"))
}
KEYWORDS: Final = {
    **DEFAULT_KEYWORDS,
    **{f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")},
    **dict.fromkeys(("_lazy", "gettext_noop", "noop", "translated", *STATISTICS)),
    # What a job is doing, and what it stores: the page translates it.
    "progress": (3,),
}
DJANGO: Final = Path(django.conf.__file__).parent / "locale"


def _of_code() -> Iterator[Path]:
    for folder in CODE:
        yield from (path for path in (CHECKOUT / folder).rglob("*.py") if "migrations" not in path.parts)


def _python_of(path: Path) -> str:
    """A template as Python: Django keeps its sentences and crosses out the rest."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    lines = templatize(path.read_text(encoding="utf-8"), origin=str(path)).splitlines()
    return "\n".join(line.strip() for line in lines)


def source_messages() -> Catalog:
    """Every sentence of pages and code, page by page."""
    found = Catalog(charset="utf-8")
    pages = (path for path in (CHECKOUT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
    for path in [*sorted(pages), *sorted(_of_code())]:
        source = io.BytesIO(_python_of(path).encode())
        place = [(str(path.relative_to(CHECKOUT)), 0)]
        # It warns of f-strings, which are no templates.
        with redirect_stderr(io.StringIO()):
            for _line, message, comments, context in extract("python", source, KEYWORDS, ["Translators:"]):
                found.add(message, locations=place, auto_comments=comments, context=context)
    return found


def plural_forms(language: str) -> str:
    """As Django's own catalogue of the language counts."""
    path = DJANGO / language / "LC_MESSAGES" / "django.mo"
    if not path.exists():
        raise SystemExit(f"Django has no language {language!r}: name one of those in {DJANGO}.")
    with path.open("rb") as file:
        return GNUTranslations(file).info()["plural-forms"]


def read_catalogue(language: str) -> Catalog:
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if path.exists():
        with path.open("rb") as file:
            return read_po(file, locale=language)
    header = f"Plural-Forms: {plural_forms(language)}\\n"
    empty = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"{header}"\n'
    return read_po(io.BytesIO(empty.encode()), locale=language)


def updated(catalogue: Catalog, source: Catalog) -> Catalog:
    """Without sentences that went, with those that came: those are empty, for no guess is a translation."""
    catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    for message in catalogue:
        # It has become a plural, or is one no more.
        if message.id and message.fuzzy:
            message.flags.discard("fuzzy")
            message.string = ("",) * catalogue.num_plurals if message.pluralizable else ""
    return catalogue


def text_of(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False, omit_header=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        f'"Plural-Forms: {plural_forms(str(catalogue.locale_identifier))}\\n"\n\n'
    )
    return header.encode() + file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    # No time of today: a file without news stays as it is.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(file, catalogue)
    return file.getvalue()


def is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def write_catalogue(language: str, source: Catalog) -> str:
    """How much of it is translated, in words."""
    folder = LOCALE / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = updated(read_catalogue(language), source)
    (folder / "django.po").write_bytes(text_of(catalogue))
    # What is compiled is what was written, header and all.
    (folder / "django.mo").write_bytes(compiled(read_catalogue(language)))
    messages = [message for message in catalogue if message.id]
    n_done = sum(is_translated(message) for message in messages)
    return f"{folder.parent.name}: {n_done} of {len(messages)} messages translated"


def languages() -> list[str]:
    return sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po"))


def main() -> None:
    source = source_messages()
    for language in sys.argv[1:] or languages():
        print(write_catalogue(language, source))


if __name__ == "__main__":
    main()
