"""The experts' ranking of a campaign: computed by a job, stored as a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import cast, get_args

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from annotations.jobs import JobRefusedError, Progress, check_draws, store
from annotations.models import Job, SnapshotStored, Study, code_version
from annotations.work_sharing import runner
from hlv.core.stored_results import dump
from hlv.stats.pairwise import ranking as science
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.model_checks import ranking_checks
from hlv.stats.pairwise.pair_probabilities import pair_probabilities
from hlv.stats.pairwise.ranking_models import RankingModel, check_model
from hlv.stats.pairwise.ranking_result import Ranking as PairwiseRanking
from metaeval.figures.drawn_figures import Drawn, drawn_figures, keep_figures
from metaeval.models import Campaign, Ranking
from metaeval.results.ranking import Checks, RankingResult
from metaeval.results.ranking_options import RankingOptions, RankingParameters, Setting, read_parameters
from metaeval.selectors.judgments import ComparisonCounts, comparison_counts, n_left_out
from metaeval.selectors.scores import shown_names
from metaeval.selectors.selections import selectable
from metaeval.services.preregistration_compliance import compliance
from metaeval.services.scored_labels import named_weights
from metaeval.services.text_blocks import blocks_note, text_blocks


def read_ranking_parameters(params: Mapping[str, object]) -> RankingParameters:
    return read_parameters(RankingParameters, params, job="A ranking", without={"weights"})


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what no ranking could be computed with."""
    check_ranking_options(study, read_ranking_parameters(params))


def check_ranking_options(study: Study, options: RankingParameters) -> None:
    """The same for every job that ranks."""
    check_fit(options.model, ties=options.ties, ridge=options.ridge)
    if options.resample is not None and options.resample not in get_args(ResamplingUnit):
        known = ", ".join(get_args(ResamplingUnit))
        raise JobRefusedError(f"{options.resample!r} cannot be resampled; known are {known}.")
    named_weights(options.weights)
    check_draws({"seed": options.seed, "n_resamples": options.n_resamples})
    options.moment()
    if refusal := selectable(study).refusal(options.selection):
        raise JobRefusedError(refusal)
    if options.under_seconds < 0:
        raise JobRefusedError(_("The least time must be 0 seconds or more."))
    if unknown := options.exclusions.unknown_in(study):
        raise JobRefusedError(f"This study has no {unknown} to leave out.")
    if options.campaign:
        campaign_of_study(study, options.campaign)


def check_fit(model: str, *, ties: str, ridge: float) -> None:
    try:
        check_model(model, ties=ties, ridge=ridge)
    except ValueError as error:
        sentence = str(error)
        raise JobRefusedError(f"{sentence[0].upper()}{sentence[1:]}.") from error


def campaign_of_study(study: Study, uuid: str) -> Campaign:
    """The campaign with this identifier; without one, the study's only campaign."""
    campaigns = Campaign.objects.filter(study=study).order_by("pk")
    if uuid:
        campaign = campaigns.filter(uuid=uuid).first()
        if campaign is None:
            raise JobRefusedError(_("This study has no such campaign."))
        return campaign
    found = list(campaigns)
    if len(found) == 1:
        return found[0]
    if not found:
        raise JobRefusedError(_("This study has no campaign yet."))
    raise JobRefusedError(
        _("Name the campaign; this study has %(names)s.") % {"names": ", ".join(one.name for one in found)}
    )


@dataclass(frozen=True, eq=False)
class ComputedRanking:
    """A ranking and its figures, not yet stored: drawing takes seconds, and nobody's answer waits for it."""

    snapshot: Ranking
    result: PairwiseRanking
    counted: ComparisonCounts
    drawings: list[Drawn]

    def keep(self) -> Ranking:
        """Store it, in the transaction of whoever ends the job."""
        self.snapshot.save()
        keep_figures(self.snapshot, self.drawings)
        return self.snapshot


def run_ranking(job: Job, progress: Progress) -> SnapshotStored:
    options = read_ranking_parameters(job.params)
    campaign = campaign_of_study(job.study, options.campaign)
    computed = compute_ranking(campaign, options, as_of=options.moment(), job=job, progress=progress)
    result = SnapshotStored("ranking", computed.snapshot.uuid, computed.snapshot.undetermined)
    with transaction.atomic():
        computed.keep()
        store(job, result)
    return result


