"""Numbers in templates as sentences have them."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def grouped(value: object) -> object:
    """A count, 2,414, as the language groups thousands; what is no count stays as it is."""
    return (
        number_format(value, force_grouping=True)
        if isinstance(value, int) and not isinstance(value, bool)
        else value
    )
