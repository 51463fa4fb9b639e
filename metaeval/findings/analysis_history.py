"""Snapshots, jobs and preregistrations of a campaign, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.models import Job
from hlv.stats.labels.distributions import EQUAL
from metaeval.findings.choice_labels import (
    MODEL_WORDS,
    RESAMPLE_WORDS,
    RESAMPLED,
    STATISTIC_WORDS,
    TIES_WORDS,
    WEIGHTS_WORDS,
    joined_rules,
    kind_of_intervals,
    left_out_words,
)
from metaeval.findings.dashboard import selection_words
from metaeval.models import AnalysisPlan, Ranking
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.selections import Exclusions
from metaeval.selectors.snapshots import Since


def made_words(ranking: Ranking) -> str:
    """The choices by which two snapshots of the same data may differ."""
    options = RankingOptions.of(ranking.parameters)
    rules = left_out_words(options.exclusions)
    words = [
        str(MODEL_WORDS.get(options.model, options.model)),
        _("ties: %(rule)s") % {"rule": TIES_WORDS.get(options.ties, options.ties)} if options.ties else "",
        _resampled(options.n_resamples, RESAMPLED.get(getattr(ranking, "drawn", None) or "")),
        "" if ranking.undetermined else kind_of_intervals(getattr(ranking, "interval_method", None) or ""),
        _("prior of precision %(ridge)s") % {"ridge": f"{options.ridge:g}"} if options.ridge else "",
        _weights_words(options),
        _("left out: verdicts %(rules)s") % {"rules": joined_rules(rules)} if rules else "",
    ]
    return " · ".join(filter(None, words))


def _weights_words(options: RankingOptions) -> str:
    return "" if options.weights == EQUAL else _("human labels weighted by certainty")


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
    counts = (
        (came.n_judgments, ngettext("%(n)s judgment", "%(n)s judgments", came.n_judgments)),
        (came.n_answers, ngettext("%(n)s answer", "%(n)s answers", came.n_answers)),
        (
            came.n_imports,
            ngettext("%(n)s import or withdrawal", "%(n)s imports or withdrawals", came.n_imports),
        ),
    )
    what = ", ".join(words % {"n": f"{n:,}"} for n, words in counts if n)
    return _("since then %(what)s") % {"what": what} if what else ""


def job_words(job: Job) -> str:
    """What became of it, for a person."""
    if job.state == Job.State.QUEUED:
        return _("Waits for a worker.")
    if job.state == Job.State.RUNNING:
        words = _("%(share)s %% done: %(note)s.") if job.progress_note else _("%(share)s %% done.")
        return words % {"share": job.percent_done, "note": _(job.progress_note)}
    said = [_(job.reason)] if job.reason else []
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


def job_option_words(job: Job) -> str:
    """The part of the campaign, weights that are not equal, and the seed, where the job names them."""
    options, seed = RankingOptions.of(job.params), job.params.get("seed")
    words = [
        selection_words(options.selection),
        _weights_words(options),
        "" if seed is None else _("seed %(seed)s") % {"seed": seed},
    ]
    return " · ".join(filter(None, words))


def _took(seconds: float) -> str:
    if seconds < 90:
        n = max(1, round(seconds))
        return ngettext("It ran for %(n)s second.", "It ran for %(n)s seconds.", n) % {"n": n}
    n = round(seconds / 60)
    return ngettext("It ran for %(n)s minute.", "It ran for %(n)s minutes.", n) % {"n": n}


@dataclass(frozen=True)
class PreregistrationVersion:
    """A preregistration as a page shows it: each setting with its words."""

    plan: AnalysisPlan
    settings: list[tuple[str, str]]
    exclusions: tuple[str, ...]
    notes: str


def preregistration_version(plan: AnalysisPlan, labels: Mapping[str, str]) -> PreregistrationVersion:
    planned = PlannedAnalysis.of(plan.content)
    settings = [
        (_("Metrics"), ", ".join(labels.get(name, name) for name in planned.metrics)),
        (_("Statistics"), ", ".join(str(STATISTIC_WORDS[name]) for name in planned.statistics)),
        (_("Ranking"), str(MODEL_WORDS[planned.model])),
        (_("Ties"), str(TIES_WORDS[planned.ties])),
        (
            _("Resampling"),
            _("%(n)s resamples; what is resampled: %(unit)s")
            % {"n": f"{planned.n_resamples:,}", "unit": RESAMPLE_WORDS[planned.resample or ""]},
        ),
        (_("Texts drawn together"), planned.block_by or _("none")),
        (_("Permutations"), f"{planned.n_permutations:,}"),
        (_("Seed"), str(planned.seed)),
        (_("Prior"), _("none") if not planned.ridge else f"{planned.ridge:g}"),
        (_("Weights of human labels"), str(WEIGHTS_WORDS[planned.weights])),
        (
            _("Verdicts left out"),
            "; ".join(left_out_words(Exclusions.of(planned.as_content()))) or _("none"),
        ),
    ]
    return PreregistrationVersion(plan, settings, planned.exclusions, planned.notes)
