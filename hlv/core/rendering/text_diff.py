"""Which words of two texts differ, and texts as pages show them: plain, or a small part of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal
from urllib.parse import unquote

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
    *("emphasis", "backticks", "escape", "newline", "strikethrough", "entity", "link", "autolink"),
)
_CODE_BLOCKS = ("fence", "code_block")


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
    """HTML of both, safe to show, with `<mark>` around what differs, in code too: no HTML or pictures of the source.

    A link is its words and its address: nobody leaves a pair by a click.
    """
    parser = MarkdownIt("zero", {"html": False}).enable(list(_RULES))
    parsed = _plain_tokens(parser.parse(one)), _plain_tokens(parser.parse(other))
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


def _plain_tokens(tokens: Sequence[Token]) -> list[Token]:
    """Code as text between tags, so that its words can be marked, and links as text."""
    found: list[Token] = []
    for token in tokens:
        if token.type in _CODE_BLOCKS:
            code = Token("inline", "", 0, children=_code(token.content.removesuffix("\n")))
            found += [Token("pre_open", "pre", 1, attrs={"dir": "auto"}), code, Token("pre_close", "pre", -1)]
            continue
        if token.children:
            token.children = list(_plain_leaves(token.children))
        found.append(token)
    return found


def _plain_leaves(leaves: Sequence[Token]) -> Iterator[Token]:
    address, words = "", ""
    for leaf in leaves:
        if leaf.type == "link_open":
            address, words = str(leaf.attrs["href"]), ""
        elif leaf.type == "link_close":
            # An address in angle brackets is its own words.
            if unquote(address) != unquote(words):
                yield Token("text", "", 0, content=f" ({address})")
        elif leaf.type == "code_inline":
            words += leaf.content
            yield from _code(leaf.content)
        else:
            words += leaf.content
            yield leaf


def _code(content: str) -> list[Token]:
    return [
        Token("code_open", "code", 1),
        Token("text", "", 0, content=content),
        Token("code_close", "code", -1),
    ]


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


# Blocks and inline marks that plain prose does not have by chance.
_MARKDOWN = frozenset(
    {
        "heading_open",
        "bullet_list_open",
        "ordered_list_open",
        "fence",
        "table_open",
        "strong_open",
        "code_inline",
    }
)


def looks_like_markdown(texts: Sequence[str]) -> bool:
    """Whether at least half of these outputs use Markdown."""
    parser = MarkdownIt("zero", {"html": False}).enable(list(_RULES))

    def uses_it(text: str) -> bool:
        tokens = parser.parse(text)
        leaves = [child for token in tokens for child in token.children or []]
        return any(token.type in _MARKDOWN for token in [*tokens, *leaves])

    return bool(texts) and 2 * sum(map(uses_it, texts)) >= len(texts)


Kind = Literal["same", "added", "removed"]

# A line longer than this is shown whole, before and after: comparing words grows with the square of their number.
MOST_PIECES = 1500
# Lines this much alike are one line that changed; others are one that went and one that came.
ALIKE = 0.4
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str


@dataclass(frozen=True)
class Line:
    """`kind` is "changed" where its pieces differ in kind."""

    kind: Kind | Literal["changed"]
    pieces: tuple[Piece, ...]


def changed_lines(old: str, new: str) -> list[Line]:
    """All lines of both, in order; a changed one holds what went and what came."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal":
            found += [_whole("same", line) for line in before[start:end]]
        else:
            found += _replaced(before[start:end], after[new_start:new_end])
    return found


def _whole(kind: Kind, line: str) -> Line:
    return Line(kind, (Piece(kind, line),))


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    """Lines in pairs as far as they are alike; the rest went or came whole."""
    for one, other in zip(before, after, strict=False):
        yield from _pair(one, other)
    yield from (_whole("removed", line) for line in before[len(after) :])
    yield from (_whole("added", line) for line in after[len(before) :])


def _pair(old: str, new: str) -> list[Line]:
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    if max(len(before), len(after)) <= MOST_PIECES:
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        if matcher.ratio() >= ALIKE:
            return [Line("changed", tuple(_pieces(matcher, before, after)))]
    return [_whole("removed", old), _whole("added", new)]


def _pieces(matcher: SequenceMatcher[str], before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal":
            yield Piece("same", "".join(before[start:end]))
            continue
        if start < end:
            yield Piece("removed", "".join(before[start:end]))
        if new_start < new_end:
            yield Piece("added", "".join(after[new_start:new_end]))
