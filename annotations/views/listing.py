"""Lists whose filters and orders come from closed lists, page by page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.functional import Promise

Row = TypeVar("Row")


@dataclass(frozen=True)
class Choice:
    """One value of a filter, as a link of the list: where it leads, and whether it is chosen."""

    words: str | Promise
    query: str
    is_chosen: bool


def chosen(given: QueryDict, options: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Of each filter what was asked for, or its first value; what is in no list is not found."""
    found = {}
    for name, values in options.items():
        value = given.get(name) or next(iter(values))
        if value not in values:
            raise Http404(f"No such {name}.")
        found[name] = value
    return found


def choices(
    now: Mapping[str, str], words: Mapping[str, Mapping[str, str | Promise]]
) -> dict[str, list[Choice]]:
    """The links of each filter; one changes only its own, and begins at the first page."""
    return {
        name: [
            Choice(said, urlencode({**now, name: value}), now[name] == value)
            for value, said in of_filter.items()
        ]
        for name, of_filter in words.items()
    }


def page_of(rows: Sequence[Row] | QuerySet[Any, Row], given: QueryDict, *, size: int) -> Page[Row]:
    return Paginator(rows, size).get_page(given.get("page"))
