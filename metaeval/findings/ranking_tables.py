"""The tables of a ranking: methods, neighbours, other models, types of ties; and what was checked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import SIGNED, Form, P, counted, figure, p_equals, share, written
from hlv.core.rendering.sentences import Finding, reason
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Medium,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    missing,
    p_cell,
    rank_cell,
    share_cell,
)
from hlv.stats.pairwise.goodness_of_fit import FitSummary
from hlv.stats.pairwise.method_differences import MethodDifference
from hlv.stats.pairwise.missing_verdicts import MissingVerdicts
from hlv.stats.pairwise.position_effect import PositionEffect
from hlv.stats.pairwise.ranking_result import RankedMethod
from hlv.stats.pairwise.sample_size import UNREACHABLE
from metaeval.figures.ranking import WIN_RATE, scale_title, strength_scale
from metaeval.findings.choice_labels import interval_words
from metaeval.results.metric_rows import LEVEL
from metaeval.results.ranking import RankingResult

MODELS: dict[str, str | Promise] = {
    "bradley-terry": _lazy("Bradley-Terry"),
    "rank-centrality": _lazy("Rank centrality"),
    "win-rate": _lazy("Win rate"),
}
TIES: dict[str, str | Promise] = {
    "half": _lazy("half a win each"),
    "davidson": _lazy("after Davidson"),
    "denominator": _lazy("compared, not won"),
}
# Of rankings as a file.
RANKING_HEADER: Final = (
    *("campaign", "model", "ties", "rank", "method", "strength", "interval_low", "interval_high"),
    *("interval_method", "rank_low", "rank_high", "n_judgments", "undetermined"),
)


def ranking_table(result: RankingResult) -> Table:
    measured, matters = strength_scale(result), result.judges_matter
    noun = _("Win rate") if measured is WIN_RATE else _("Strength")
    # Not in a paper: two claims side by side need the words that part them.
    elsewhere: frozenset[Medium] = frozenset({"page", "terminal"})
    these_judges = [
        Column(_("%(noun)s, these judges") % {"noun": noun}, media=elsewhere),
        Column(_("Rank, these judges"), media=elsewhere),
    ]
    columns: list[str | Column] = [
        Column(_("Method"), names=("method",)),
        Column(
            noun,
            interval=_("95 % interval"),
            names=("strength", "interval_low", "interval_high"),
        ),
        Column(_("Rank"), interval=_("Possible ranks"), names=("rank", "rank_low", "rank_high")),
        *(these_judges if matters else []),
        Column(_("Judgments"), names=("n_judgments",)),
        Column(_("Degrees of freedom"), media=frozenset({"terminal"})),
        Column(_("Bootstrap interval"), media=frozenset({"terminal"})),
    ]
    rows = [
        TableRow(
            method.name,
            [
                estimate_cell(method.strength, method.interval, signed=measured.signed),
                rank_cell(method.rank, method.rank_interval),
                *(_given_judges(method, signed=measured.signed) if matters else []),
                count_cell(method.n_judgments),
                Cell(method.degrees_of_freedom, form=Form(digits=1)),
                interval_cell(method.bootstrap_interval, signed=measured.signed),
            ],
        )
        for method in result.methods
    ]
    return Table(
        columns,
        rows,
        note=" ".join(filter(None, [interval_origin(result), _about_judges(result)])),
        title=_title(result),
        everywhere={
            "campaign": result.campaign,
            "model": result.model,
            "ties": result.ties,
            "interval_method": result.interval_method,
            "undetermined": result.undetermined,
        },
    )


def _given_judges(method: RankedMethod, *, signed: bool) -> list[Cell]:
    return [
        estimate_cell(method.strength, method.interval_given_judges, signed=signed),
        rank_cell(method.rank, method.rank_interval_given_judges),
    ]


def _about_judges(result: RankingResult) -> str:
    """What the columns of these judges claim, and what not; nothing where they do not stand there."""
    given = result.given_judges
    if given is None or not result.judges_matter:
        return ""
    return _(
        "“These judges”: intervals for the %(n)s judges as given (%(method)s). They show the uncertainty "
        "among these judges on other texts. They are not valid for other judges."
    ) % {"n": given.n_judges, "method": interval_words(given.interval_method or "")}


def _title(result: RankingResult) -> str:
    fit, of = result.n_judgments_in_fit, result.n_judgments
    judges = counted(result.n_judges, "judges") if result.n_judges else "unknown judges"
    fitted = "" if fit == of else f", {fit:,} of them in the fit"
    return f"{scale_title(result)}, {counted(of, 'judgments')} of {judges}{fitted}"


def interval_origin(result: RankingResult) -> str:
    """Where the intervals of a ranking come from: the bootstrap is the second choice, and is always named."""
    method = result.interval_method
    if not method:
        return ""
    if result.is_bootstrapped:
        return _(
            "The intervals are bootstrap intervals, because no analytic interval could be computed: %(method)s."
        ) % {"method": method}
    return _("The intervals are analytic: %(method)s.") % {"method": interval_words(method)}


def interval_cell(interval: tuple[float, float] | None, *, signed: bool = True) -> Cell:
    """An interval without its estimate, which is next to it."""
    if interval is None:
        return missing(_("no interval"))
    low, high = (figure(end, signed=signed) for end in interval)
    return Cell(_("%(low)s to %(high)s") % {"low": low, "high": high})


def neighbours_table(result: RankingResult) -> Table | None:
    """Every method beside the one below it; None where a snapshot does not say."""
    near = result.neighbours
    if not near:
        return None
    columns = [
        _("Neighbours"),
        _("Difference"),
        _("Simultaneous interval"),
        _("Adjusted p"),
        _("Higher in resamples"),
        _("Additional judgments"),
    ]
    rows = [_neighbours(row, n_judgments=result.n_judgments) for row in near]
    return Table(columns, rows, " ".join(_notes(near)), title=_("Differences between neighbouring methods"))


def _notes(near: Sequence[MethodDifference]) -> Iterator[str]:
    yield _(
        "Simultaneous interval: Bonferroni. p: Holm correction for all pairs; below .05 the difference is "
        "significant. The share of resamples is not a probability that a method is better."
    )
    if any(_is_significant(row) and _contains_zero(row.simultaneous_interval) for row in near):
        yield _(
            "p can be below .05 although the simultaneous interval contains 0. Holm’s step-down correction is "
            "more powerful than Bonferroni’s; the conclusions use Holm."
        )
    yield _(
        "Additional judgments: judgments that separate the two with 80 %% power if the estimated difference "
        "is correct. They come from more judges, each as active as these, on proportionally more texts. "
        "Significant differences need none. More than %(times)s times the current judgments is not feasible. "
        "Compare next: the pair for which one more judgment narrows the interval most."
    ) % {"times": UNREACHABLE}


def _is_significant(row: MethodDifference) -> bool:
    return row.adjusted_p is not None and row.adjusted_p < LEVEL


def _contains_zero(interval: tuple[float, float] | None) -> bool:
    return interval is not None and interval[0] <= 0 <= interval[1]


def _neighbours(row: MethodDifference, *, n_judgments: int) -> TableRow:
    best = row.best_comparison
    return TableRow(
        _("%(above)s above %(below)s") % {"above": row.above, "below": row.below},
        [
            estimate_cell(row.difference, row.interval, signed=True),
            interval_cell(row.simultaneous_interval),
            p_cell(row.adjusted_p),
            share_cell(row.share_of_resamples, reason=_("no bootstrap was computed")),
            Cell(_("none")) if _is_significant(row) else _needed(row, n_judgments=n_judgments),
        ],
        "" if best is None else _("compare next: %(one)s and %(other)s") % {"one": best[0], "other": best[1]},
    )


def _needed(row: MethodDifference, *, n_judgments: int) -> Cell:
    needed = row.still_needed
    if row.is_out_of_reach(n_judgments=n_judgments):
        return Cell(_("not feasible"))
    if needed is None:
        return missing(_("not determined"))
    if not needed.judgments:
        return Cell(_("none"))
    return count_cell(needed.judgments, note=_("from %(n)s more judges") % {"n": f"{needed.judges:,}"})


def other_models_table(result: RankingResult) -> Table | None:
    """The order by other models; None where a snapshot does not say."""
    if result.checks is None:
        return None
    rows = []
    for row in result.checks.other_models:
        why = reason(row.undetermined)
        cells = [
            Cell(str(TIES.get(row.ties, row.ties))),
            missing(why or _("undefined")) if row.tau_b is None else Cell(row.tau_b, form=SIGNED),
            missing(why) if why else Cell(", ".join(row.leaders)),
        ]
        rows.append(TableRow(str(MODELS.get(row.model, row.model)), cells, why))
    note = " ".join(map(str, check_findings(result)))
    columns = [_("Model"), _("Ties"), _("τ-b with this ranking"), _("Leads")]
    return Table(columns, rows, note, title=_("Rankings by other models"))


def tie_types_table(result: RankingResult) -> Table | None:
    """How often verdicts with each method were “both good” or “neither good”; None without such verdicts."""
    found = None if result.checks is None else result.checks.kinds_of_ties
    if found is None or not (found.n_both or found.n_neither):
        return None
    rows = [
        TableRow(
            row.method,
            [
                count_cell(row.n_verdicts),
                _of_verdicts(row.n_both, row.share_both),
                _of_verdicts(row.n_neither, row.share_neither),
            ],
        )
        for row in found.by_method
    ]
    note = _(
        "The ranking counts both as ties. Each verdict counts for two methods. Strengths show which output "
        "is better, not which is good: a highly ranked method may often be judged not good."
    )
    columns = [_("Method"), _("Verdicts"), _("Both good"), _("Neither good")]
    return Table(columns, rows, note, title=_("“Both good” and “neither good” by method"))


def _of_verdicts(n: int, of: float | None) -> Cell:
    return missing(_("no verdict")) if of is None else count_cell(n, note=share(of, digits=1))


def by_davidson(result: RankingResult) -> list[Finding]:
    """What modelled ties make of an order in which they are half wins; nothing where it has no ties or other rules."""
    if result.checks is None or result.ties != "half" or not result.n_ties:
        return []
    found = next((row for row in result.checks.other_models if row.ties == "davidson"), None)
    if found is None:
        return []
    if found.tau_b is None:
        why = reason(found.undetermined) or _("undefined")
        return [
            Finding(_("With Davidson ties the order is not determined: %(why)s"), {"why": why}, "caution")
        ]
    if found.tau_b >= 1:
        return [Finding(_("With Davidson ties the order is the same."))]
    return [
        Finding(
            _("With Davidson ties the order differs (τ-b %(tau)s between the two). Leading: %(names)s."),
            {"tau": found.tau_b, "names": found.leaders},
            "caution",
        )
    ]


def check_findings(result: RankingResult) -> list[Finding]:
    """The side effect, whether one scale fits, and where nobody could judge; nothing without a ranking."""
    checks = result.checks
    return (
        []
        if checks is None
        else [_side(checks.side_effect), *_scale(checks.fit), *_unjudged(checks.cannot_judge)]
    )


def _side(found: PositionEffect) -> Finding:
    if found.undetermined:
        return Finding(_("Side effect: not determined. %(why)s"), {"why": reason(found.undetermined)})
    values = {"value": written(found.side_effect, SIGNED), "p": written(found.p, P)}
    if found.judge_p is None:
        words = _(
            "The left side adds %(value)s log odds (p %(p)s, assuming independent judgments; by judge: not "
            "determined, %(why)s)"
        )
        return Finding(words, values | {"why": reason(found.judge_undetermined)})
    words = _(
        "The left side adds %(value)s log odds (p by judge %(by_judge)s; %(p)s assuming independent "
        "judgments)."
    )
    return Finding(words, values | {"by_judge": written(found.judge_p, P)})


def _scale(found: FitSummary) -> list[Finding]:
    if found.undetermined or found.p is None:
        return [Finding(_("Goodness of fit: not determined. %(why)s"), {"why": reason(found.undetermined)})]
    n = len(found.surprising)
    words = ngettext(
        "Goodness of fit: %(n)s pair differs significantly from the model; overall chi-squared "
        "%(chi_squared)s, %(degrees)s d.f., p %(p)s, assuming independent judgments.",
        "Goodness of fit: %(n)s pairs differ significantly from the model; overall chi-squared "
        "%(chi_squared)s, %(degrees)s d.f., p %(p)s, assuming independent judgments.",
        n,
    )
    values = {"n": n, "degrees": found.degrees, "p": p_equals(found.p)}
    sentences = [Finding(words, values | {"chi_squared": written(found.chi_squared)})]
    if found.circular_p is not None and found.expected_share is not None:
        sentences.append(
            Finding(
                _("%(n)s of %(of)s triads of methods are circular (expected %(share)s, p %(p)s)."),
                {
                    "n": found.n_circular,
                    "of": found.n_complete,
                    "share": share(found.expected_share, digits=1),
                    "p": p_equals(found.circular_p),
                },
            )
        )
    return sentences


def _unjudged(found: MissingVerdicts) -> list[Finding]:
    """Empty without such verdicts, or in a snapshot older than the test."""
    if not found.n:
        return []
    values = {"n": found.n, "of": found.n_verdicts}
    shares = {row.method: row.share for row in found.by_method if row.share is not None}
    if found.p is None or not shares:
        words = _("“Cannot judge”: %(n)s of %(of)s verdicts. %(why)s")
        return [Finding(words, values | {"why": reason(found.undetermined)})]
    most = max(shares, key=lambda method: shares[method])
    words = _(
        "“Cannot judge”: %(n)s of %(of)s verdicts, most with %(method)s (%(share)s). p %(p)s for the "
        "hypothesis that it does not depend on the method."
    )
    return [
        Finding(
            words,
            values | {"method": most, "share": share(shares[most], digits=1), "p": written(found.p, P)},
        )
    ]