def compute_ranking(
    campaign: Campaign,
    options: RankingOptions,
    *,
    as_of: datetime | None = None,
    job: Job | None = None,
    progress: Progress | None = None,
) -> ComputedRanking:
    """Fit, resample and draw; no ranking is an answer too."""
    as_of = as_of or timezone.now()
    counted = replace(
        comparison_counts(campaign, as_of=as_of, selection=options.selection, exclusions=options.exclusions),
        blocks=text_blocks(campaign.study, options.block_by),
    )
    found = fit_ranking(counted, options, progress=progress)
    summary = found.summary()
    blocked = blocks_note(options.block_by, counted.blocks, counted.judged_items)
    summary = replace(summary, n_items=counted.cells.n_items, notes=[*summary.notes, *blocked])
    parameters = parameters_of(found, counted, options)
    snapshot = Ranking(
        study=campaign.study,
        campaign=campaign,
        base_model=counted.selection.base_model,
        judge_group=counted.selection.judge_group,
        job=job,
        seed=found.seed,
        parameters=parameters,
        code_version=code_version(),
        data_fingerprint=counted.fingerprint,
        as_of=as_of,
        result=dump(
            RankingResult(
                **vars(summary),
                campaign=campaign.name,
                n_cannot_judge=counted.n_cannot,
                n_both_good=counted.n_both,
                n_neither_good=counted.n_neither,
                n_unasked_ties=counted.n_unasked,
                pairs=pair_probabilities(found, counted.cells),
                checks=_checks(found, counted, progress=progress),
                selectable=selectable(campaign.study),
                base_models_alone=_base_models_alone(found, counted, options),
                n_left_out=n_left_out(campaign, counted.exclusions, as_of=as_of),
                plan=compliance(campaign, parameters, as_of=as_of),
            )
        ),
        undetermined=found.undetermined or "",
    )
    return ComputedRanking(snapshot, found, counted, drawn_figures(snapshot))


def parameters_of(
    result: PairwiseRanking, counted: ComparisonCounts, options: RankingOptions
) -> dict[str, Setting]:
    """What a ranking was computed with, ready for JSON: of the ranking and its board, not of what was asked.

    Where there is no ranking nothing was resampled: the requested number is recorded.
    """
    resamples = result.resamples
    return {
        "model": result.model,
        "ties": result.ties,
        # None stays: the widest unit that the judgments know, whichever that is.
        "resample": options.resample and (result.resampling_unit or options.resample),
        "n_resamples": options.n_resamples if resamples is None else resamples.n_resamples,
        "seed": result.seed,
        "ridge": result.ridge,
        **asdict(counted.selection),
        **counted.exclusions.as_params(),
        **({} if counted.blocks is None else {"block_by": options.block_by}),
    }


def _checks(
    ranking: PairwiseRanking, counted: ComparisonCounts, *, progress: Progress | None
) -> Checks | None:
    """Goodness of fit, side effect, types of ties and other models; None without a ranking."""
    if ranking.undetermined:
        return None
    checks = ranking_checks(
        counted.cells,
        ranking.names,
        ranking.strengths,
        cannot=counted.cannot,
        model=ranking.model,
        ties=ranking.ties,
        ridge=ranking.ridge,
        seed=ranking.seed,
        run=runner(progress, name="boards from the ranking", note="drawing boards from the ranking"),
    )
    return Checks(**vars(checks), kinds_of_ties=counted.kinds.named(ranking.names))


def _base_models_alone(
    ranking: PairwiseRanking, counted: ComparisonCounts, options: RankingOptions
) -> list[str]:
    """Where no ranking joins all methods, the base models that the same judgments rank by themselves."""
    bases = np.array([method.base_model for method in counted.methods])
    names = [name for name in dict.fromkeys(bases.tolist()) if name and (bases == name).sum() > 1]
    if ranking.undetermined is None or len(set(bases.tolist())) < 2:
        return []
    without_resamples = replace(options, n_resamples=0)
    return [
        name
        for name in names
        if fit_ranking(counted.between(np.flatnonzero(bases == name)), without_resamples).undetermined is None
    ]


def item_draws(counted: ComparisonCounts, result: PairwiseRanking) -> RankingDraws | None:
    """How the resamples of a ranking draw its texts, so that metrics draw them alike; None where it draws none.

    Where no ranking joins all methods, each text has a weight of its own, which the rankings of groups share.
    """
    if result.undetermined is not None:
        return RankingDraws.by_text(result.seed, counted.blocks)
    resamples = result.resamples
    if resamples is None or not resamples.n_resamples or resamples.unit not in ("both", "items"):
        # Judges alone were drawn: blocks of texts are still drawn whole in the scores.
        return None if counted.blocks is None else RankingDraws.by_text(result.seed, counted.blocks)
    return RankingDraws.of(
        counted.drawn_cells, unit=resamples.unit, seed=resamples.seed, blocks=counted.blocks
    )


def fit_ranking(
    counted: ComparisonCounts,
    options: RankingOptions,
    *,
    progress: Progress | None = None,
    name: str = "judgments",
    draws: RankingDraws | None = None,
) -> PairwiseRanking:
    """Rank; with the progress of a job, idle workers help. `name` distinguishes this ranking from others of the job.

    With `draws`, its texts are drawn again as those of another ranking.
    """
    return science.rank_methods(
        counted.drawn_cells,
        shown_names(counted.methods),
        model=cast(RankingModel, options.model),
        ties=options.ties,
        resample=cast("ResamplingUnit | None", options.resample),
        n_resamples=options.n_resamples,
        seed=options.seed,
        ridge=options.ridge,
        draws=draws,
        run=runner(progress, name=name, note=noop("resampling judgments, in hundreds")),
    )
