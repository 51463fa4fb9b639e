"""The figures of a dashboard: picture, reading, cautions, words for who does not see it, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.figures.figure_files import FigureFile, Picture, picture
from hlv.core.rendering.sentences import Finding, listed, reason
from hlv.core.rendering.tables import Table
from metaeval.figures import metric_agreement, ranking, win_matrix
from metaeval.findings.agreement_findings import agreement_read
from metaeval.findings.agreement_robustness import verdicts_table, without_each_table
from metaeval.findings.difference_tables import (
    GeneralSection,
    differences_table,
    general_section,
    significance_line,
)
from metaeval.findings.findings import ranking_headline
from metaeval.findings.outlier_tables import outliers_table
from metaeval.findings.pair_findings import PairQuestion, pairs_table
from metaeval.findings.ranking_tables import (
    by_davidson,
    interval_origin,
    neighbours_table,
    other_models_table,
    ranking_table,
    tie_types_table,
)
from metaeval.findings.result_tables import GroupSection, agreement_table, group_section
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.models import MetricAgreement, Ranking
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.metric_rows import MetricRow
from metaeval.results.ranking import MethodRow, Pair, RankingResult, read_ranking

# A longer table is shown by method, or taken as a file.
MOST_ROWS: Final = 120


@dataclass(frozen=True)
class Choice:
    """One option of a select."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class Figure:
    """A figure of a page; its tables are shown below it, folded.

    Attributes
    ----------
    intervals
        Whether its intervals are single or simultaneous.
    reading, line, cautions
        How to read it, what it shows, and its limits.
    says
        The figure in words, for readers who do not see it.
    missing
        Why there is no picture.
    data_page, table_elsewhere
        Where a large table is, instead of `table`.
    choices, unknown
        The metrics that can be chosen, and why the requested one is not shown.
    kept
        Other questions in the address, which the form of this figure keeps.
    """

    number: int
    id: str
    title: str
    picture: Picture | None
    reading: str
    summary: str
    missing: str
    csv: str
    intervals: str = ""
    line: str = ""
    cautions: Sequence[str | Finding] = ()
    table: Table | None = None
    data_page: str = ""
    table_elsewhere: str = ""
    choices: Sequence[Choice] = ()
    unknown: str = ""
    kept: Sequence[tuple[str, str]] = ()
    question: PairQuestion | None = None
    differences: Table | None = None
    general: GeneralSection | None = None
    without_each: Table | None = None
    verdicts: Table | None = None
    groups: GroupSection | None = None
    outliers: Table | None = None
    neighbours: Table | None = None
    other_models: Table | None = None
    kinds_of_ties: Table | None = None

    @property
    def has_numbers(self) -> bool:
        return bool(self.table or self.data_page or self.table_elsewhere)


def agreement_figure(agreed: MetricAgreement, files: Sequence[FigureFile], *, number: int) -> Figure:
    result = read_agreement(agreed)
    read = agreement_read(result)
    return Figure(
        number=number,
        id=f"figure-{number}",
        title=_("Metrics against the experts")
        if agreed.against is None
        else _("Metrics against %(name)s") % {"name": agreed.against.name},
        intervals=_("95 % intervals: single, one metric at a time.")
        if any(row.tau and row.tau.interval for row in result.rows)
        else "",
        reading=_agreement_reading(
            read.n_methods,
            n_dashed_lines=metric_agreement.n_dashed_lines(result),
            has_groups=0 < len(metric_agreement.lettered_groups(result)) <= metric_agreement.MOST_BRACKETS,
        ),
        line=_lines(result),
        cautions=[*_copies(result.rows), *map(reason, result.notes)],
        picture=picture(files, metric_agreement.NAME),
        summary=_agreement_summary(result),
        missing=reason(agreed.undetermined) or _("No figure was drawn for this snapshot."),
        table=agreement_table(result),
        csv="metric-agreement",
        differences=differences_table(result),
        general=general_section(result),
        without_each=without_each_table(result),
        verdicts=verdicts_table(result),
        groups=group_section(result),
        outliers=outliers_table(result),
    )


def _lines(result: MetricAgreementResult) -> str:
    """Which metrics differ on these methods, and then on methods like these."""
    here, general = significance_line(result), general_section(result)
    if general is None:
        return here
    return " ".join(filter(None, [_("For these methods: %(line)s") % {"line": here}, general.line]))


def _agreement_reading(n_methods: int, *, n_dashed_lines: int, has_groups: bool) -> str:
    sentences = [
        _(
            "Each dot is the agreement of a metric with people on the order of the %(n)s methods: 1 = same "
            "order, 0 = no relation."
        )
        % {"n": n_methods},
        (
            _("Open dots: not distinguishable from chance."),
            _("Open dots, left of the dashed line: not distinguishable from chance."),
            _("Open dots, between the dashed lines: not distinguishable from chance."),
        )[n_dashed_lines],
    ]
    if has_groups:
        sentences.append(_("Metrics joined by a line on the right do not differ significantly."))
    return " ".join(sentences)


def _agreement_summary(result: MetricAgreementResult) -> str:
    """The figure in words, for those who do not see it."""
    rows = [row for row in result.rows if row.tau]
    if not rows:
        return _("No metric has a value.")
    sentences = [f"{row.label} {_in_words(row)}" for row in rows[:8]]
    more = len(rows) - len(sentences)
    words = (
        _("Kendall tau-b with 95 %% intervals, best first: %(rows)s; %(n)s more in the table.")
        if more
        else _("Kendall tau-b with 95 %% intervals, best first: %(rows)s.")
    )
    return words % {"rows": "; ".join(sentences), "n": more}


