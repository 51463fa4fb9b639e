"""How much was judged, and how far the annotators of the same texts agree: from snapshots, beside the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.figures.rounds import two_alphas
from annotations.models import RoundReport
from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import Cell, Table, TableRow, count_cell
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.results.ranking import RankingResult


@dataclass(frozen=True)
class LabelsSection:
    """The newest report on annotating in key numbers; its own page has the rest."""

    as_of: datetime
    says: list[str]
    # (label, where the texts stand that were given it).
    labels: list[tuple[str, str]]


def labels_section(report: RoundReport | None, *, texts: TextLinks = NOWHERE) -> LabelsSection | None:
    if report is None:
        return None
    agreement, result = report.agreement.result, report.result
    said = [_alpha(agreement)]
    lowest = _extreme_label(agreement, lowest=True)
    if lowest:
        said += [lowest, *two_alphas(agreement)]
    entropy = result.get("entropy") or {}
    if entropy.get("mean") is not None:
        said.append(
            _(
                "Over %(n)s texts with two answers or more the mean entropy is %(mean)s: 0 is one mind, 1 every label alike."
            )
            % {"n": f"{entropy['n_items']:,}", "mean": figure(entropy["mean"])}
        )
    names = [str(row["label"]) for row in agreement.get("per_label") or []] if texts.base else []
    return LabelsSection(
        report.as_of,
        [sentence for sentence in said if sentence],
        [(name, texts.of_label(name)) for name in names],
    )


def _alpha(agreement: Mapping[str, Any]) -> str:
    alpha = agreement.get("krippendorff_alpha") or {}
    if alpha.get("value") is None:
        return str(alpha.get("undetermined") or "")
    words = _("Krippendorff’s α of the labels is %(value)s") % {"value": figure(alpha["value"])}
    if alpha.get("interval"):
        low, high = (figure(end) for end in alpha["interval"])
        words += _(" (95 %% interval %(low)s to %(high)s)") % {"low": low, "high": high}
    return f"{words}."


def _extreme_label(agreement: Mapping[str, Any], *, lowest: bool) -> str:
    rows = [
        (row["krippendorff_alpha"]["value"], row["label"])
        for row in agreement.get("per_label") or []
        if row["krippendorff_alpha"]["value"] is not None
    ]
    if len(rows) < 2 or not lowest:
        return ""
    (least, name), (most, best) = min(rows), max(rows)
    return _("By label it goes from %(low)s for %(name)s to %(high)s for %(best)s.") % {
        "low": figure(least),
        "name": listed([name]),
        "high": figure(most),
        "best": listed([best]),
    }


@dataclass(frozen=True)
class CoverageSection:
    says: list[str]
    table: Table


def coverage_section(result: RankingResult, *, texts: TextLinks = NOWHERE) -> CoverageSection | None:
    """None of a snapshot that keeps no pairs."""
    pairs, names = result.compared, result.names
    if not pairs:
        return None
    counts = sorted(pair.n_judgments for pair in pairs)
    compared = [n for n in counts if n]
    said = [
        ngettext(
            "%(n)s of %(of)s pair of methods was compared.",
            "%(n)s of %(of)s pairs of methods were compared.",
            len(pairs),
        )
        % {"n": f"{len(compared):,}", "of": f"{len(pairs):,}"}
    ]
    if compared:
        said.append(
            _("Each of them has %(fewest)s to %(most)s judgments, %(median)s in the middle.")
            % {
                "fewest": f"{compared[0]:,}",
                "most": f"{compared[-1]:,}",
                "median": f"{median(compared):,}".removesuffix(".0"),
            }
        )
    never = [pair for pair in pairs if not pair.n_judgments]
    if never:
        named = [
            _("%(one)s with %(other)s") % {"one": names[pair.first], "other": names[pair.second]}
            for pair in never[:3]
        ]
        more = len(never) - len(named)
        said.append(
            _("Never compared: %(named)s%(more)s.")
            % {
                "named": "; ".join(named),
                "more": _("; and %(n)s more pairs") % {"n": f"{more:,}"} if more else "",
            }
        )
    table = _table(result).leading_to(lambda row: texts.of_method(row.head))
    return CoverageSection(said, table)


def _table(result: RankingResult) -> Table:
    met = Counter(
        place for pair in result.compared if pair.n_judgments for place in (pair.first, pair.second)
    )
    rows = [
        TableRow(
            row.name,
            [
                count_cell(row.n_judgments),
                Cell(_("%(n)s of %(of)s") % {"n": met[place], "of": len(result.ranked) - 1}),
            ],
        )
        for place, row in enumerate(result.ranked)
    ]
    return Table([_("Method"), _("Judgments"), _("Other methods met")], rows)
