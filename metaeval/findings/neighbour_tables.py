"""How sure the order of a ranking is: neighbours, what is still needed to settle it, and what other models say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.figures.drawing import figure
from hlv.core.rendering.tables import Cell, Table, TableRow
from hlv.stats.p_values import p_text
from hlv.stats.pairwise.sample_size import UNREACHABLE, is_unreachable
from metaeval.findings.number_format import listed
from metaeval.results.chance_of_tau import LEVEL

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


def neighbours_table(result: Mapping[str, Any]) -> Table | None:
    """Every method beside the one below it; None where a snapshot does not say."""
    near = [row for row in result.get("differences") or [] if "still_needed" in row]
    if not near:
        return None
    heads = [
        _("Two neighbours"),
        _("Difference"),
        _("All differences together"),
        _("Adjusted p"),
        _("Above in resamples"),
        _("Judgments still needed"),
    ]
    return Table(
        heads, [_row(row, n_judgments=result["n_judgments"]) for row in near], " ".join(_notes(near))
    )


def _notes(near: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield _(
        "All differences together: Bonferroni. p: Holm over all pairs; below .05 the two are told apart. The share of resamples "
        "is no probability of the truth."
    )
    if any(_told_apart(row) and _holds_zero(row["simultaneous_interval"]) for row in near):
        yield _(
            "Where p is below .05 and the interval of all differences together still holds 0, both are right: Holm takes the "
            "pairs step by step and asks less of each than Bonferroni, which has no steps; the order rests on Holm."
        )
    yield _(
        "Still needed: more judgments, by more judges as active as these and on as many more texts, to tell the two "
        "apart by a chance of 80 %% or more if they lie as far apart as estimated; what is told apart needs none, and more than %(times)s times "
        "the judgments there are is out of reach. Compare next: "
        "the two methods of which one more judgment would narrow the interval most."
    ) % {"times": UNREACHABLE}


def _told_apart(row: Mapping[str, Any]) -> bool:
    return row["adjusted_p"] is not None and row["adjusted_p"] < LEVEL


def _holds_zero(interval: Sequence[float] | None) -> bool:
    return interval is not None and interval[0] <= 0 <= interval[1]


def _row(row: Mapping[str, Any], *, n_judgments: int) -> TableRow:
    best = row["best_comparison"]
    names = _("%(above)s above %(below)s") % {"above": row["above"], "below": row["below"]}
    return TableRow(
        names,
        [
            _with(row["difference"], row["interval"]),
            _with(None, row["simultaneous_interval"]),
            _p(row["adjusted_p"]),
            Cell("–", reason=_("nothing was resampled"))
            if row["share_of_resamples"] is None
            else Cell(f"{row['share_of_resamples']:.0%}"),
            Cell(_("none")) if _told_apart(row) else _needed(row, n_judgments=n_judgments),
        ],
        "" if best is None else _("compare next: %(one)s and %(other)s") % {"one": best[0], "other": best[1]},
    )


def _with(value: float | None, interval: list[float] | None) -> Cell:
    if interval is None:
        if value is None:
            return Cell("–", reason=_("no interval"))
        return Cell(figure(value, signed=True), beside=_("no interval"))
    low, high = (figure(end, signed=True) for end in interval)
    if value is None:
        return Cell(_("%(low)s to %(high)s") % {"low": low, "high": high})
    return Cell(figure(value, signed=True), low=low, high=high)


def _p(p: float | None) -> Cell:
    if p is None:
        return Cell("–", reason=_("no p"))
    return Cell(p_text(p))


def _needed(row: Mapping[str, Any], *, n_judgments: int) -> Cell:
    needed = row["still_needed"]
    if is_unreachable(row, n_judgments=n_judgments):
        return Cell(_("out of reach"))
    if needed is None:
        return Cell("–", reason=_("nothing says how many"))
    if not needed["judgments"]:
        return Cell(_("none"))
    return Cell(f"{needed['judgments']:,}", beside=_("by %(n)s more judges") % {"n": f"{needed['judges']:,}"})


def other_models_table(result: Mapping[str, Any]) -> Table | None:
    """The order by other models; None where a snapshot does not say."""
    checks = result.get("checks")
    if not isinstance(checks, Mapping):
        return None
    heads = [_("Model"), _("Ties"), _("τ-b with this ranking"), _("Leads")]
    rows = []
    for row in checks["other_models"]:
        why = str(row["undetermined"] or "")
        tau = row.get("tau_b")
        cells = [
            Cell(str(TIES.get(row["ties"], row["ties"]))),
            Cell("–", reason=why or _("undefined")) if tau is None else Cell(figure(tau, signed=True)),
            Cell("–", reason=why) if why else Cell(", ".join(row["leaders"])),
        ]
        rows.append(TableRow(str(MODELS.get(row["model"], row["model"])), cells, why))
    beside = [_sides(checks["side_effect"]), _scale(checks["fit"]), _cannot(checks.get("cannot_judge"))]
    return Table(heads, rows, " ".join(filter(None, beside)))


def tie_types_table(result: Mapping[str, Any]) -> Table | None:
    """How often verdicts with each method said that both are good, and that neither is; None where nobody did."""
    found = (result.get("checks") or {}).get("kinds_of_ties")
    if not found or not (found["n_both"] or found["n_neither"]):
        return None
    heads = [_("Method"), _("Verdicts"), _("Both good"), _("Neither good")]
    rows = [
        TableRow(
            row["method"],
            [
                Cell(f"{row['n_verdicts']:,}"),
                _of_verdicts(row["n_both"], row["share_both"]),
                _of_verdicts(row["n_neither"], row["share_neither"]),
            ],
        )
        for row in found["by_method"]
    ]
    note = _(
        "The ranking takes both for ties. Each verdict counts for two methods. Strengths say which of two outputs is better and "
        "not which are good: a method may stand high and still be found not good with many others."
    )
    return Table(heads, rows, note)


def _of_verdicts(n: int, share: float | None) -> Cell:
    return Cell("–", reason=_("no verdict")) if share is None else Cell(f"{n:,}", beside=f"{share:.1%}")


def by_davidson(result: Mapping[str, Any]) -> list[str]:
    """What modelled ties make of an order in which they are half wins; nothing where it has no ties or other rules."""
    checks = result.get("checks")
    if not isinstance(checks, Mapping) or result.get("ties") != "half" or not result.get("n_ties"):
        return []
    found = [row for row in checks["other_models"] if row["ties"] == "davidson"]
    if not found:
        return []
    tau, why = found[0].get("tau_b"), found[0]["undetermined"]
    if tau is None:
        return [_("With ties after Davidson there is no order: %(why)s") % {"why": why or _("undefined")}]
    if tau >= 1:
        return [_("With ties after Davidson the order is the same.")]
    return [
        _("With ties after Davidson the order differs (τ-b %(tau)s between the two), led by %(names)s.")
        % {"tau": figure(tau), "names": listed(found[0]["leaders"])}
    ]


def _sides(side: Mapping[str, Any]) -> str:
    if side["undetermined"]:
        return _("Side effect: %(why)s") % {"why": side["undetermined"]}
    return _(
        "The left side adds %(value)s log odds (p by judge %(by_judge)s; as if judgments were independent, %(p)s)."
    ) % {
        "value": figure(side["side_effect"], signed=True),
        "by_judge": _p(side["judge_p"]).words,
        "p": _p(side["p"]).words,
    }


def _cannot(found: Mapping[str, Any] | None) -> str:
    """Nothing where nobody said it, or the snapshot is older than the test."""
    if not found or not found["n"]:
        return ""
    if found["p"] is None:
        return _("“Cannot judge” was said of %(n)s of %(of)s verdicts: %(why)s") % {
            "n": f"{found['n']:,}",
            "of": f"{found['n_verdicts']:,}",
            "why": found["undetermined"],
        }
    there = [row for row in found["by_method"] if row["share"] is not None]
    most = max(there, key=lambda row: row["share"])
    return _(
        "“Cannot judge” was said of %(n)s of %(of)s verdicts, most with %(method)s (%(share)s); p that judges say it "
        "whatever the methods are is %(p)s."
    ) % {
        "n": f"{found['n']:,}",
        "of": f"{found['n_verdicts']:,}",
        "method": most["method"],
        "share": f"{most['share']:.1%}",
        "p": _p(found["p"]).words,
    }


def _scale(fit: Mapping[str, Any]) -> str:
    if fit["undetermined"]:
        return _("Whether one scale fits: %(why)s") % {"why": fit["undetermined"]}
    return ngettext(
        "One scale: %(n)s pair departs from it beyond chance; of all pairs together p is %(p)s, as if judgments were "
        "independent.",
        "One scale: %(n)s pairs depart from it beyond chance; of all pairs together p is %(p)s, as if judgments were "
        "independent.",
        len(fit["surprising"]),
    ) % {"n": len(fit["surprising"]), "p": _p(fit["p"]).words}
