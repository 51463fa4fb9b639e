"""Supplementary analyses on a page of results: purpose, answer, figure, tables, files, and the form that computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from annotations.models import Job, Study
from hlv.core.figures.figure_files import FigureFile, picture
from hlv.core.rendering.sentences import led, reason
from hlv.core.rendering.tables import Table
from metaeval.figures import annotator_curves, segment_agreement
from metaeval.findings.agreement_robustness import (
    CEILING_HEADER,
    ceiling_file_table,
    ceiling_headline,
    ceiling_note,
    ceiling_table,
)
from metaeval.findings.annotator_number_tables import (
    ANNOTATOR_HEADER,
    CORRECTED_HEADER,
    annotator_headline,
    annotator_notes,
    corrected_file_table,
    corrected_tables,
    curve_file_table,
    curve_tables,
)
from metaeval.findings.result_figures import Figure
from metaeval.findings.segment_agreement_tables import (
    HUMAN_SYSTEMS_HEADER,
    SEGMENT_DIFFERENCE_HEADER,
    SEGMENT_HEADER,
    SEGMENT_SYSTEMS_HEADER,
    difference_tables,
    grouping_tables,
    human_table,
    segment_headline,
    segment_notes,
    systems_table,
)
from metaeval.models import Campaign, SupplementaryAnalysis
from metaeval.results.annotator_numbers import read_annotator_numbers
from metaeval.results.noise_ceiling import read_ceiling
from metaeval.results.segment_agreement import read_segments
from metaeval.selectors.scores import scores_of_texts, text_columns
from metaeval.selectors.snapshots import figure_files, newest_analyses

SEGMENTS: Final = SupplementaryAnalysis.Kind.SEGMENTS
ANNOTATORS: Final = SupplementaryAnalysis.Kind.ANNOTATORS
CEILING: Final = SupplementaryAnalysis.Kind.CEILING
# Names of figures.
_DRAWN: Final[Mapping[str, str]] = {SEGMENTS: segment_agreement.NAME, ANNOTATORS: annotator_curves.NAME}


@dataclass(frozen=True)
class AnalysisSection:
    """`snapshot` is None before the first; `running` is the job that is asked for and not over.

    Attributes
    ----------
    purpose
        What the section is about, in one plain sentence.
    summary
        The answer.
    groups
        Tables with their files, each group folded.
    paper
        The name of the LaTeX file of all tables; empty without any.
    scores, columns
        To choose from before it is computed: human scores of texts, and columns that name the blocks of texts.
    """

    kind: str
    title: str
    purpose: str
    snapshot: SupplementaryAnalysis | None = None
    running: Job | None = None
    summary: str = ""
    figure: Figure | None = None
    groups: Sequence[TableGroup] = ()
    notes: Sequence[str] = ()
    provenance: Sequence[str] = ()
    paper: str = ""
    scores: Sequence[str] = ()
    columns: Sequence[str] = ()


@dataclass(frozen=True)
class TableGroup:
    """Tables under one heading, and the names of their files with what they are called."""

    title: str
    tables: Sequence[Table]
    files: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class FileTable:
    """Tables of one kind, one after the other in a file."""

    name: str
    header: tuple[str, ...]
    tables: Sequence[Table]
    about: str


def purpose_words(kind: str) -> str:
    return {
        SEGMENTS: _(
            "How well each metric agrees with people on single texts, and not only on the ranking of the methods."
        ),
        ANNOTATORS: _(
            "How the scores of the methods, and their ranking, would change with fewer annotators per text."
        ),
        CEILING: _(
            "How well a perfect metric could agree with these judgments: judges disagree, and texts differ."
        ),
    }[SupplementaryAnalysis.Kind(kind)]


def analysis_section(
    kind: str,
    snapshot: SupplementaryAnalysis | None,
    running: Job | None = None,
    *,
    files: Sequence[FigureFile] = (),
    number: int = 1,
    scores: Sequence[str] = (),
    columns: Sequence[str] = (),
) -> AnalysisSection:
    """A section of this kind; `number` is that of its figure."""
    title = str(SupplementaryAnalysis.Kind(kind).label)
    if snapshot is None:
        return AnalysisSection(
            kind, title, purpose_words(kind), running=running, scores=scores, columns=columns
        )
    shown = _CONTENT[kind](snapshot)
    drawn = picture(files, _DRAWN[kind]) if kind in _DRAWN else None
    return AnalysisSection(
        kind=kind,
        title=title,
        purpose=purpose_words(kind),
        snapshot=snapshot,
        running=running,
        summary=reason(snapshot.undetermined) or led(shown.summary),
        figure=Figure(
            number=number,
            id=f"{kind}-figure",
            title=shown.figure_title,
            picture=drawn,
            reading=shown.reading,
            summary=shown.summary,
            missing="",
            csv="",
        )
        if drawn
        else None,
        groups=[group for group in shown.groups if any(table.rows for table in group.tables)],
        notes=shown.notes,
        provenance=(_("seed %(seed)s") % {"seed": snapshot.seed}, snapshot.code_version),
        paper=f"{kind}.tex" if shown.groups else "",
        scores=scores,
        columns=columns,
    )


def analysis_sections(
    study: Study, campaign: Campaign | None, running: Mapping[str, Job], *, first_number: int
) -> list[AnalysisSection]:
    """Those that the study can have, with the newest snapshot of each; figures are numbered from `first_number`."""
    newest = newest_analyses(study, campaign)
    scores = scores_of_texts(study)
    possible = {
        SEGMENTS: bool(scores),
        ANNOTATORS: study.task != Study.Task.NONE,
        CEILING: campaign is not None,
    }
    columns = text_columns(study) if scores else []
    files = figure_files(*newest.values()) if newest else []
    sections: list[AnalysisSection] = []
    for kind, is_possible in possible.items():
        if is_possible or kind in newest:
            n_before = sum(section.figure is not None for section in sections)
            section = analysis_section(
                kind,
                newest.get(kind),
                running.get(kind),
                files=files,
                number=first_number + n_before,
                scores=scores if kind == SEGMENTS else (),
                columns=columns if kind == SEGMENTS else (),
            )
            sections.append(section)
    return sections


@dataclass(frozen=True)
class _Content:
    summary: str
    groups: list[TableGroup]
    notes: list[str]
    figure_title: str = ""
    reading: str = ""


def _segments(snapshot: SupplementaryAnalysis) -> _Content:
    result = read_segments(snapshot)
    return _Content(
        segment_headline(result),
        [
            TableGroup(_("Data"), grouping_tables(result), [("CSV", "segment-agreement.csv")]),
            TableGroup(
                _("Differences between metrics"),
                difference_tables(result),
                [("CSV", "segment-differences.csv")],
            ),
            TableGroup(
                _("Systems"),
                [systems_table(result), human_table(result)],
                [(_("CSV of metrics"), "segment-systems.csv"), (_("CSV of systems"), "human-systems.csv")],
            ),
        ],
        segment_notes(result),
        figure_title=_("Agreement per text with %(name)s") % {"name": result.against},
        reading=_(
            "Each mark is the mean τ-b of a metric with people. Per text: which output is better? Per system: which "
            "text did it do better? Lines are 95 % intervals, one metric at a time."
        ),
    )


def _annotators(snapshot: SupplementaryAnalysis) -> _Content:
    result = read_annotator_numbers(snapshot)
    return _Content(
        annotator_headline(result),
        [
            TableGroup(_("Data"), curve_tables(result), [("CSV", "annotator-numbers.csv")]),
            TableGroup(_("Corrected scores"), corrected_tables(result), [("CSV", "corrected-scores.csv")]),
        ],
        annotator_notes(result),
        figure_title=_("Scores with fewer annotators"),
        reading=_(
            "Each line is a method. Upright lines contain 95 % of the draws of so many annotators. The last mark is the "
            "score corrected for few annotators, where a correction exists."
        ),
    )


def _ceiling(snapshot: SupplementaryAnalysis) -> _Content:
    result = read_ceiling(snapshot)
    if result.found is None:
        return _Content("", [], [])
    return _Content(
        ceiling_headline(result.found),
        [TableGroup(_("Data"), [ceiling_table(result.found)], [("CSV", "noise-ceiling.csv")])],
        [ceiling_note(result.found, seed=result.seed)],
    )


_CONTENT: Final[Mapping[str, Callable[[SupplementaryAnalysis], _Content]]] = {
    SEGMENTS: _segments,
    ANNOTATORS: _annotators,
    CEILING: _ceiling,
}


def shown_tables(snapshot: SupplementaryAnalysis) -> list[Table]:
    """The tables of the page, for a paper."""
    return [table for group in _CONTENT[snapshot.kind](snapshot).groups for table in group.tables]


def file_tables(snapshot: SupplementaryAnalysis) -> list[FileTable]:
    """The tables of a snapshot as files have them, those without a row left out."""
    if snapshot.kind == SEGMENTS:
        found = _segment_files(snapshot)
    elif snapshot.kind == ANNOTATORS:
        found = _annotator_files(snapshot)
    else:
        ceiling = read_ceiling(snapshot)
        tables = (
            [] if ceiling.found is None else [ceiling_file_table(ceiling.found, campaign=ceiling.campaign)]
        )
        found = [
            FileTable("noise-ceiling", CEILING_HEADER, tables, "noise ceilings of the newest computation")
        ]
    return [one for one in found if any(table.rows for table in one.tables)]


def _segment_files(snapshot: SupplementaryAnalysis) -> list[FileTable]:
    result = read_segments(snapshot)
    return [
        FileTable(
            "segment-agreement",
            SEGMENT_HEADER,
            grouping_tables(result),
            "agreement of metrics with human scores of texts: per text, per system, and over all",
        ),
        FileTable(
            "segment-differences",
            SEGMENT_DIFFERENCE_HEADER,
            difference_tables(result),
            "tests between metrics, by their agreement per text",
        ),
        FileTable(
            "segment-systems",
            SEGMENT_SYSTEMS_HEADER,
            [systems_table(result)],
            "agreement of metrics on mean scores of systems, with and without outliers",
        ),
        FileTable(
            "human-systems",
            HUMAN_SYSTEMS_HEADER,
            [human_table(result)],
            "systems by their mean human score, with clusters and outliers",
        ),
    ]


def _annotator_files(snapshot: SupplementaryAnalysis) -> list[FileTable]:
    result = read_annotator_numbers(snapshot)
    return [
        FileTable(
            "annotator-numbers",
            ANNOTATOR_HEADER,
            [curve_file_table(metric, result.methods) for metric in result.metrics],
            "scores of the methods with fewer annotators",
        ),
        FileTable(
            "corrected-scores",
            CORRECTED_HEADER,
            [corrected_file_table(metric) for metric in result.metrics],
            "scores corrected for few annotators",
        ),
    ]
