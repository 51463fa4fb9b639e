"""Markdown of guidelines: what passes, and what cannot get through."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlv.core.rendering.markdown import render_markdown


def test_headings_begin_below_the_title_and_leave_no_level_out() -> None:
    assert re.findall(r"<h\d", render_markdown("# One\n\n#### Four\n\n## Two")) == ["<h2", "<h3", "<h3"]


def test_links_say_nofollow() -> None:
    page = render_markdown("[law](https://example.org/a?b=1&c=2)")
    assert 'href="https://example.org/a?b=1&amp;c=2"' in page
    assert 'rel="nofollow noopener noreferrer"' in page


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//elsewhere.example",
        "/sign-out/",
    ],
)
def test_only_plain_addresses_become_links(address: str) -> None:
    assert "<a" not in render_markdown(f"[press]({address})")


def test_html_and_images_stay_words() -> None:
    page = render_markdown('<img src=x onerror="a()"> ![x](https://example.org/x.png)\n\n<div>block</div>')
    assert "<img" not in page
    assert "<div" not in page


def test_lists_and_tables_turn_as_wholes_and_carry_no_style() -> None:
    page = render_markdown("1. one\n2. two\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert '<ol dir="auto">' in page
    assert '<table dir="auto">' in page
    assert "style" not in page


@given(st.text(alphabet="<>a\"'=/ \n[](){}!#*`&;:jscriptonerror-|~", max_size=200))
def test_no_tag_comes_through_that_was_not_made_here(text: str) -> None:
    made = {
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "em",
        "strong",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "a",
        "hr",
        "br",
    }
    made |= {"blockquote", "table", "thead", "tbody", "tr", "th", "td"}
    page = render_markdown(text)
    assert set(re.findall(r"</?([a-zA-Z][a-zA-Z0-9]*)", page)) <= made
    for attributes in re.findall(r"<[a-z0-9]+((?:\s+[^<>]*)?)>", page):
        assert set(re.findall(r'([a-zA-Z-]+)="', attributes)) <= {
            "href",
            "title",
            "rel",
            "dir",
            "class",
            "start",
        }
