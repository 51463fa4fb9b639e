"""The noise ceiling of a campaign for new judges, and for new judges and new texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress, check_draws
from annotations.models import Job, SnapshotStored, Study
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.raters.disjoint_noise_ceiling import DisjointCeiling, disjoint_noise_ceiling
from hlv.stats.raters.noise_ceiling import N_SPLITS, UndeterminedCeilingError
from metaeval.models import SupplementaryAnalysis
from metaeval.results.noise_ceiling import NoiseCeiling
from metaeval.results.ranking_options import DEFAULT_SEED, read_parameters
from metaeval.selectors.judgments import ComparisonCounts, comparison_counts
from metaeval.services.ranking import campaign_of_study, check_fit
from metaeval.services.supplementary_analyses import Computed, keep_analysis


@dataclass(frozen=True)
class CeilingParameters:
    """The parameters of a job that computes a noise ceiling."""

    campaign: str = ""
    ties: str = "half"
    n_splits: int = N_SPLITS
    seed: int = DEFAULT_SEED


def read_ceiling_parameters(params: Mapping[str, object]) -> CeilingParameters:
    return read_parameters(CeilingParameters, params, job="The noise ceiling")


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what nothing could be computed with."""
    parameters = read_ceiling_parameters(params)
    check_fit("bradley-terry", ties=parameters.ties, ridge=0.0)
    check_draws({"seed": parameters.seed})
    if parameters.n_splits < 1:
        raise JobRefusedError(f"The number of splits must be 1 or more, not {parameters.n_splits}.")
    campaign_of_study(study, parameters.campaign)


def run_ceiling(job: Job, progress: Progress) -> SnapshotStored:
    parameters, as_of = read_ceiling_parameters(job.params), timezone.now()
    campaign = campaign_of_study(job.study, parameters.campaign)
    progress(0, 1, "halving judges and texts")
    counted = comparison_counts(campaign, as_of=as_of)
    found, why = _found(counted, parameters)
    settings = asdict(parameters)
    del settings["campaign"]
    return keep_analysis(
        job,
        job.study,
        Computed(
            kind=SupplementaryAnalysis.Kind.CEILING,
            result=NoiseCeiling(campaign.name, parameters.ties, parameters.seed, found),
            parameters=settings,
            seed=parameters.seed,
            fingerprint=counted.fingerprint,
            as_of=as_of,
            campaign=campaign,
            undetermined=why,
        ),
    )


def _found(counted: ComparisonCounts, parameters: CeilingParameters) -> tuple[DisjointCeiling | None, str]:
    """The ceiling, or why there is none."""
    try:
        found = disjoint_noise_ceiling(
            counted.cells,
            len(counted.methods),
            ties_rule=cast(TiesRule, parameters.ties),
            n_splits=parameters.n_splits,
            seed=parameters.seed,
        )
    except (UndeterminedCeilingError, NoRankingError) as undetermined:
        return None, error_sentence(undetermined)
    return found, ""
