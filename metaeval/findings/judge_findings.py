"""The judges on a page of results: who stands out, in a sentence, and the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.models import Job
from hlv.core.rendering.numbers import RANK, Form, counted
from hlv.core.rendering.sentences import listed, reason
from hlv.core.rendering.tables import Cell, Column, Table, TableRow, count_cell, missing
from hlv.stats.raters.rater_report import (
    AgreementWithOthers,
    CircularTriads,
    ConsensusFit,
    LeaveOneOutFit,
    LeftShare,
    Reliability,
    RepeatConsistency,
)
from metaeval.models import JudgeReport
from metaeval.results.judges import SECTIONS, JudgeRow, JudgesResult, read_judges

FLAGS = {
    "erratic": _lazy("erratic"),
    "muted": _lazy("muted"),
    "random": _lazy("like random answers"),
    "left": _lazy("prefers the left"),
    "right": _lazy("prefers the right"),
}
MOST_NAMES = 8
JUDGE_HEADER: Final = (
    *("campaign", "judge", "n_judgments", "n_cannot_judge", "median_seconds", "left_share", "left_low"),
    *("left_high", "left_adjusted_p", "n_shared_comparisons", "agreement", "agreement_low", "agreement_high"),
    *("opposite", "n_flipped", "self_consistency", "same_side", "n_triads", "circular_triads", "infit"),
    *("infit_adjusted_p", "outfit", "coin_log_ratio", "reliability", "reliability_low", "reliability_high"),
    *("without_largest_change", "without_largest_rank_change", "without_tau_b", "without_changes_leader"),
    *("flags", "undetermined"),
)
# In the order of their cells in a row.
_IN_FILES: Final = (
    *("n_cannot_judge", "left_adjusted_p", "n_shared_comparisons", "opposite", "n_flipped", "same_side"),
    *("n_triads", "infit_adjusted_p", "outfit", "coin_log_ratio", "without_largest_change", "without_tau_b"),
    *("without_changes_leader", "flags", "undetermined"),
)


@dataclass(frozen=True)
class JudgesSection:
    """`report` is None before the first; `running` is the job that is asked for and not over."""

    report: JudgeReport | None
    running: Job | None
    summary: str = ""
    table: Table | None = None
    notes: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()


def judges_section(report: JudgeReport | None, running: Job | None) -> JudgesSection:
    if report is None:
        return JudgesSection(None, running)
    result = read_judges(report)
    table = judges_table(result)
    return JudgesSection(
        report,
        running,
        summary=reason(report.undetermined) or flagged_judges(result),
        table=table if table.rows else None,
        notes=(*map(reason, result.notes), *undetermined_reasons(result)),
        provenance=(
            _("%(n)s resamples of texts") % {"n": f"{result.n_resamples:,}"},
            _("seed %(seed)s") % {"seed": report.seed},
            report.code_version,
        ),
    )


def flagged_judges(result: JudgesResult) -> str:
    flagged = [row for row in result.judges if row.flags]
    n_judges = len(result.judges)
    if not flagged:
        return ngettext(
            "%(n)s judge, without unusual results.", "None of %(n)s judges has unusual results.", n_judges
        ) % {"n": n_judges}
    return ngettext(
        "1 of %(of)s judges has unusual results: %(names)s.",
        "%(n)s of %(of)s judges have unusual results: %(names)s.",
        len(flagged),
    ) % {
        "n": len(flagged),
        "of": n_judges,
        "names": listed([f"{row.judge} ({_flags(row)})" for row in flagged], most=MOST_NAMES),
    }


def undetermined_reasons(result: JudgesResult) -> list[str]:
    """What is not determined of single judges, each reason once; what is of nobody is in the notes."""
    whom: dict[tuple[str, str], list[str]] = {}
    for row in result.judges:
        for section, why in result.undetermined_sections(row):
            if section not in result.sections_undetermined:
                whom.setdefault((section, why), []).append(row.judge)
    return [
        f"{SECTIONS[section]}, {_listed(names, len(result.judges))}: {reason(why)}"
        for (section, why), names in whom.items()
    ]


def _listed(names: list[str], n_judges: int) -> str:
    if len(names) == n_judges > 1:
        return "all judges"
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _flags(row: JudgeRow) -> str:
    return ", ".join(str(FLAGS[flag]) for flag in row.flags)


def judges_table(result: JudgesResult) -> Table:
    columns = [
        Column(_("Judge"), names=("judge",)),
        Column(_("Judgments"), names=("n_judgments",)),
        Column(_("Share of left side"), names=("left_share", "left_low", "left_high")),
        Column(_("Agreement with others"), names=("agreement", "agreement_low", "agreement_high")),
        Column(_("Self-consistency"), names=("self_consistency",)),
        Column(_("Circular triads"), names=("circular_triads",)),
        Column(_("Infit"), names=("infit",)),
        Column(_("Reliability"), names=("reliability", "reliability_low", "reliability_high")),
        Column(_("Rank change without judge"), names=("without_largest_rank_change",)),
        Column(_("Median seconds"), names=("median_seconds",), media=frozenset({"page"})),
        *(Column(name, names=(name,), media=frozenset()) for name in _IN_FILES),
    ]
    title = _("%(judges)s of “%(campaign)s”, %(judgments)s, ties %(ties)s") % {
        "judges": counted(result.n_judges, "judges"),
        "campaign": result.campaign,
        "judgments": counted(result.n_judgments, "judgments"),
        "ties": result.ties,
    }
    rows = [_row(row, result) for row in result.judges]
    return Table(columns, rows, title=title, everywhere={"campaign": result.campaign})


def _row(row: JudgeRow, result: JudgesResult) -> TableRow:
    sides, agreement = row.side_bias or LeftShare(), row.agreement or AgreementWithOthers()
    steady, triads = row.self_consistency or RepeatConsistency(), row.triads or CircularTriads()
    fit, without = row.consensus or ConsensusFit(), row.without or LeaveOneOutFit()
    reliability = row.reliability or Reliability()

    def cell(section: str, value: float | None, low: float | None = None, high: float | None = None) -> Cell:
        if value is None:
            return missing(result.why_undetermined(row, section) or _("undefined"))
        return Cell(value, None if low is None or high is None else (low, high))

    n = steady.n_flipped or 0
    repeats = ngettext("of %(n)s repeat", "of %(n)s repeats", n) % {"n": n} if n else ""
    whole = _("of %(n)s") % {"n": triads.n_complete} if triads.n_complete else ""
    shared = cell("agreement", agreement.same, agreement.low, agreement.high)
    moved = replace(cell("without", without.largest_rank_change), form=RANK)
    if without.largest_rank_change is None:
        moved = replace(moved, note=_("no ranking"))
    elif without.changes_leader:
        moved = replace(moved, note=_("another method leads"))
    reasons = "; ".join(f"{section}: {reason(why)}" for section, why in result.undetermined_sections(row))
    in_files = (
        row.n_cannot_judge, sides.adjusted_p, agreement.n_comparisons, agreement.opposite, steady.n_flipped,
        steady.same_side, triads.n_complete, fit.adjusted_p, fit.outfit, fit.coin_log_ratio, without.largest_change,
        without.tau, without.changes_leader, " ".join(row.flags), reasons or None,
    )  # fmt: skip
    cells = [
        count_cell(row.n_judgments),
        cell("side_bias", sides.share, sides.low, sides.high),
        replace(shared, reason=shared.reason or agreement.no_interval or ""),
        replace(cell("self_consistency", steady.same), note=repeats),
        replace(cell("triads", triads.share), note=whole),
        cell("consensus", fit.infit),
        cell("reliability", reliability.reliability, reliability.low, reliability.high),
        moved,
        missing(_("no times were stored"))
        if row.median_seconds is None
        else Cell(row.median_seconds, form=Form(digits=1)),
        *map(Cell, in_files),
    ]
    return TableRow(row.judge, cells, _flags(row))