def _in_words(row: MetricRow) -> str:
    tau = row.tau
    if tau is None:
        return _("undefined")
    if tau.low is None or tau.high is None:
        return f"{tau.value:.2f}"
    return _("%(value)s, %(low)s to %(high)s") % {
        "value": f"{tau.value:.2f}",
        "low": f"{tau.low:.2f}",
        "high": f"{tau.high:.2f}",
    }


def _copies(rows: Sequence[MetricRow]) -> list[str]:
    """Metrics that only rescale one another: the same finding under several names."""
    named: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(row.hypothesis, []).append(row.label)
    return [
        _("%(names)s are one metric on different scales and count once.") % {"names": listed(names, most=8)}
        for names in named.values()
        if len(names) > 1
    ]


def ranking_figure(ranked: Ranking, files: Sequence[FigureFile], *, number: int) -> Figure:
    result = read_ranking(ranked)
    methods = result.ranked
    return Figure(
        number=number,
        id=f"figure-{number}",
        title=_("Ranking by the experts"),
        intervals=_ranking_intervals(result.ranked),
        reading="" if ranked.undetermined else ranking_headline(result),
        cautions=[
            *([_("Thick bars are the possible ranks.")] if methods else []),
            *([interval_origin(result)] if result.is_bootstrapped else []),
            *map(reason, result.notes),
            *by_davidson(result),
        ],
        picture=picture(files, ranking.NAME),
        summary=_("%(scale)s with 95 %% intervals, strongest first: %(rows)s.")
        % {
            "scale": ranking.scale_title(result),
            "rows": "; ".join(f"{row.name} {row.strength.value:.2f}" for row in methods[:12]),
        },
        missing=reason(ranked.undetermined) or _("No figure was drawn for this snapshot."),
        table=None if ranked.undetermined else ranking_table(result),
        neighbours=neighbours_table(result),
        other_models=other_models_table(result),
        kinds_of_ties=tie_types_table(result),
        csv="ranking",
    )


def win_matrix_figure(
    result: RankingResult,
    files: Sequence[FigureFile],
    *,
    number: int,
    texts: TextLinks = NOWHERE,
) -> Figure | None:
    """None where the snapshot holds no pairs."""
    pairs, names = result.compared, result.names
    if not pairs:
        return None
    long = len(pairs) > MOST_ROWS
    return Figure(
        number=number,
        id="who-beats-whom",
        title=_("Pairwise wins"),
        reading=_(
            "Above the diagonal: how often the row’s method was judged better than the column’s, in %, ties "
            "half. Below it, mirrored: what the ranking expects. Where the model fits, the two halves are alike."
        ),
        line=_against_line(pairs, names),
        cautions=[_how_sure(pairs)],
        picture=picture(files, win_matrix.NAME),
        summary=_("Of %(pairs)s pairs of methods, %(n)s were compared. %(against)s")
        % {
            "pairs": len(pairs),
            "n": sum(1 for pair in pairs if pair.n_judgments),
            "against": _against_line(pairs, names),
        },
        missing=_("No figure was drawn for this snapshot."),
        table=None if long else pairs_table(result, pairs, texts=texts),
        table_elsewhere=_("Choose a method below the ranking to see its pairs. The CSV has all pairs.")
        if long
        else "",
        csv="pairs",
    )


def _against_line(pairs: Sequence[Pair], names: Sequence[str]) -> str:
    against = [pair for pair in pairs if pair.against_the_order]
    if not against:
        return _("No pair was judged against the ranking’s order.")
    far = sorted(against, key=lambda pair: pair.observed or 0.0)
    named = [
        _("%(second)s over %(first)s")
        % {"first": listed([names[pair.first]]), "second": listed([names[pair.second]])}
        for pair in far[:3]
    ]
    more = len(against) - len(named)
    if more:
        words = _("%(n)s pairs were judged against the ranking’s order: %(named)s; and %(more)s more.")
    else:
        words = ngettext(
            "%(n)s pair was judged against the ranking’s order: %(named)s.",
            "%(n)s pairs were judged against the ranking’s order: %(named)s.",
            len(against),
        )
    return words % {"n": len(against), "named": "; ".join(named), "more": more}


def _how_sure(pairs: Sequence[Pair]) -> str:
    counts = sorted(pair.n_judgments for pair in pairs if pair.n_judgments)
    if not counts:
        return _("No pair was compared.")
    middle = counts[len(counts) // 2]
    # Of a share near one half, were the judgments independent.
    reach = round(100 * 1.96 * 0.5 / middle**0.5)
    return _(
        "About %(n)s judgments per cell: a single cell is accurate to ±%(reach)s points at best, because "
        "each judge votes many times."
    ) % {"n": middle, "reach": min(reach, 50)}


def _ranking_intervals(rows: Sequence[MethodRow]) -> str:
    """Rank intervals come from tests that are corrected over all pairs, strength intervals do not."""
    said = []
    if any(row.strength.interval for row in rows):
        said.append(_("95 % intervals of strengths: single, one method at a time."))
    if any(row.rank_interval for row in rows):
        said.append(
            _("95 % intervals of ranks: simultaneous, all methods together (Holm), so they are wider.")
        )
    return " ".join(said)
