"""What a judge may be told of their own work: nothing of methods, and nothing of others."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.models import Study
from annotations.selectors.item_paragraphs import opening
from metaeval.forms import VERDICT_WORDS
from metaeval.selectors.exposures import own_judgments
from metaeval.selectors.judge_quota import judge_share, share_lately
from metaeval.selectors.monitor import judge_lines, own_consistency
from metaeval.views.judging import campaign_to_judge, step_words

JUDGMENTS_OF_A_PAGE = 25


@require_safe
@login_required
def judge_feedback(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """Before the end it would change how one judges."""
    campaign, participant = campaign_to_judge(request, campaign_uuid)
    share = judge_share(participant, campaign)
    is_closed = Study.State.CLOSED in (campaign.state, campaign.study.state)
    is_over = is_closed or (share.n_done > 0 and share.is_over)
    lines = judge_lines(campaign, only=participant) if is_over else []
    line = lines[0] if lines else None
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "is_over": is_over,
        "share": share,
        "line": line,
        "whole_seconds": None if line is None or line.median_seconds is None else round(line.median_seconds),
        "again": own_consistency(participant, campaign) if is_over else None,
    }
    return render(request, "judge/feedback.html", context)


@require_safe
@login_required
def my_judgments(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """What one said oneself, of pairs that only their own names tell apart; each leads to where it may be changed."""
    campaign, participant = campaign_to_judge(request, campaign_uuid)
    paginator = Paginator(own_judgments(participant, campaign), JUDGMENTS_OF_A_PAGE)
    try:
        page = paginator.page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404("No such page.") from error
    lines = [
        {
            "judgment": judgment,
            # What the address begins with: all that anybody's browser knows of what was shown.
            "token": str(judgment.exposure.uuid)[:8] if judgment.exposure else "",
            "item": judgment.comparison.item,
            "opening": opening(judgment.comparison.item) if judgment.comparison.item else "",
            "verdict": VERDICT_WORDS.get(judgment.verdict, ""),
            "confidence": step_words(judgment.confidence),
        }
        for judgment in page
    ]
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "person": participant.uuid,
        "page": page,
        "lines": lines,
        "share": share_lately(participant, campaign),
        "is_closed": Study.State.CLOSED in (campaign.state, campaign.study.state),
    }
    return render(request, "judge/my_judgments.html", context)
