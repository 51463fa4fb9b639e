"""Docs and templates use plain words, short sentences, and links that resolve."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import CHECKOUT

# Files and folders whose sentences people read. Python files give their strings, without docstrings.
ROOTS: Final = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "templates"),
    *("metaeval/findings", "annotations/findings", "hlv/management"),
)
# Words that readers stumbled over, with what to write instead.
REFUSED: Final = {
    r"tell(?:s|ing)? (?:\w+ ){0,2}apart|told apart": "differ significantly, distinguish",
    r"rest(?:s|ed|ing)? (?:up)?on\b": "depend on",
    r"in hand\b": "current, selected",
    r"\banew\b": "again, recompute",
    r"\bst(?:ands?|ood|anding)\b(?! out)": "is, appears, is reported",
    r"\b(?:holds?|held)\b": "contains, is valid, keeps",
    r"\btaken up\b|\btook in\b|\btak(?:e|en) in hand\b": "imported, continued",
    r"\b(?:brings?|brought) (?:over|about|up|in)\b": "merges, creates, imports",
    r"\bparts? (?:the|them)\b|\bparted\b": "separates",
    r"\b(?:data|judgments|tests?|numbers?|tables?|results?|pages?|intervals?) (?:cannot )?(?:says?|tells?)\b": "show",
    r"\bsays? (?:something|nothing|so)\b": "states, shows",
    r"\btastes?\b": "preferences",
    r"\bboards?\b": "comparison counts, campaign",
    r"\bbeside (?:it|them|the numbers?)\b(?! while)": "also, next to",
    r"\bone mind\b|\bcomes? nearest\b|\bcannot say\b": "everyone agrees, agrees best, do not show",
}
# (file, words): why these words are right there.
ALLOWED: Final = {
    ("docs/operations.md", "beside it"): "the write-ahead log really is next to the database file",
}
LONGEST_SENTENCE: Final = 30
DOCS: Final = sorted(
    [*(CHECKOUT / "docs").rglob("*.md"), *(CHECKOUT / name for name in ROOTS if name.endswith(".md"))]
)
PAGES_OF_SCIENCE: Final = sorted((CHECKOUT / "docs" / "science").glob("*.md"))


def named(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def words_of_markdown(text: str) -> str:
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "x", text)
    return re.sub(r"\]\([^)]*\)", "]", text)


def words_of_template(text: str) -> str:
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", " ", text, flags=re.DOTALL)
    translated = re.findall(r"""{%\s*trans(?:late)?\s+(?:"([^"]*)"|'([^']*)')""", text)
    shown = re.sub(r"<[^>]*>", " ", re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL))
    return "\n".join([*(one or other for one, other in translated), shown])


def words_of_code(text: str) -> str:
    tree = ast.parse(text)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return "\n".join(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and " " in node.value
        and id(node) not in docstrings
    )


READERS: Final = {".md": words_of_markdown, ".html": words_of_template, ".py": words_of_code}


def files(*roots: str) -> Iterator[Path]:
    for root in roots:
        path = CHECKOUT / root
        found = [path] if path.is_file() else path.rglob("*")
        yield from sorted(one for one in found if one.suffix in READERS)


def refused_words(path: Path) -> Iterator[tuple[str, str]]:
    words = " ".join(READERS[path.suffix](path.read_text(encoding="utf-8")).split())
    for pattern, instead in REFUSED.items():
        for match in re.finditer(pattern, words, flags=re.IGNORECASE):
            if (named(path), match[0].lower()) not in ALLOWED:
                around = words[max(0, match.start() - 30) : match.end() + 30]
                yield named(path), f"“{match[0]}” in “{around}”: write {instead}"


@pytest.mark.parametrize("root", ROOTS)
def test_no_sentence_uses_words_that_readers_stumbled_over(root: str) -> None:
    assert [found for path in files(root) for found in refused_words(path)] == []


def test_each_allowed_word_is_still_in_its_file() -> None:
    for name, words in ALLOWED:
        path = CHECKOUT / name
        text = " ".join(READERS[path.suffix](path.read_text(encoding="utf-8")).split())
        assert words in text.lower(), f"{name} no longer needs “{words}”"


def paragraphs(text: str) -> Iterator[str]:
    """Prose without headings, tables and code; a bullet is a paragraph."""
    lines: list[str] = []
    for line in [*words_of_markdown(text).splitlines(), ""]:
        starts = re.match(r"\s*(?:[-*]|\d+\.) ", line)
        ends = not line.strip() or line.startswith(("#", "|", "![", "<!--"))
        if (starts or ends) and lines:
            yield " ".join(lines)
            lines = []
        if not ends:
            lines.append(line.strip())


def long_sentences(text: str) -> list[str]:
    return [
        sentence
        for paragraph in paragraphs(text)
        if "·" not in paragraph
        for sentence in re.split(r"(?<=[.!?])\s+", paragraph)
        if len(re.findall(r"\w[\w'’-]*", sentence)) > LONGEST_SENTENCE
    ]


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_no_sentence_of_the_docs_is_long(page: Path) -> None:
    assert long_sentences(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES_OF_SCIENCE, ids=named)
def test_each_page_of_science_begins_with_plain_words(page: Path) -> None:
    title, lead, *_ = page.read_text(encoding="utf-8").split("\n\n")
    assert title.startswith("# ")
    assert not lead.startswith(("|", "#", "-", "Code:", "`", "@"))
    assert not re.search(r"[=σΣ²]", lead)


def slug(heading: str) -> str:
    plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)}


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_each_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.is_file() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    assert broken == []


def test_the_contents_list_every_page_of_the_docs() -> None:
    index = CHECKOUT / "docs" / "README.md"
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in re.findall(r"\]\(([^)\s]+)\)", index.read_text(encoding="utf-8"))
    }
    records = {path for path in DOCS if path.parent.name == "decisions" and path.name != "README.md"}
    assert set(DOCS) - records - linked - {index} == set()
