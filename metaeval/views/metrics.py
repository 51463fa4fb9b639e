"""The better direction of an uploaded metric."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations import policy
from annotations.models import User
from metaeval.formats.evaluation_options import read_direction
from metaeval.models import Metric
from metaeval.services.metric_directions import DirectionRefusedError, correct_direction, direction_words


@require_POST
@login_required
def metric_direction(request: HttpRequest, metric_uuid: UUID) -> HttpResponse:
    metric = Metric.objects.select_related("study").filter(uuid=metric_uuid).first()
    if metric is None:
        raise Http404("No such metric.")
    policy.require(request.user, metric.study, policy.Action.IMPORT)
    higher_is_better = read_direction(request.POST.get("direction", ""))
    if higher_is_better is None:
        messages.error(request, _("Choose a direction: higher or lower is better."))
        return redirect("study", metric.study.uuid)
    try:
        changed = correct_direction(metric, higher_is_better=higher_is_better, by=cast(User, request.user))
    except DirectionRefusedError as refused:
        messages.error(request, str(refused))
    else:
        named = {"name": metric.name, "direction": direction_words(higher_is_better)}
        messages.success(
            request,
            _("%(name)s: %(direction)s now. Recompute the results that use it.") % named
            if changed
            else _("%(name)s: %(direction)s, as before.") % named,
        )
    return redirect("study", metric.study.uuid)
