"""docs/science defines each metric, estimator and measure with formula, source, assumption and limit."""

from __future__ import annotations

import re
from functools import cache
from math import isinf

import pytest

from hlv.stats.agreement.krippendorff import SET_DISTANCES
from hlv.stats.meta_evaluation.paired_permutation import SWAP_NULLS
from hlv.stats.metrics.metric import ANY_TASK, Metric
from hlv.stats.metrics.registry import METRICS
from hlv.stats.pairwise.comparison_resampler import RESAMPLING_UNITS
from hlv.stats.pairwise.mle_existence import TIES_RULES
from hlv.stats.pairwise.rank_centrality import CENTRALITY_TIES
from hlv.stats.pairwise.ranking_models import RANKING_MODELS
from tests.conftest import CHECKOUT

SCIENCE = sorted((CHECKOUT / "docs" / "science").glob("*.md"))
SOURCES = CHECKOUT / "docs" / "sources.md"
COLUMNS = {"formula", "source", "assumes", "limit"}
# One work or several, as “Bell and McCaffrey (2002)”: a name and a year.
WORK = re.compile(r"((?:Al )?[A-Z][\w-]+(?:,? (?:and )?(?:van )?[A-Z][\w-]+)*(?: et al\.)?) \((\d{4})\)")

Row = dict[str, str]


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@cache
def rows() -> list[Row]:
    """Rows of all definition tables, keyed by column header; the first column is “name”."""
    found: list[Row] = []
    heads: list[str] = []
    for line in (line for page in SCIENCE for line in page.read_text(encoding="utf-8").splitlines()):
        if not line.startswith("|"):
            heads = []
        elif not heads:
            heads = cells_of(line)
        elif set(heads) >= COLUMNS and not line.startswith("|-"):
            found.append(dict(zip(["name", *heads[1:]], cells_of(line), strict=True)))
    return found


def row_of(name: str) -> Row:
    (row,) = [row for row in rows() if row["name"] == name]
    return row


def number(value: float) -> str:
    sign = "−" if value < 0 else ""
    return f"{sign}∞" if isinf(value) else f"{sign}{abs(value):g}"


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_each_metric_is_documented_as_in_the_registry(metric: Metric) -> None:
    row = row_of(f"{metric.label} `{metric.name}`")
    low, high = metric.range
    assert row["range"] == f"{number(low)} to {number(high)} {'↑' if metric.higher_is_better else '↓'}"
    tasks = {"all": ANY_TASK}.get(row["tasks"], frozenset(row["tasks"].split(", ")))
    assert tasks == metric.tasks
    for name, year in WORK.findall(row["source"]):
        assert name.split()[0].rstrip(",") in metric.source
        assert year in metric.source
    assert WORK.search(row["source"]) or not re.search(r"\d{4}", metric.source)
    assert ("lso reported" in row["limit"]) == (metric.companion is not None)


def test_no_definition_lacks_formula_source_assumption_or_limit() -> None:
    assert len(rows()) > 100
    assert [row["name"] for row in rows() if any(not re.search(r"\w", row[head]) for head in COLUMNS)] == []


def test_every_source_is_given_in_full() -> None:
    full = SOURCES.read_text(encoding="utf-8")
    cited = {f"{name} ({year})" for row in rows() for name, year in WORK.findall(row["source"])}
    assert len(cited) > 60
    assert [work for work in sorted(cited) if f"- {work}" not in full] == []
    listed = re.findall(r"^- (.+?\(\d{4}\))", full, flags=re.MULTILINE)
    assert [work for work in listed if work not in cited] == []


CHOICES = {
    "rules of ties": [f"ties `{rule}`" for rule in TIES_RULES],
    "models": [{"bradley-terry": "Bradley-Terry"}.get(model, model.replace("-", " ")) for model in RANKING_MODELS],
    "what is drawn again": [
        {
            "both": "bootstrap of both",
            "judges": "bootstrap of judges, or of items",
            "items": "bootstrap of judges, or of items",
            "judgments": "bootstrap of single judgments",
        }[unit]
        for unit in RESAMPLING_UNITS
    ],
    "nulls": [f"PERM-{'SYSTEMS' if null == 'methods' else 'BOTH'}, null `{null}`" for null in SWAP_NULLS],
    "correlations": [
        "Kendall's tau-b", "Spearman's rho", "Pearson's r", "pairwise accuracy", "soft pairwise accuracy",
    ],
    "distances of answers": [
        *("nominal distance", "ordinal distance"),
        *(f"{name if name == 'nominal' else 'Jaccard' if name == 'jaccard' else 'MASI'} distance"
          f"{'' if name == 'nominal' else ' of sets'}" for name in SET_DISTANCES),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", CHOICES)
def test_each_choice_that_the_program_offers_is_defined(kind: str) -> None:
    for name in CHOICES[kind]:
        assert row_of(name)["formula"]


def test_each_count_of_ties_by_rank_centrality_is_in_its_formula() -> None:
    formula = row_of("rank centrality")["formula"]
    assert [rule for rule in CENTRALITY_TIES if rule != "half" and f"`{rule}`" not in formula] == []


DEFINED = {
    "distributions": (
        "share, single label and ordinal", "share, multilabel", "weighted by certainty, multilabel",
        "weighted by certainty, single label", "normalised entropy", "completion forecast",
    ),
    "annotators": (
        "percent", "Cohen's kappa", "Fleiss' kappa", "Gwet's AC1", "Krippendorff's alpha", "interval of each",
        "each annotator compared with the others",
    ),
    "rankings": (
        "ridge prior", "existence of the estimate", "P(i above j)", "CR3, one way", "effective judges", "CR3, two ways",
        "simultaneous interval", "Holm's p", "rank interval", "groups", "share of resamples", "sample size of a pair", "most informative comparison",
        "side effect", "residual of a pair", "deviance", "circular triads of majorities",
        '"both good" and "neither good"', '"cannot judge"',
    ),
    "judges": (
        "agreement with others", "self-consistency", "side bias", "zeta", "infit, outfit", "z of infit", "random-rater test",
        "leave-one-judge-out", "equal weight per judge", "Crowd-BT",
    ),
    "metric agreement": (
        "joint bootstrap", "weight of a text", "interval of the agreement", "permutation p",
        "smallest p, smallest \\|tau\\|", "difference of two metrics", "Williams' t",
        "agreement per judgment", "leave-one-method-out", "mean over groups", "noise ceiling",
    ),
    "power analysis": (
        "a simulated judgment", "the tie parameter", "the truth (`population_strengths`)", "width",
        "true order, best method, separated", "coverage", "judgments needed", "power and false alarms of metrics",
    ),
    "scores of texts": (
        "agreement by text, by system", "calibrated accuracy", "bootstrap of texts, systems or both", "interval of an agreement by text",
        "block bootstrap",
    ),
    "few annotators": (
        "annotator curve", "Brier loss, corrected", "jackknife score", "Miller-Madow entropy", "Chao-Shen entropy",
        "Grassberger entropy",
    ),
    "noise ceiling": ("correlations of quarters", "ceiling for new texts", "ceiling for these texts"),
    "tables as in WMT": (
        "p by paired permutation", "soft pairwise accuracy of item scores", "outlier system", "absolute correlation",
        "clusters of systems", "rank range", "greedy ranks of metrics", "weighted mean over studies",
    ),
    "texts": ("entropy", "divergence between groups", "a metric compared with the judges"),
}  # fmt: skip


@pytest.mark.parametrize("noun", DEFINED)
def test_each_estimator_is_defined_once(noun: str) -> None:
    for name in DEFINED[noun]:
        assert row_of(name)["formula"]
