"""The same judgments under other choices: what becomes of the order, of who leads, and of the best metric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final, cast

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import Scale, kendall_tau_b, mean_ranks, ties_of
from hlv.stats.meta_evaluation.metric_agreement import few_methods_sentence
from hlv.stats.meta_evaluation.permutation import smallest_significant_tau
from hlv.stats.meta_evaluation.shared_systems import shared_systems
from hlv.stats.pairwise.bootstrap import RESAMPLING_UNITS, ResamplingUnit
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells, pair_counts
from hlv.stats.pairwise.mle_existence import NoRankingError, require_judgments
from hlv.stats.pairwise.position_effect import POSITION_TIES, fit_position_effect
from hlv.stats.pairwise.ranking import DECIMALS, rank_methods
from hlv.stats.pairwise.ranking_models import RankingModel, estimate_strengths
from hlv.stats.resampling.chunks import Runner, Runners, run_each_in_sequence

# Each way of ranking with the rule of ties that it is shown under.
MODELS: Final[tuple[tuple[RankingModel, str], ...]] = (
    ("bradley-terry", "half"),
    ("bradley-terry", "davidson"),
    ("bradley-terry", "rao-kupper"),
    ("bradley-terry", "drop"),
    ("rank-centrality", "half"),
    ("win-rate", "half"),
)
NO_SIDES: Final = (
    "A side effect needs Bradley-Terry with ties as half a win or left out, and no prior; this ranking "
    "has another model."
)


@dataclass(frozen=True, eq=False)
class Metric:
    """What one metric gives the methods: (M,), larger is better; NaN where it gives nothing.

    Metrics of one `hypothesis` are affine copies, and rank alike.
    """

    name: str
    label: str
    hypothesis: str
    values: FloatArray
    scale: Scale = "score"


@dataclass(frozen=True, kw_only=True)
class VariantFacts:
    """What a kind of variant has besides.

    Attributes
    ----------
    side_effect, p
        Of the left side, in log odds, where sides are taken into account.
    n_items, n_metrics, n_beyond, n_beyond_before
        Of metrics scored on the judged texts alone: texts, metrics, and those that agree beyond chance, there and on all
        texts.
    """

    side_effect: float | None = None
    p: float | None = None
    n_items: int | None = None
    n_metrics: int | None = None
    n_beyond: int | None = None
    n_beyond_before: int | None = None


@dataclass(frozen=True, eq=False)
class Variant:
    """A ranking under another choice.

    Attributes
    ----------
    kind, name
        What was changed, and to what.
    strengths : (M,)
        NaN for methods that are left out, and everywhere where there is no ranking.
    possible_firsts
        Methods whose rank interval reaches 1; None where no interval was asked for.
    """

    kind: str
    name: str
    strengths: FloatArray
    n_judgments: int
    undetermined: str | None = None
    possible_firsts: tuple[int, ...] | None = None
    facts: VariantFacts = VariantFacts()


@dataclass(frozen=True, kw_only=True)
class ComparedVariant:
    """A variant compared with the ranking itself; what is None is undefined.

    Attributes
    ----------
    changes
        What differs: "leader", "order", "metric", "firsts", "beyond".
    strengths, ranks
        Of the methods that both rank.
    tau, largest_rank_change
        Of the order of these methods in both.
    best_metrics, best_tau, best_n_methods, best_left_out, best_undetermined
        See `BestMetrics`.
    """

    kind: str
    name: str
    n_judgments: int
    undetermined: str | None = None
    facts: VariantFacts = VariantFacts()
    strengths: dict[str, float] | None = None
    ranks: dict[str, float] | None = None
    tau: float | None = None
    largest_rank_change: float | None = None
    leaders: list[str] = field(default_factory=list)
    possible_firsts: list[str] | None = None
    best_metrics: list[str] = field(default_factory=list)
    best_tau: float | None = None
    best_n_methods: int | None = None
    best_left_out: list[str] = field(default_factory=list)
    best_undetermined: str | None = None
    changes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Question:
    """What was ranked and how: the choices that each variant changes one of."""

    cells: Cells
    names: list[str]
    model: RankingModel
    ties: str
    ridge: float
    unit: ResamplingUnit | None
    n_resamples: int
    seed: int

    def strengths(
        self, cells: Cells, *, model: RankingModel | None = None, ties: str | None = None
    ) -> FloatArray:
        """Raises NoRankingError where these judgments determine none."""
        wins, tied = pair_counts(cells, len(self.names))
        require_judgments(wins, tied)
        chosen = model or self.model
        ridge = self.ridge if chosen == "bradley-terry" else 0.0
        return estimate_strengths(
            wins, tied, self.names, model=chosen, ties=ties or self.ties, ridge=ridge
        ).strengths


def variants(
    question: Question,
    *,
    judges: Mapping[int, str],
    without_fast: Cells | None,
    base_models: Mapping[str, Sequence[int]],
    progress: Callable[[str], None] = lambda kind: None,
    runners: Runners = run_each_in_sequence,
) -> Iterator[Variant]:
    """Each other choice in turn; one without an answer says why.

    Parameters
    ----------
    question
        The ranking that they are held against.
    judges
        Judges by their codes in the cells, with what they are called.
    without_fast
        The judgments without those given too fast to have been read; None where no times were kept.
    base_models
        Methods of each base model.
    progress
        Of each kind before its first variant.
    runners
        Gives what computes the chunks of the resamples of a unit.
    """
    progress("ties")
    for model, ties in MODELS:
        if (model, ties) != (question.model, question.ties):
            yield _ranked(
                question, question.cells, kind="model", name=f"{model}, {ties}", model=model, ties=ties
            )
    progress("sides")
    yield _side_corrected(question)
    if without_fast is not None:
        progress("fast")
        yield _ranked(question, without_fast, kind="fast", name="without fast answers")
    progress("judge")
    for code, name in judges.items():
        yield _ranked(question, _kept(question.cells, question.cells.judge != code), kind="judge", name=name)
    progress("base model")
    for name, members in base_models.items():
        yield _of_members(question, np.array(members, dtype=np.int64), name=name)
    progress("resampling")
    for unit in RESAMPLING_UNITS:
        if unit != question.unit and question.n_resamples:
            yield _resampled(question, unit, runners(unit))


def _kept(cells: Cells, mask: BoolArray) -> Cells:
    return Cells(*(getattr(cells, field.name)[mask] for field in fields(cells)))


def _ranked(
    question: Question,
    cells: Cells,
    *,
    kind: str,
    name: str,
    model: RankingModel | None = None,
    ties: str | None = None,
) -> Variant:
    try:
        strengths = question.strengths(cells, model=model, ties=ties)
    except NoRankingError as refusal:
        return _refused(question, refusal.sentence, kind=kind, name=name, n_judgments=cells.n_judgments)
    return Variant(kind, name, strengths, cells.n_judgments)


def _refused(question: Question, sentence: str, *, kind: str, name: str, n_judgments: int) -> Variant:
    missing = np.full(len(question.names), np.nan)
    return Variant(kind, name, missing, n_judgments, undetermined=sentence)


def _side_corrected(question: Question) -> Variant:
    """The same model with a side effect; of a model that knows none, another choice would change besides."""
    name = "sides taken into account"
    ties = next((rule for rule in POSITION_TIES if rule == question.ties), None)
    known = int(question.cells.count[question.cells.first_is_left != UNKNOWN].sum())
    if question.model != "bradley-terry" or question.ridge or ties is None:
        return _refused(question, NO_SIDES, kind="side", name=name, n_judgments=known)
    try:
        found = fit_position_effect(question.cells, len(question.names), ties_rule=ties, names=question.names)
    except NoRankingError as refusal:
        return _refused(question, refusal.sentence, kind="side", name=name, n_judgments=known)
    facts = VariantFacts(
        side_effect=found.side_effect, p=found.judge_p if found.judge_p is not None else found.p
    )
    return Variant("side", name, found.strengths, found.n_judgments, facts=facts)


def _of_members(question: Question, members: IntArray, *, name: str) -> Variant:
    cells = question.cells
    kept = _kept(cells, np.isin(cells.first, members) & np.isin(cells.second, members))
    place = np.full(len(question.names), -1)
    place[members] = np.arange(len(members))
    renumbered = replace(kept, first=place[kept.first], second=place[kept.second])
    own = replace(question, names=[question.names[index] for index in members.tolist()], cells=renumbered)
    strengths = np.full(len(question.names), np.nan)
    try:
        strengths[members] = own.strengths(renumbered)
    except NoRankingError as refusal:
        return _refused(
            question, refusal.sentence, kind="base model", name=name, n_judgments=kept.n_judgments
        )
    return Variant("base model", name, strengths, kept.n_judgments)


def _resampled(question: Question, unit: ResamplingUnit, run: Runner) -> Variant:
    found = rank_methods(
        question.cells,
        question.names,
        model=question.model,
        ties=question.ties,
        resample=unit,
        n_resamples=question.n_resamples,
        seed=question.seed,
        ridge=question.ridge,
        run=run,
    )
    reason = found.undetermined
    if reason is None and found.resampling_unit != unit:
        reason = "The judgments do not name the units for this bootstrap."
    firsts = None
    if found.best_rank is not None:
        firsts = tuple(np.flatnonzero(found.best_rank == 1).tolist())
    return Variant(
        "resampling",
        unit,
        found.strengths,
        found.n_judgments,
        undetermined=reason,
        possible_firsts=firsts,
    )


def described(
    variant: Variant,
    base: Variant,
    names: Sequence[str],
    metrics: Sequence[Metric],
    *,
    before: Sequence[Metric] | None = None,
) -> ComparedVariant:
    """A variant compared with the ranking itself: the order, the best metrics, and what changes.

    The order of a part of the methods is held against their order within the ranking of all. `before` are the metrics
    of the ranking itself, where those of the variant are others.
    """
    row = ComparedVariant(
        kind=variant.kind,
        name=variant.name,
        n_judgments=variant.n_judgments,
        undetermined=variant.undetermined,
        facts=variant.facts,
    )
    both = np.isfinite(variant.strengths) & np.isfinite(base.strengths)
    if variant.undetermined is not None or both.sum() < 2:
        return row
    place = np.flatnonzero(both)
    own, base_ranks = (_ranks(one.strengths[place]) for one in (variant, base))
    moved = np.abs(own - base_ranks)
    leaders, led_before = _leaders(own, place), _leaders(base_ranks, place)
    best = best_metrics(np.where(both, variant.strengths, np.nan), metrics)
    # Of the same methods: a part of them may have another best metric without any judgment being read otherwise.
    usual = best_metrics(np.where(both, base.strengths, np.nan), metrics if before is None else before)
    changes = [
        *(["leader"] if leaders != led_before else []),
        *(["order"] if moved.max() > 0 else []),
        *(["metric"] if best.labels != usual.labels else []),
        *(["firsts"] if _firsts_differ(variant, base) else []),
    ]
    firsts = variant.possible_firsts
    return replace(
        row,
        strengths={names[at]: round(float(variant.strengths[at]), DECIMALS) for at in place.tolist()},
        ranks={names[at]: float(rank) for at, rank in zip(place.tolist(), own, strict=True)},
        tau=variant_tau(variant.strengths[place], base.strengths[place]),
        largest_rank_change=float(moved.max()),
        leaders=[names[at] for at in leaders],
        possible_firsts=None if firsts is None else [names[at] for at in firsts],
        best_metrics=best.labels,
        best_tau=best.tau,
        best_n_methods=best.n_methods,
        best_left_out=best.left_out,
        best_undetermined=best.undetermined,
        changes=changes,
    )


def _firsts_differ(variant: Variant, base: Variant) -> bool:
    if variant.possible_firsts is None or base.possible_firsts is None:
        return False
    return variant.possible_firsts != base.possible_firsts


def _ranks(strengths: FloatArray) -> FloatArray:
    """From 1, the strongest first; equal ones share the mean."""
    return np.asarray(mean_ranks(-ties_of(strengths, "strength")))


def _leaders(ranks: FloatArray, place: IntArray) -> list[int]:
    return cast("list[int]", place[ranks == ranks.min()].tolist())


@dataclass(frozen=True)
class BestMetrics:
    """Labels of the metrics with the highest tau-b, copies once, and that tau-b; none where nothing can be said.

    `n_methods` are those that all compared metrics score; who lacks one of them is in `left_out`.
    """

    labels: list[str] = field(default_factory=list)
    tau: float | None = None
    n_methods: int = 0
    left_out: list[str] = field(default_factory=list)
    undetermined: str | None = None


def best_metrics(strengths: FloatArray, metrics: Sequence[Metric]) -> BestMetrics:
    """All are held against the same methods: few methods agree more easily than many.

    Where even the same order of so few methods could be chance, no metric is called the best.
    """
    ranked = np.isfinite(strengths)
    some = [metric for metric in metrics if (np.isfinite(metric.values) & ranked).any()]
    if not some:
        return BestMetrics()
    scored = [np.isfinite(metric.values) for metric in some]
    common = shared_systems(scored, [metric.hypothesis for metric in some], ranked)
    n_methods = int(common.sum())
    compared = [metric for metric, is_scored in zip(some, scored, strict=True) if is_scored[common].all()]
    left_out = [
        metric.label for metric, is_scored in zip(some, scored, strict=True) if not is_scored[common].all()
    ]
    if smallest_significant_tau(n_methods) is None:
        return BestMetrics(
            n_methods=n_methods, left_out=left_out, undetermined=few_methods_sentence(n_methods)
        )
    found: dict[str, float] = {}
    labels: dict[str, str] = {}
    for metric in compared:
        tau = variant_tau(metric.values[common], strengths[common], scale=metric.scale)
        if tau is not None and metric.hypothesis not in found:
            found[metric.hypothesis], labels[metric.hypothesis] = tau, metric.label
    if not found:
        return BestMetrics(n_methods=n_methods, left_out=left_out)
    highest = max(round(tau, DECIMALS) for tau in found.values())
    best = [labels[key] for key, tau in found.items() if round(tau, DECIMALS) >= highest]
    return BestMetrics(best, highest, n_methods, left_out)


def variant_tau(one: FloatArray, strengths: FloatArray, *, scale: Scale = "strength") -> float | None:
    """Tau-b of a column (M,) of this scale with strengths; None where one of them is constant."""
    tau = float(kendall_tau_b(ties_of(one, scale), ties_of(strengths, "strength")))
    return tau if np.isfinite(tau) else None
