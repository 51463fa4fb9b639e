"""Which words of two texts differ, and texts as pages show them: plain, or a small part of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from markdown_it import MarkdownIt
from markdown_it.token import Token

from hlv.core.rendering.markdown import fit_headings

_WORD = re.compile(r"\S+")
# Comparing takes the product of both: longer texts are shown without marks.
MOST_WORDS = 3000
# An output stands under the heading of its side.
_TOP_HEADING = 3
_RULES = (
    *("paragraph", "heading", "list", "blockquote", "code", "fence", "hr", "table"),
    *("emphasis", "backticks", "escape", "newline", "strikethrough", "entity"),
)


@dataclass(frozen=True)
class Part:
    """Some words and the blanks around them, in one piece where they differ alike."""

    words: str
    differs: bool


def changed_words(one: Sequence[str], other: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Of each word of both, whether the other text has it not in this place."""
    flags = [True] * len(one), [True] * len(other)
    if max(len(one), len(other)) > MOST_WORDS:
        return [False] * len(one), [False] * len(other)
    for block in SequenceMatcher(a=list(one), b=list(other), autojunk=False).get_matching_blocks():
        for flagged, start in zip(flags, (block.a, block.b), strict=True):
            flagged[start : start + block.size] = [False] * block.size
    return flags


def changed_parts(one: str, other: str) -> tuple[list[Part], list[Part]]:
    """Both texts in pieces; put together they are what they were."""
    found = changed_words(_WORD.findall(one), _WORD.findall(other))
    return _parts(one, found[0]), _parts(other, found[1])


def changed_markdown(one: str, other: str) -> tuple[str, str]:
    """HTML of both, safe to show, with `<mark>` around what differs: no HTML, links or pictures of the source."""
    parser = MarkdownIt("zero", {"html": False}).enable(list(_RULES))
    parsed = parser.parse(one), parser.parse(other)
    words = [[word for leaf in _leaves(tokens) for word in _WORD.findall(leaf.content)] for tokens in parsed]
    flags = changed_words(*words)
    return _rendered(parser, parsed[0], flags[0]), _rendered(parser, parsed[1], flags[1])


def _parts(text: str, flags: Sequence[bool]) -> list[Part]:
    """Blanks between two words that differ belong to them; all others are as plain as what is alike."""
    parts: list[Part] = []
    end, before = 0, False
    for match, differs in zip(_WORD.finditer(text), flags, strict=True):
        blank = text[end : match.start()]
        if parts and before == differs:
            parts[-1] = Part(parts[-1].words + blank + match[0], differs)
        else:
            if blank and differs:
                parts.append(Part(blank, False))
                blank = ""
            parts.append(Part(blank + match[0], differs))
        end, before = match.end(), differs
    return [*parts, Part(text[end:], False)] if text[end:] else parts


def _leaves(tokens: Sequence[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or [] if child.type == "text"]


def _rendered(parser: MarkdownIt, tokens: Sequence[Token], flags: Sequence[bool]) -> str:
    left = iter(flags)
    fit_headings(tokens, top=_TOP_HEADING)
    for token in tokens:
        # Alignment in tables comes as a style attribute, which the content policy forbids.
        token.attrs.pop("style", None)
        if token.type in ("paragraph_open", "heading_open", "table_open"):
            token.attrSet("dir", "auto")
        if token.children:
            token.children = [piece for child in token.children for piece in _marked(child, left)]
    return str(parser.renderer.render(list(tokens), parser.options, {}))


def _marked(leaf: Token, left: Iterator[bool]) -> list[Token]:
    if leaf.type != "text":
        return [leaf]
    n_words = len(_WORD.findall(leaf.content))
    flags = [next(left) for _ in range(n_words)]
    pieces: list[Token] = []
    for part in _parts(leaf.content, flags) or [Part(leaf.content, False)]:
        text = Token("text", "", 0, content=part.words)
        if part.differs:
            pieces += [Token("mark_open", "mark", 1), text, Token("mark_close", "mark", -1)]
        else:
            pieces.append(text)
    return pieces
