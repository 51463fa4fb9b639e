"""Filters and tags of templates."""

from __future__ import annotations

from django.template import Context

from hlv.templatetags.navigation import study_navigation
from hlv.templatetags.numbers import grouped


def test_a_count_has_thousands_and_other_values_stay() -> None:
    assert [grouped(value) for value in (2414, True, "2414", None)] == ["2,414", True, "2414", None]


def test_a_page_without_a_study_has_no_tabs() -> None:
    assert study_navigation(Context()) == {"tabs": []}
