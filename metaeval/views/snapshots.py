"""What was computed of a campaign: jobs in words, snapshots with what came since, and two of them compared."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.models import Job
from hlv.stats.labels.distributions import EQUAL
from metaeval.findings.choice_labels import (
    MODEL_WORDS,
    RESAMPLED,
    TIES_WORDS,
    kind_of_intervals,
    left_out_words,
)
from metaeval.findings.dashboard import selection_words
from metaeval.findings.snapshot_differences import Differences, differences
from metaeval.models import Campaign, Ranking
from metaeval.selectors.exclusions import Exclusions
from metaeval.selectors.runs import Since, campaign_jobs, campaign_rankings, since
from metaeval.selectors.selections import Selection
from metaeval.selectors.snapshots import numbered_ranking, snapshot_selection
from metaeval.views.results import campaign_for

ROWS_OF_A_PAGE = 15


@dataclass(frozen=True)
class ShownJob:
    job: Job
    says: str
    # Of which part of the campaign, and by which seed where one was asked for.
    of: str


@dataclass(frozen=True)
class ShownSnapshot:
    snapshot: Ranking
    number: int
    # By which choices, and of which part of the campaign.
    made: str
    part: str
    since: str


@require_safe
@login_required
def campaign_runs(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    page = Paginator(campaign_rankings(campaign), ROWS_OF_A_PAGE).get_page(request.GET.get("page"))
    rankings = list(page.object_list)
    came = since(campaign, rankings)
    newest = page.paginator.count - page.start_index() + 1
    jobs_page = Paginator(campaign_jobs(campaign), ROWS_OF_A_PAGE).get_page(request.GET.get("jobs"))
    compared, wrong = _compared(campaign, request)
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "snapshots": [
            ShownSnapshot(
                ranking,
                newest - place,
                made_words(ranking),
                selection_words(snapshot_selection(ranking)),
                since_words(came[ranking.pk]),
            )
            for place, ranking in enumerate(rankings)
        ],
        "page": page,
        "jobs": [ShownJob(job, job_words(job), asked_words(job)) for job in jobs_page.object_list],
        "jobs_page": jobs_page,
        "compared": compared,
        "wrong": wrong,
        "first": request.GET.get("first", ""),
        "second": request.GET.get("second", ""),
        "may_run": policy.may(request.user, campaign.study, policy.Action.RUN_JOBS),
    }
    return render(request, "results/runs.html", context)


def _compared(campaign: Campaign, request: HttpRequest) -> tuple[Differences | None, str]:
    asked = [request.GET.get(name, "") for name in ("first", "second")]
    if not any(asked):
        return None, ""
    found = [_snapshot(campaign, text) for text in asked]
    if found[0] is None or found[1] is None:
        return None, _("Choose two snapshots of this campaign; one of those named is none.")
    if found[0].pk == found[1].pk:
        return None, _("Choose two different snapshots.")
    return differences(found[0], found[1]), ""


def _snapshot(campaign: Campaign, text: str) -> Ranking | None:
    try:
        return numbered_ranking(campaign, UUID(text))
    except ValueError:
        return None


def made_words(ranking: Ranking) -> str:
    """The choices by which two snapshots of the same data may differ."""
    by = ranking.parameters
    model, ties, n = str(by.get("model", "")), str(by.get("ties", "")), int(by.get("n_resamples") or 0)
    said = [str(MODEL_WORDS.get(model, model))]
    if ties:
        said.append(_("ties: %(rule)s") % {"rule": TIES_WORDS.get(ties, ties)})
    said.append(_resampled(n, RESAMPLED.get(getattr(ranking, "drawn", None) or "")))
    if not ranking.undetermined:
        said.append(kind_of_intervals(getattr(ranking, "interval_method", None) or ""))
    if by.get("ridge"):
        said.append(_("prior of precision %(ridge)s") % {"ridge": f"{by['ridge']:g}"})
    if by.get("weights", EQUAL) != EQUAL:
        said.append(_("human labels weighted by certainty"))
    if rules := left_out_words(Exclusions.of(by)):
        said.append(_("left out: verdicts %(rules)s") % {"rules": _(" and those ").join(rules)})
    return " · ".join(filter(None, said))


def _resampled(n: int, unit: str | Promise | None) -> str:
    if not n:
        return _("no resamples")
    if not unit:
        return ngettext("%(n)s resample", "%(n)s resamples", n) % {"n": f"{n:,}"}
    return ngettext("%(n)s resample of %(unit)s", "%(n)s resamples of %(unit)s", n) % {
        "n": f"{n:,}",
        "unit": unit,
    }


def since_words(came: Since) -> str:
    """What came after a snapshot; nothing where it is as new as the data."""
    said = []
    for n, words in (
        (came.n_judgments, ngettext("%(n)s judgment", "%(n)s judgments", came.n_judgments)),
        (came.n_answers, ngettext("%(n)s answer", "%(n)s answers", came.n_answers)),
        (
            came.n_imports,
            ngettext("%(n)s import or withdrawal", "%(n)s imports or withdrawals", came.n_imports),
        ),
    ):
        if n:
            said.append(words % {"n": f"{n:,}"})
    return _("since then %(what)s") % {"what": ", ".join(said)} if said else ""


def job_words(job: Job) -> str:
    """What became of it, for a person."""
    if job.state == Job.State.QUEUED:
        return _("Waits for a worker.")
    if job.state == Job.State.RUNNING:
        return _("%(share)s %% done%(note)s.") % {
            "share": job.percent_done,
            "note": f": {job.progress_note}" if job.progress_note else "",
        }
    said = [job.reason] if job.reason else []
    undetermined = str((job.result or {}).get("undetermined") or "")
    if job.state == Job.State.DONE:
        said.append(
            _("No answer: %(why)s") % {"why": undetermined} if undetermined else _("A snapshot was kept.")
        )
    if job.started_at and job.finished_at:
        said.append(_took((job.finished_at - job.started_at).total_seconds()))
    if job.attempts > 1:
        said.append(
            ngettext("It took %(n)s attempt.", "It took %(n)s attempts.", job.attempts) % {"n": job.attempts}
        )
    return " ".join(said)


def asked_words(job: Job) -> str:
    """The part of the campaign, weights that are not equal, and the seed, where the job names them."""
    part = selection_words(Selection.of(job.params))
    seed = job.params.get("seed")
    weighted = job.params.get("weights", EQUAL) != EQUAL
    said = [
        part,
        _("human labels weighted by certainty") if weighted else "",
        "" if seed is None else _("seed %(seed)s") % {"seed": seed},
    ]
    return " · ".join(filter(None, said))


def _took(seconds: float) -> str:
    if seconds < 90:
        n = max(1, round(seconds))
        return ngettext("It ran for %(n)s second.", "It ran for %(n)s seconds.", n) % {"n": n}
    n = round(seconds / 60)
    return ngettext("It ran for %(n)s minute.", "It ran for %(n)s minutes.", n) % {"n": n}
