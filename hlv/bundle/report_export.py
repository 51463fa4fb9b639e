"""The part of a bundle that goes into a paper: tables, the paragraph on methods, plans, where each number is from."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from annotations.models import Snapshot, Study
from hlv import __version__
from hlv.bundle.folder import Bundle, file_name
from hlv.bundle.readme import data_card, newest_rankings
from hlv.core.tabular.writing import CellValue, iso, json_text
from metaeval.exporters.report import CampaignReport, snapshot_report
from metaeval.models import MetricAgreement
from metaeval.selectors import exports
from metaeval.selectors.snapshots import preregistrations

PROVENANCE_HEADER = (
    *("kind", "campaign", "snapshot", "as_of", "seed", "parameters", "code_version", "data_fingerprint"),
    "undetermined",
)
# What computes, fits and draws: another version may change a last bit, or the look of a figure.
_LIBRARIES = ("numpy", "scipy", "Django", "altair", "vl-convert-python")
_DOCUMENT = r"""\documentclass{article}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\else\usepackage{fontspec}\fi
\usepackage{booktabs,longtable}
%s\begin{document}
%s\nocite{*}
\bibliographystyle{plain}
\bibliography{references}
\end{document}
"""
# For names from right to left: letters joined and in their order, in the first of these fonts that is here.
_RIGHT_TO_LEFT = r"""\ifPDFTeX\else
\usepackage[bidi=default,english]{babel}
\babelprovide[import]{arabic}
\IfFontExistsTF{Amiri}{\babelfont[arabic]{rm}{Amiri}}{\IfFontExistsTF{FreeSerif}{\babelfont[arabic]{rm}{FreeSerif}}{}}
\newcommand{\hlvrtl}[1]{\foreignlanguage{arabic}{#1}}
\fi
"""


def document(files: Mapping[str, str]) -> str:
    """What compiles all of them: paragraph, tables and references."""
    inputs = [name.removesuffix(".tex") for name in files if name.endswith(".tex")]
    # Floats are set before the next one comes: LaTeX holds only so many.
    body = "".join(f"\\input{{{name}}}\n\\clearpage\n" for name in inputs)
    arabic = _RIGHT_TO_LEFT if any(r"\hlvrtl{\hlvsigns" in text for text in files.values()) else ""
    return _DOCUMENT % (arabic, body)


class ReportExport:
    """Writes what a report says, of each campaign that has a ranking."""

    def __init__(self, study: Study, bundle: Bundle, *, as_of: dt.datetime, with_names: bool) -> None:
        self.study = study
        self.bundle = bundle
        self.as_of = as_of
        self.with_names = with_names

    def write(self) -> None:
        self.bundle.write(
            "data-card.md",
            [data_card(self.study, as_of=self.as_of, with_names=self.with_names)],
            about="the data in words and numbers: who, what, how many, what to beware of",
        )
        self._write_plans()
        self._write_provenance()
        self.bundle.write(
            "versions.json",
            [json_text(versions(), indent=2) + "\n"],
            about="the programs that wrote this bundle; each snapshot names the version that computed it",
        )
        for report in self._reports():
            self._write_report(report)

    def _write_plans(self) -> None:
        plans = [
            {
                "campaign": campaign.name,
                "campaign_uuid": str(campaign.uuid),
                "version": plan.version,
                "frozen_at": iso(plan.frozen_at),
                "n_judgments_before": plan.n_judgments_before,
                "digest": plan.digest,
                "plan": plan.content,
            }
            for campaign in exports.exported_campaigns(self.study, as_of=self.as_of)
            for plan in preregistrations(campaign, as_of=self.as_of)
        ]
        if plans:
            self.bundle.write(
                "analysis-plans.json",
                [json_text(plans, indent=2) + "\n"],
                about="what was planned, every version with its moment and digest",
            )

    def _write_provenance(self) -> None:
        self.bundle.table(
            "provenance.csv",
            PROVENANCE_HEADER,
            self._provenance(),
            about="every snapshot with its seed, parameters, version and the fingerprint of its data",
        )

    def _provenance(self) -> Iterator[tuple[CellValue, ...]]:
        rankings = exports.exported_rankings(self.study, as_of=self.as_of).select_related("campaign")
        agreements = exports.exported_agreements(self.study, as_of=self.as_of).select_related("campaign")
        reports = exports.exported_judge_reports(self.study, as_of=self.as_of).select_related("campaign")
        for kind, snapshots in (
            ("ranking", rankings),
            ("metric agreement", agreements),
            ("judge report", reports),
            ("other choices", exports.exported_sensitivities(self.study, as_of=self.as_of)),
        ):
            for snapshot in snapshots:
                campaign = snapshot.campaign
                yield _origin(kind, snapshot, campaign=None if campaign is None else campaign.name)
        for analysis in exports.exported_analyses(self.study, as_of=self.as_of):
            campaign = analysis.campaign
            yield _origin(analysis.kind, analysis, campaign=None if campaign is None else campaign.name)
        for scoring in exports.exported_scorings(self.study, as_of=self.as_of):
            yield _origin("scoring", scoring, campaign=None)
        for agreement in exports.exported_label_agreements(self.study, as_of=self.as_of):
            yield _origin("label agreement", agreement, campaign=None)

    def _reports(self) -> Iterator[CampaignReport]:
        agreements: dict[int | None, MetricAgreement] = {}
        for agreement in exports.exported_agreements(self.study, as_of=self.as_of).select_related("scoring"):
            agreements[agreement.ranking_id] = agreement
        for ranking in newest_rankings(self.study, as_of=self.as_of):
            yield snapshot_report(ranking.campaign, ranking, agreements.get(ranking.pk))

    def _write_report(self, report: CampaignReport) -> None:
        of = report.campaign.name
        folder = self._free_folder(file_name(of))
        files = report.files()
        for name, text in files.items():
            self.bundle.write(f"{folder}/{name}", [text], about=_about(name, of))
        self.bundle.write(
            f"{folder}/all.tex", [document(files)], about=f"a document with all of “{of}”, to be compiled"
        )

    def _free_folder(self, stem: str) -> str:
        taken, number = f"report/{stem}", 1
        while any(name.startswith(f"{taken}/") for name in self.bundle.described):
            number += 1
            taken = f"report/{stem}~{number}"
        return taken


def _about(name: str, of: str) -> str:
    if name == "methods.txt":
        return f"how “{of}” was computed, in sentences whose numbers are the snapshots’; planned and added"
    if name == "methods.tex":
        return f"the same sentences of “{of}” for LaTeX"
    if name == "references.bib":
        return f"what to cite for “{of}”, as BibTeX"
    return f"a table of “{of}” for LaTeX (booktabs), rounded as on the page"


def _origin(kind: str, snapshot: Snapshot, *, campaign: str | None) -> tuple[CellValue, ...]:
    return (
        kind,
        campaign,
        str(snapshot.uuid),
        snapshot.as_of,
        snapshot.seed,
        json_text(dict(sorted(snapshot.parameters.items()))),
        snapshot.code_version,
        snapshot.data_fingerprint,
        snapshot.undetermined or None,
    )


def versions() -> dict[str, str]:
    return {
        "hlv": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }
