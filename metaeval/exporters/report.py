"""Report of a campaign as files for a paper: methods paragraph, tables, and references as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from hlv.core.rendering.latex import DEFINITIONS, PaperTable, escaped, latex_paragraph, latex_table
from hlv.core.rendering.sentences import unmarked
from hlv.core.tabular.writing import iso
from metaeval.findings.methods_section import citation, date_text, methods_paragraph, paper_tables
from metaeval.findings.preregistration_findings import (
    Departure,
    PreregistrationFindings,
    find_departure,
    preregistration_findings,
)
from metaeval.models import AnalysisPlan, Campaign, MetricAgreement, Ranking
from metaeval.selectors.snapshots import newest_preregistration

METHODS_TEX, METHODS_TEXT, REFERENCES = "methods.tex", "methods.txt", "references.bib"


@dataclass(frozen=True)
class CampaignReport:
    """What a report speaks of: snapshots that belong together, and the plan that was in force for them."""

    campaign: Campaign
    ranked: Ranking
    agreed: MetricAgreement | None
    plan: AnalysisPlan | None

    @property
    def paragraph(self) -> list[str]:
        said = methods_paragraph(self.ranked, self.agreed, self.plan)
        return said if self.departure is None else [*said, *self.departure.sentences]

    @cached_property
    def departure(self) -> Departure | None:
        return find_departure(self.ranked, self.plan)

    @property
    def preregistration_compliance(self) -> PreregistrationFindings | None:
        return preregistration_findings(self.plan, self.ranked, self.agreed)

    @property
    def tables(self) -> list[PaperTable]:
        return paper_tables(self.ranked, self.agreed)

    @property
    def references(self) -> str:
        return bibtex(
            citation(self.ranked, self.agreed),
            study=self.campaign.study.name,
            version=self.ranked.code_version,
            as_of=iso(date_text(self.ranked, self.agreed)),
        )

    def files(self) -> dict[str, str]:
        """For a paper, and therefore in its language whatever the reader's: name to text."""
        with override("en"):
            return {
                METHODS_TEXT: methods_text(self),
                METHODS_TEX: latex_paragraph(self.paragraph),
                REFERENCES: self.references,
                **{f"{table.name}.tex": latex_table(table) for table in self.tables},
            }


def snapshot_report(campaign: Campaign, ranked: Ranking, agreed: MetricAgreement | None) -> CampaignReport:
    """With the plan that stood when the data were taken; an agreement with an earlier ranking is no part of it."""
    if agreed is not None and agreed.ranking_id != ranked.pk:
        agreed = None
    return CampaignReport(campaign, ranked, agreed, newest_preregistration(campaign, as_of=ranked.as_of))


def methods_text(report: CampaignReport) -> str:
    """The paragraph, and what was planned and added, as plain text."""
    lines = [" ".join(report.paragraph), ""]
    held = report.preregistration_compliance
    if held is None:
        return unmarked("\n".join(lines))
    lines.append(_("Planned and done:"))
    for line in held.lines:
        words = f"- {line.what}: {line.planned} | {line.done}"
        lines.append(
            _("%(line)s [departs from the preregistration]") % {"line": words} if line.departs else words
        )
    lines += ["", _("Added:"), *(f"- {words}" for words in held.added or [_("nothing")])]
    return unmarked("\n".join(lines) + "\n")


_PAPERS: Final = {
    "kurniawan2026hlv": (
        "article",
        {
            "author": "Kurniawan, Kemal and Mistica, Meladel and Baldwin, Timothy and Lau, Jey Han",
            "title": "Training and Evaluating with Human Label Variation: An Empirical Study",
            "journal": "Computational Linguistics",
            "volume": "52",
            "number": "1",
            "year": "2026",
            "doi": "10.1162/coli.a.578",
        },
    ),
    "bradley1952rank": (
        "article",
        {
            "author": "Bradley, Ralph Allan and Terry, Milton E.",
            "title": "Rank Analysis of Incomplete Block Designs: {I}. The Method of Paired Comparisons",
            "journal": "Biometrika",
            "volume": "39",
            "number": "3/4",
            "pages": "324--345",
            "year": "1952",
            "doi": "10.2307/2334029",
        },
    ),
    "davidson1970ties": (
        "article",
        {
            "author": "Davidson, Roger R.",
            "title": "On Extending the {Bradley-Terry} Model to Accommodate Ties in Paired Comparison Experiments",
            "journal": "Journal of the American Statistical Association",
            "volume": "65",
            "number": "329",
            "pages": "317--328",
            "year": "1970",
            "doi": "10.1080/01621459.1970.10481082",
        },
    ),
    "rao1967ties": (
        "article",
        {
            "author": "Rao, P. V. and Kupper, L. L.",
            "title": "Ties in Paired-Comparison Experiments: A Generalization of the {Bradley-Terry} Model",
            "journal": "Journal of the American Statistical Association",
            "volume": "62",
            "number": "317",
            "pages": "194--204",
            "year": "1967",
            "doi": "10.1080/01621459.1967.10482901",
        },
    ),
    "negahban2012iterative": (
        "inproceedings",
        {
            "author": "Negahban, Sahand and Oh, Sewoong and Shah, Devavrat",
            "title": "Iterative Ranking from Pair-wise Comparisons",
            "booktitle": "Advances in Neural Information Processing Systems",
            "volume": "25",
            "year": "2012",
        },
    ),
    "bell2002bias": (
        "article",
        {
            "author": "Bell, Robert M. and McCaffrey, Daniel F.",
            "title": "Bias Reduction in Standard Errors for Linear Regression with Multi-Stage Samples",
            "journal": "Survey Methodology",
            "volume": "28",
            "number": "2",
            "pages": "169--181",
            "year": "2002",
        },
    ),
    "kendall1945ties": (
        "article",
        {
            "author": "Kendall, M. G.",
            "title": "The Treatment of Ties in Ranking Problems",
            "journal": "Biometrika",
            "volume": "33",
            "number": "3",
            "pages": "239--251",
            "year": "1945",
            "doi": "10.1093/biomet/33.3.239",
        },
    ),
    "holm1979simple": (
        "article",
        {
            "author": "Holm, Sture",
            "title": "A Simple Sequentially Rejective Multiple Test Procedure",
            "journal": "Scandinavian Journal of Statistics",
            "volume": "6",
            "number": "2",
            "pages": "65--70",
            "year": "1979",
        },
    ),
    "deutsch2021statistical": (
        "article",
        {
            "author": "Deutsch, Daniel and Dror, Rotem and Roth, Dan",
            "title": "A Statistical Analysis of Summarization Evaluation Metrics Using Resampling Methods",
            "journal": "Transactions of the Association for Computational Linguistics",
            "volume": "9",
            "pages": "1132--1146",
            "year": "2021",
            "doi": "10.1162/tacl_a_00417",
        },
    ),
    "deutsch2023ties": (
        "inproceedings",
        {
            "author": "Deutsch, Daniel and Foster, George and Freitag, Markus",
            "title": "Ties Matter: Meta-Evaluating Modern Metrics with Pairwise Accuracy and Tie Calibration",
            "booktitle": "Proceedings of the 2023 Conference on Empirical Methods in Natural Language Processing",
            "pages": "12914--12929",
            "year": "2023",
        },
    ),
}


def bibtex(cited: Iterable[str], *, study: str, version: str, as_of: str) -> str:
    """The papers cited, each once, and the study itself as it was taken away."""
    entries = [_entry(key, *_PAPERS[key]) for key in dict.fromkeys(cited)]
    title = escaped(study)
    if "\\hlv" in title:
        entries.insert(0, f'@preamble{{"{" ".join(DEFINITIONS.split())}"}}\n')
    entries.append(
        _entry(
            "hlv-study",
            "misc",
            {
                # By it an entry without an author is put in order.
                "key": "HLV",
                "title": f"{{{title}}}",
                "note": escaped(f"Computed with {version}, as of {as_of}"),
                "year": as_of[:4],
            },
        )
    )
    return "\n".join(entries)


def _entry(key: str, kind: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])
