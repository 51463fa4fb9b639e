"""Metric agreement within each base model, as the page shows it: a table of each, their mean, and what has no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from annotations.charts.tables import Table
from metaeval.charts.groups import GroupMean, read_grouped
from metaeval.views.null_hypotheses import orders_words, p_sentence
from metaeval.views.phrases import listed
from metaeval.views.result_tables import agreement_table


@dataclass(frozen=True)
class GroupSection:
    """Titles with their tables, and sentences."""

    tables: list[tuple[str, Table]]
    says: list[str]


def group_section(result: Mapping[str, Any]) -> GroupSection | None:
    """None where the methods are of one base model, or a snapshot does not say."""
    found = read_grouped(result)
    if found is None:
        return None
    tables = [
        (
            _("Within %(name)s") % {"name": listed([table.name])},
            replace(
                agreement_table(table.result),
                note=" ".join(filter(None, [table.notes, p_sentence(table.result)])),
            ),
        )
        for table in found.answered
    ]
    says = [
        _("Within %(name)s there is no answer: %(why)s")
        % {"name": listed([table.name]), "why": table.result["undetermined"]}
        for table in found.tables
        if not table.has_answer
    ]
    if found.mean.undetermined:
        says.append(_("No mean over base models: %(why)s") % {"why": found.mean.undetermined})
    else:
        tables.append((_("Mean over base models"), _mean_table(found.mean)))
    return GroupSection(tables, [*says, *found.notes])


def _mean_table(mean: GroupMean) -> Table:
    table = agreement_table(mean.result)
    note = _(
        "The mean of %(groups)s over the methods that all of them have: %(methods)s. Its p comes from one order of these "
        "methods for all base models."
    ) % {"groups": listed(mean.groups, most=8), "methods": listed(mean.methods, most=30)}
    if mean.left_out:
        note += " " + _("Left out: %(names)s.") % {"names": listed(mean.left_out, most=30)}
    if orders := orders_words(mean.result):
        note += " " + _("p is %(orders)s.") % {"orders": orders}
    return replace(table, note=note)
