"""How much was judged, and how far the annotators of the same texts agree: from snapshots, beside the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.findings.round_findings import two_alphas
from annotations.models import RoundReport
from annotations.results.round_report import read_label_agreement, read_round
from hlv.core.rendering.sentences import Finding, Name, SentenceValue, reason
from hlv.core.rendering.tables import Cell, Table, TableRow, count_cell
from hlv.stats.agreement import LabelAgreement
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.results.ranking import RankingResult


@dataclass(frozen=True)
class LabelsSection:
    """The newest report on annotating in key numbers; its own page has the rest."""

    as_of: datetime
    sentences: list[Finding]
    # (label, where the texts stand that were given it).
    labels: list[tuple[str, str]]


def labels_section(report: RoundReport | None, *, texts: TextLinks = NOWHERE) -> LabelsSection | None:
    if report is None:
        return None
    agreement, entropy = read_label_agreement(report.agreement), read_round(report).entropy
    sentences = _alpha(agreement)
    by_label = _alpha_by_label(agreement)
    if by_label:
        sentences += [*by_label, *two_alphas(agreement)]
    if entropy.mean is not None:
        words = _(
            "Mean entropy of %(n)s texts with two answers or more: %(mean)s (0 = everyone agrees, 1 = all labels equally often)."
        )
        sentences.append(Finding(words, {"n": entropy.n_items, "mean": entropy.mean}))
    names = [row.label for row in agreement.per_label] if texts.base else []
    return LabelsSection(report.as_of, sentences, [(name, texts.of_label(name)) for name in names])


def _alpha(agreement: LabelAgreement) -> list[Finding]:
    alpha = agreement.krippendorff_alpha
    if alpha.value is None:
        return (
            [Finding("%(why)s", {"why": reason(alpha.undetermined)}, "caution")] if alpha.undetermined else []
        )
    if alpha.interval is None:
        return [Finding(_("Krippendorff’s α of the labels is %(value)s."), {"value": alpha.value})]
    low, high = alpha.interval
    words = _("Krippendorff’s α of the labels is %(value)s (95 %% interval %(low)s to %(high)s).")
    return [Finding(words, {"value": alpha.value, "low": low, "high": high})]


def _alpha_by_label(agreement: LabelAgreement) -> list[Finding]:
    """The lowest and the highest; nothing of fewer than two labels."""
    alphas = [
        (row.krippendorff_alpha.value, row.label)
        for row in agreement.per_label
        if row.krippendorff_alpha.value is not None
    ]
    if len(alphas) < 2:
        return []
    (least, name), (most, best) = min(alphas), max(alphas)
    values: dict[str, SentenceValue] = {"low": least, "name": Name(name), "high": most, "best": Name(best)}
    return [Finding(_("By label, α ranges from %(low)s for %(name)s to %(high)s for %(best)s."), values)]


@dataclass(frozen=True)
class CoverageSection:
    sentences: list[str]
    table: Table


def coverage_section(result: RankingResult, *, texts: TextLinks = NOWHERE) -> CoverageSection | None:
    """None of a snapshot that keeps no pairs."""
    pairs, names = result.compared, result.names
    if not pairs:
        return None
    counts = sorted(pair.n_judgments for pair in pairs)
    compared = [n for n in counts if n]
    sentences = [
        ngettext(
            "%(n)s of %(of)s pair of methods was compared.",
            "%(n)s of %(of)s pairs of methods were compared.",
            len(pairs),
        )
        % {"n": f"{len(compared):,}", "of": f"{len(pairs):,}"}
    ]
    if compared:
        sentences.append(
            _("Each compared pair has %(fewest)s to %(most)s judgments (median %(median)s).")
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
        words = (
            _("Never compared: %(named)s; and %(n)s more pairs.") if more else _("Never compared: %(named)s.")
        )
        sentences.append(words % {"named": "; ".join(named), "n": f"{more:,}"})
    table = _table(result).leading_to(lambda row: texts.of_method(row.head))
    return CoverageSection(sentences, table)


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
    return Table([_("Method"), _("Judgments"), _("Methods compared with")], rows)
