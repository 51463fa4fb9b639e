"""Markdown of guidelines to HTML that is safe to show: a small subset, no raw HTML, no images."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Lists and tables turn as wholes, so that markers and columns stand on one side.
_TURNING = frozenset(
    {"paragraph_open", "heading_open", "bullet_list_open", "ordered_list_open", "table_open"}
)
_SCHEMES = frozenset({"http", "https", "mailto"})
# The page's own title is the only h1.
_TOP_HEADING = 2


def _link_is_plain(address: str) -> bool:
    try:
        return urlsplit(address.strip()).scheme.lower() in _SCHEMES
    except ValueError:
        return False


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    parser.enable("table").disable(["image", "html_block", "html_inline"])
    # Relative addresses and schemes a browser might act upon stay plain text.
    parser.validateLink = _link_is_plain  # type: ignore[assignment]  # replaced on the object, as its docs say
    return parser


def fit_headings(tokens: Sequence[Token], *, top: int = _TOP_HEADING) -> None:
    """Move headings to `top` and below without leaving a level out, as screen readers expect."""
    level = top - 1
    for token in tokens:
        if token.type == "heading_open":
            level = min(int(token.tag[1]) + top - 1, level + 1, 6)
            token.tag = f"h{level}"
        elif token.type == "heading_close":
            token.tag = f"h{level}"


def render_markdown(text: str) -> str:
    """HTML of a guideline; every block finds its own direction, every link says `nofollow`."""
    parser = _parser()
    tokens = parser.parse(text)
    fit_headings(tokens)
    depth_of_list = 0
    for token in tokens:
        # A block with its own direction would not count towards that of the list around it.
        if token.type in _TURNING and not depth_of_list:
            token.attrSet("dir", "auto")
        if token.type in ("bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"):
            depth_of_list += token.nesting
        # Alignment in tables comes as a style attribute, which the content policy forbids.
        token.attrs.pop("style", None)
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("rel", "nofollow noopener noreferrer")
    return str(parser.renderer.render(tokens, parser.options, {}))
