"""Numbers in templates as sentences have them."""

from __future__ import annotations

from django import template

from hlv.core.rendering.numbers import count

register = template.Library()


@register.filter
def grouped(value: object) -> object:
    """A count with its thousands parted, 2,414; what is no count stays as it is."""
    return count(value) if isinstance(value, int) and not isinstance(value, bool) else value
