"""Everything about the judges at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.bootstrap import Progress
from hlv.stats.pairwise.bradley_terry import NonConvergenceError, fit_bradley_terry
from hlv.stats.pairwise.comparisons import Cells, default_names
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.pairwise.pair_likelihoods import square_tables
from hlv.stats.raters.crowd_bt import fit_crowd_bt
from hlv.stats.raters.infit_outfit import infit_outfit
from hlv.stats.raters.leave_one_rater_out import fit_with_equal_judges, leave_one_judge_out
from hlv.stats.raters.random_rater_test import random_rater_test
from hlv.stats.raters.rater_agreement_interval import agreement_intervals
from hlv.stats.raters.rater_consistency import judge_triads, self_consistency, shared_agreement
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.raters.side_bias import side_bias
from hlv.stats.resampling.chunks import Runner, run_in_sequence


@dataclass(frozen=True, kw_only=True)
class Section:
    """Why it says nothing of the judge, or None."""

    undetermined: str | None = None


@dataclass(frozen=True, kw_only=True)
class AgreementWithOthers(Section):
    """Verdicts compared with those of other judges on the same comparison.

    Attributes
    ----------
    same, opposite
        Shares of the `n_pairs` pairs of verdicts.
    low, high
        The 95 % interval of `same`, or why there is none in `no_interval`.
    """

    n_comparisons: int | None = None
    n_pairs: int | None = None
    same: float | None = None
    opposite: float | None = None
    low: float | None = None
    high: float | None = None
    no_interval: str | None = None


@dataclass(frozen=True, kw_only=True)
class RepeatConsistency(Section):
    """Verdicts on comparisons that came again with sides changed, and as they were."""

    n_flipped: int | None = None
    same: float | None = None
    same_side: float | None = None
    n_repeated: int | None = None
    repeated_same: float | None = None


@dataclass(frozen=True, kw_only=True)
class LeftShare(Section):
    """The share of the left side, its 95 % interval, and the p of one half, adjusted after Holm."""

    n_decided: int | None = None
    n_left: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    adjusted_p: float | None = None


@dataclass(frozen=True, kw_only=True)
class CircularTriads(Section):
    """Circular triads of methods, of those whose three pairs the judge decided."""

    n_circular: int | None = None
    n_complete: int | None = None
    share: float | None = None
    zeta: float | None = None
    zeta_p: float | None = None


@dataclass(frozen=True, kw_only=True)
class ConsensusFit(Section):
    """How the verdicts fit the ranking of all; `flag` is "erratic" or "muted", `is_random` "like a coin"."""

    outfit: float | None = None
    infit: float | None = None
    outfit_z: float | None = None
    infit_z: float | None = None
    adjusted_p: float | None = None
    flag: str | None = None
    coin_log_ratio: float | None = None
    is_random: bool | None = None


@dataclass(frozen=True, kw_only=True)
class LeaveOneOutFit(Section):
    """The ranking without this judge, compared with that of all."""

    strengths: list[float | None] | None = None
    largest_change: float | None = None
    largest_rank_change: float | None = None
    tau: float | None = None
    changes_leader: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Reliability(Section):
    """By Crowd-BT, with its 95 % interval."""

    reliability: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class JudgeSections:
    """Of one judge; a section that nobody has is None."""

    n_judgments: int = 0
    agreement: AgreementWithOthers | None = None
    self_consistency: RepeatConsistency | None = None
    side_bias: LeftShare | None = None
    triads: CircularTriads | None = None
    consensus: ConsensusFit | None = None
    without: LeaveOneOutFit | None = None
    reliability: Reliability | None = None


Columns = dict[str, FloatArray | IntArray | Sequence[Any]]
SectionDetail: TypeAlias = float | int | str | Sequence[float | str] | None


@dataclass(frozen=True)
class JudgesReport:
    """What can be said of each judge.

    Attributes
    ----------
    codes
        The known judges' codes, rising.
    n_judgments
        Of each.
    sections
        Name of a section, as `JudgeSections` has it -> one for each judge.
    section_details
        Section -> numbers about all judges, and the options that were used; "equal_judges" has the strengths in
        which every judge has the same say.
    undetermined
        Section -> why nothing can be said of any judge.
    n_unknown
        Judgments that name no judge.
    """

    codes: list[int]
    n_judgments: list[int]
    sections: dict[str, list[Any]] = field(default_factory=dict)
    section_details: dict[str, dict[str, SectionDetail]] = field(default_factory=dict)
    undetermined: dict[str, str] = field(default_factory=dict)
    n_unknown: int = 0

    @property
    def judges(self) -> list[JudgeSections]:
        """In the order of `codes`."""
        return [
            JudgeSections(n_judgments=n, **{name: rows[place] for name, rows in self.sections.items()})
            for place, n in enumerate(self.n_judgments)
        ]


def describe_judges(
    cells: Cells,
    names: Sequence[str],
    *,
    with_repeats: Cells | None = None,
    ties_rule: TiesRule = "half",
    ridge: float = 0.0,
    n_resamples: int = 0,
    seed: int = 0,
    run: Runner = run_in_sequence,
    progress: Progress | None = None,
) -> JudgesReport:
    """Run every section; one that has no answer says so and stops no other.

    Parameters
    ----------
    cells
        The judgments, methods numbered as in `names`.
    names
        The methods.
    with_repeats
        The judgments and, besides, those on pairs that came again: self-consistency rests on these.
    ties_rule, ridge
        Of the ranking that the judges are held against. Reliability has half ties under the tie models, which
        Crowd-BT does not know.
    n_resamples, seed
        Of the items, for the intervals of agreement; none without resamples.
    run
        Computes the chunks of resamples, by itself or with others.
    progress
        SentenceValue (done, total) after each section.

    Raises
    ------
    UndeterminedJudgesError
        If no judge is known.
    NoRankingError
        If there are fewer than two methods, or no judgment.
    """
    names = default_names(len(names), names)
    rater_counts = RaterCounts.of(cells, len(names))
    report = JudgesReport(
        codes=rater_counts.codes.tolist(),
        n_judgments=rater_counts.n_judgments().tolist(),
        n_unknown=rater_counts.n_unknown,
    )
    sections: dict[str, Callable[[], None]] = {
        "agreement": lambda: _agreement(report, cells, n_resamples, seed, run),
        "self_consistency": lambda: _self_consistency(
            report, cells if with_repeats is None else with_repeats
        ),
        "side_bias": lambda: _side_bias(report, cells),
        "triads": lambda: _triads(report, rater_counts),
        "consensus": lambda: _consensus(report, rater_counts, names, ties_rule, ridge),
        "without": lambda: _leave_one_out(report, rater_counts, names, ties_rule, ridge),
        "equal_judges": lambda: _equal_judges(report, rater_counts, names, ties_rule, ridge),
        "reliability": lambda: _reliability(report, rater_counts, names, ties_rule),
    }
    for place, (name, describe) in enumerate(sections.items(), start=1):
        try:
            describe()
        except (UndeterminedJudgesError, NoRankingError) as refusal:
            report.undetermined[name] = refusal.sentence
        except NonConvergenceError as failure:
            report.undetermined[name] = f"No answer was found: {failure}."
        if progress is not None:
            progress(place, len(sections))
    return report


def _agreement(report: JudgesReport, cells: Cells, n_resamples: int, seed: int, run: Runner) -> None:
    found = shared_agreement(cells)
    intervals = agreement_intervals(cells, n_resamples=n_resamples, seed=seed, run=run)
    columns: Columns = {
        "n_comparisons": found.n_comparisons,
        "n_pairs": found.n_pairs,
        "same": found.same,
        "opposite": found.opposite,
        "low": intervals.low,
        "high": intervals.high,
        "no_interval": intervals.why_none,
    }
    _fill(report, "agreement", AgreementWithOthers, found.codes, columns, found.undetermined())
    report.section_details["agreement"] = {
        "pooled": found.pooled,
        "n_left_out": found.n_left_out,
        "n_resamples": n_resamples,
        "seed": seed,
    }


def _self_consistency(report: JudgesReport, cells: Cells) -> None:
    found = self_consistency(cells)
    columns: Columns = {
        "n_flipped": found.n_flipped,
        "same": found.same,
        "same_side": found.same_side,
        "n_repeated": found.n_repeated,
        "repeated_same": found.repeated_same,
    }
    _fill(report, "self_consistency", RepeatConsistency, found.codes, columns, found.undetermined())


def _side_bias(report: JudgesReport, cells: Cells) -> None:
    found = side_bias(cells)
    columns: Columns = {
        "n_decided": found.n_decided,
        "n_left": found.n_left,
        "share": found.share,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "adjusted_p": found.adjusted_p,
    }
    _fill(report, "side_bias", LeftShare, found.codes, columns, found.undetermined())
    report.section_details["side_bias"] = {"n_left_out": found.n_left_out}


def _triads(report: JudgesReport, rater_counts: RaterCounts) -> None:
    found = judge_triads(rater_counts)
    columns: Columns = {
        "n_circular": found.n_circular,
        "n_complete": found.n_complete,
        "share": found.share,
        "zeta": found.zeta,
        "zeta_p": found.zeta_p,
    }
    _fill(report, "triads", CircularTriads, found.codes, columns, found.undetermined())


def _consensus(
    report: JudgesReport, rater_counts: RaterCounts, names: Sequence[str], ties_rule: TiesRule, ridge: float
) -> None:
    fit = fit_bradley_terry(*square_tables(rater_counts.pairs), ties_rule=ties_rule, ridge=ridge, names=names)
    found, random_test = infit_outfit(rater_counts, fit), random_rater_test(rater_counts, fit)
    columns: Columns = {
        "outfit": found.outfit,
        "infit": found.infit,
        "outfit_z": found.outfit_z,
        "infit_z": found.infit_z,
        "adjusted_p": found.adjusted_p,
        "flag": found.flags,
        "coin_log_ratio": random_test.log_ratio,
        "is_random": random_test.flags,
    }
    _fill(report, "consensus", ConsensusFit, found.codes, columns, found.undetermined())
    report.section_details["consensus"] = {"ties": ties_rule, "ridge": ridge}


def _leave_one_out(
    report: JudgesReport, rater_counts: RaterCounts, names: Sequence[str], ties_rule: TiesRule, ridge: float
) -> None:
    fit = fit_bradley_terry(*square_tables(rater_counts.pairs), ties_rule=ties_rule, ridge=ridge, names=names)
    found = leave_one_judge_out(rater_counts, fit, names=names)
    columns: Columns = {
        "strengths": found.strengths.tolist(),
        "largest_change": found.largest_change,
        "largest_rank_change": found.largest_rank_change,
        "tau": found.tau,
        "changes_leader": found.changes_leader,
    }
    _fill(report, "without", LeaveOneOutFit, found.codes, columns, found.undetermined)
    report.section_details["without"] = {"methods": list(names), "ties": ties_rule, "ridge": ridge}


def _equal_judges(
    report: JudgesReport, rater_counts: RaterCounts, names: Sequence[str], ties_rule: TiesRule, ridge: float
) -> None:
    fit = fit_with_equal_judges(rater_counts, ties_rule=ties_rule, ridge=ridge, names=names)
    report.section_details["equal_judges"] = {
        "methods": list(names),
        "strengths": fit.strengths.tolist(),
        "ties": ties_rule,
        "ridge": ridge,
    }


def _reliability(
    report: JudgesReport, rater_counts: RaterCounts, names: Sequence[str], ties_rule: TiesRule
) -> None:
    found = fit_crowd_bt(rater_counts, ties_rule="drop" if ties_rule == "drop" else "half", names=names)
    columns: Columns = {"reliability": found.reliability, "low": found.low, "high": found.high}
    _fill(report, "reliability", Reliability, found.codes, columns, found.undetermined())
    report.section_details["reliability"] = {
        "model": "Crowd-BT (Chen et al. 2013)",
        "ties": found.ties_rule,
        "prior_right": found.prior_right,
        "prior_wrong": found.prior_wrong,
        "ridge": found.ridge,
        "strengths": found.strengths.tolist(),
        "methods": list(names),
    }


def _fill(
    report: JudgesReport,
    name: str,
    section: type[Section],
    codes: IntArray,
    columns: Columns,
    reasons: Sequence[str | None],
) -> None:
    """A row for each judge of the report; a section may know fewer."""
    place = {code: index for index, code in enumerate(codes.tolist())}
    unseen = "No judgment of this judge could enter: its item, or its sides, are not known."
    rows: list[Section] = []
    for code in report.codes:
        index = place.get(code)
        reason = unseen if index is None else reasons[index]
        if index is None or reason is not None:
            rows.append(section(undetermined=reason))
            continue
        rows.append(section(**{column: _plain(values[index]) for column, values in columns.items()}))
    report.sections[name] = rows


def _plain(value: float | np.generic | FloatArray | str | list[float] | None) -> Any:
    """As JSON has it: null for what is not defined."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
