"""The tabs of the study a page belongs to."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from hlv.navigation import tabs_for

register = template.Library()


@register.inclusion_tag("_study_navigation.html", takes_context=True)
def study_navigation(context: Context) -> dict[str, Any]:
    request = context.get("request")
    study = context.get("study")
    if request is None or study is None:
        return {"tabs": []}
    here = request.resolver_match.view_name if request.resolver_match else ""
    return {"tabs": tabs_for(request.user, study, here=here)}
