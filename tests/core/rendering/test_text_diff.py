"""Which words of two texts differ, and texts as pages show them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlv.core.rendering.text_diff import MOST_WORDS, changed_markdown, changed_parts, looks_like_markdown
from metaeval.formats.outputs import names_itself


def marked(text: str, other: str) -> str:
    return "".join(
        f"[{part.words}]" if part.differs else part.words for part in changed_parts(text, other)[0]
    )


@pytest.mark.parametrize(
    ("text", "other", "found"),
    [
        ("Write to them first.", "Write to them now.", "Write to them [first.]"),
        ("Write first.", "Write first.", "Write first."),
        ("اكتب الآن", "اكتب غدا", "اكتب [الآن]"),
        ("all of it", "", "[all of it]"),
        ("", "all of it", ""),
    ],
)
def test_words_that_the_other_text_has_not_are_marked(text: str, other: str, found: str) -> None:
    assert marked(text, other) == found


@given(st.text(), st.text())
def test_parts_put_together_are_the_text(text: str, other: str) -> None:
    for parts, whole in zip(changed_parts(text, other), (text, other), strict=True):
        assert "".join(part.words for part in parts) == whole


def test_texts_too_long_to_compare_are_shown_without_marks() -> None:
    long = "word " * (MOST_WORDS + 1)
    assert [part.differs for part in changed_parts(long, "other")[0]] == [False, False]


def test_markdown_keeps_its_form_under_the_marks() -> None:
    one, other = changed_markdown("* **write** now\n* sue", "* **write** later\n* sue")
    assert one == ("<ul>\n<li><strong>write</strong> <mark>now</mark></li>\n<li>sue</li>\n</ul>\n")
    assert "<mark>later</mark>" in other


def test_differences_are_marked_in_code_and_its_blanks_stay() -> None:
    one, other = changed_markdown("`a b`\n\n```py\nx  = 1 < 2\n```", "`a c`\n\n```py\nx  = 1 < 3\n```")
    assert one == (
        '<p dir="auto"><code>a <mark>b</mark></code></p>\n'
        '<pre dir="auto"><code>x  = 1 &lt; <mark>2</mark></code></pre>'
    )
    assert "<mark>3</mark></code></pre>" in other


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[the law](https://law.example/a)", "the law (https://law.example/a)"),
        ("<https://law.example/ü>", "https://law.example/ü"),
        ("[the `code`](https://law.example)", "the <code>code</code> (https://law.example)"),
    ],
)
def test_a_link_is_text_with_its_address(source: str, shown: str) -> None:
    assert changed_markdown(source, source)[0] == f'<p dir="auto">{shown}</p>\n'


@pytest.mark.parametrize(
    ("texts", "is_markdown"),
    [
        (["# Advice", "1. Write\n2. Sue"], True),
        (["**Write** first.", "Write first."], True),
        (["Write first.", "Write now. 2 * 3 * 4", "# Advice"], False),
        ([], False),
    ],
)
def test_markdown_is_recognised_where_at_least_half_of_the_texts_use_it(
    texts: list[str], is_markdown: bool
) -> None:
    assert looks_like_markdown(texts) is is_markdown


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "![p](https://x.example/p.png)",
        "<https://x.example>",
        "| a |\n|:-:|\n| b |",
    ],
)
def test_no_html_no_address_and_no_style_of_the_source_comes_through(source: str) -> None:
    html = "".join(changed_markdown(source, "other"))
    for forbidden in ("<script", "<img", "<a ", "href", "src=", "style="):
        assert forbidden not in html.replace("&lt;", " ").replace("src=x", "").replace("<a>", "")


@pytest.mark.parametrize(
    ("text", "method", "base_model", "tells"),
    [
        ("As GPT-4, I advise you to write.", "gpt-4", "", True),
        ("As Llama I advise.", "llama-2-7b-chat", "", True),
        ("Mistral says so.", "tuned", "mistral-7b", True),
        ("Ask your landlord.", "land", "", False),
        ("It is a plain case.", "m1", "", False),
    ],
)
def test_a_text_that_names_its_method_or_its_family_tells(
    text: str, method: str, base_model: str, tells: bool
) -> None:
    assert names_itself(text, method=method, base_model=base_model) is tells
