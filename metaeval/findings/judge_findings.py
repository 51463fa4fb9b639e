"""The judges on a page of results: who stands out, in a sentence, and the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.models import Job
from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import Cell, Table, TableRow, missing
from metaeval.models import JudgeReport
from metaeval.results.judge_reasons import undetermined_reasons

FLAGS = {
    "erratic": _lazy("erratic"),
    "muted": _lazy("muted"),
    "random": _lazy("like a coin"),
    "left": _lazy("prefers the left"),
    "right": _lazy("prefers the right"),
}
MOST_NAMES = 8


@dataclass(frozen=True)
class JudgesSection:
    """`report` is None before the first; `running` is the job that is asked for and not over."""

    report: JudgeReport | None
    running: Job | None
    says: str = ""
    table: Table | None = None
    notes: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()


def judges_section(report: JudgeReport | None, running: Job | None) -> JudgesSection:
    if report is None:
        return JudgesSection(None, running)
    table = judges_table(report.result)
    return JudgesSection(
        report,
        running,
        says=report.undetermined or flagged_judges(report.result),
        table=table if table.rows else None,
        notes=(*report.result.get("notes", []), *undetermined_reasons(report.result)),
        provenance=(
            _("%(n)s resamples of texts") % {"n": f"{int(report.result.get('n_resamples') or 0):,}"},
            _("seed %(seed)s") % {"seed": report.seed},
            report.code_version,
        ),
    )


def flagged_judges(result: Mapping[str, Any]) -> str:
    flagged = [row for row in result["judges"] if row["flags"]]
    n_judges = len(result["judges"])
    if not flagged:
        return ngettext(
            "%(n)s judge, who does not stand out.", "Of %(n)s judges none stands out.", n_judges
        ) % {"n": n_judges}
    return ngettext(
        "Of %(of)s judges one stands out: %(names)s.",
        "Of %(of)s judges %(n)s stand out: %(names)s.",
        len(flagged),
    ) % {
        "n": len(flagged),
        "of": n_judges,
        "names": listed([f"{row['judge']} ({_flags(row)})" for row in flagged], most=MOST_NAMES),
    }


def _flags(row: Mapping[str, Any]) -> str:
    return ", ".join(str(FLAGS[flag]) for flag in row["flags"])


def judges_table(result: Mapping[str, Any]) -> Table:
    heads = [
        _("Judge"), _("Judgments"), _("Share of the left"), _("Agreement with others"), _("Self-consistency"),
        _("Circular triads"), _("Infit"), _("Reliability"), _("Ranks move without"), _("Seconds, median"),
    ]  # fmt: skip
    return Table(heads, [_row(row, result) for row in result["judges"]])


def _row(row: Mapping[str, Any], result: Mapping[str, Any]) -> TableRow:
    whole = result.get("sections_undetermined", {})

    def cell(section: str, key: str) -> Cell:
        found = row.get(section, {})
        if found.get(key) is None:
            reason = found.get("undetermined") or whole.get(section)
            return missing(str(reason or _("undefined")))
        low, high = found.get("low"), found.get("high")
        if low is None or high is None:
            return Cell(found[key], reason=str(found.get("no_interval") or ""))
        return Cell(found[key], (low, high))

    n_flipped = row.get("self_consistency", {}).get("n_flipped")
    steady = cell("self_consistency", "same")
    if n_flipped:
        words = ngettext("of %(n)s repeat", "of %(n)s repeats", n_flipped) % {"n": n_flipped}
        steady = Cell(steady.words, beside=words)
    triads, n_complete = cell("triads", "share"), row.get("triads", {}).get("n_complete")
    if n_complete:
        triads = Cell(triads.words, beside=_("of %(n)s") % {"n": n_complete})
    seconds = row.get("median_seconds")
    cells = [
        Cell(f"{row['n_judgments']:,}"),
        cell("side_bias", "share"),
        cell("agreement", "same"),
        steady,
        triads,
        cell("consensus", "infit"),
        cell("reliability", "reliability"),
        _without(row, whole),
        missing(_("no times were kept")) if seconds is None else Cell(f"{seconds:.1f}"),
    ]
    return TableRow(row["judge"], cells, _flags(row))


def _without(row: Mapping[str, Any], whole: Mapping[str, str]) -> Cell:
    """By how many ranks a method moves when the ranking is made without this judge."""
    found = row.get("without", {})
    moved = found.get("largest_rank_change")
    if moved is None:
        reason = str(found.get("undetermined") or whole.get("without") or _("undefined"))
        return Cell("–", beside=_("no ranking"), reason=reason)
    return Cell(f"{moved:g}", beside=_("another leads") if found.get("changes_leader") else "")
