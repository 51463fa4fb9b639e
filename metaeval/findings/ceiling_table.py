"""The noise ceiling for new judges on these texts, and for new judges and new texts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hlv.core.rendering.tables import Cell, Table, TableRow
from hlv.stats.raters.disjoint_noise_ceiling import DisjointCeiling


def ceiling_table(found: DisjointCeiling) -> Table:
    rows = [
        (
            _("New judges, the same texts"),
            found.same_texts,
            found.reliability_same_texts,
            found.ceiling_same_texts,
        ),
        (_("New judges and new texts"), found.disjoint, found.reliability, found.ceiling),
    ]
    return Table(
        [
            _("A perfect metric is compared on"),
            _("r of two quarters"),
            _("Reliability"),
            _("Noise ceiling (r)"),
        ],
        [TableRow(name, [Cell(value) for value in values]) for name, *values in rows],
    )


def ceiling_note(found: DisjointCeiling, *, seed: int) -> str:
    return _(
        "Mean over {n} splits of {judges} judges and {texts} texts in halves (seed {seed}). The first row is inflated "
        "where methods do better on some texts: both halves see the same texts."
    ).format(n=found.n_splits - found.n_without_answer, judges=found.n_judges, texts=found.n_texts, seed=seed)
