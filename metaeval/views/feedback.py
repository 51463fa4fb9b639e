"""What a judge may be told of their own work, once it is done: nothing of methods, and nothing of others."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.models import Study
from metaeval.selectors.judgments import share_of_judge
from metaeval.selectors.monitor import judge_lines, own_consistency
from metaeval.views.judging import campaign_to_judge


@require_safe
@login_required
def judge_feedback(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """Before the end it would change how one judges."""
    campaign, participant = campaign_to_judge(request, campaign_uuid)
    done, of = share_of_judge(participant, campaign)
    is_over = Study.State.CLOSED in (campaign.state, campaign.study.state) or (done > 0 and done >= of)
    lines = judge_lines(campaign, only=participant) if is_over else []
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "is_over": is_over,
        "n_done": done,
        "n_of": of,
        "line": lines[0] if lines else None,
        "again": own_consistency(participant, campaign) if is_over else None,
    }
    return render(request, "judge/feedback.html", context)
