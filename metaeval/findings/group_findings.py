"""Metric agreement within each base model, as the page shows it: a table of each, their mean, and what has no answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import Table
from metaeval.findings.null_hypotheses import orders_words, p_sentence
from metaeval.findings.result_tables import agreement_table
from metaeval.results.metric_agreement import GroupMeans, MetricAgreementResult
from metaeval.results.metric_rows import AgreementTable


@dataclass(frozen=True)
class GroupSection:
    """Titles with their tables, and sentences."""

    tables: list[tuple[str, Table]]
    says: list[str]


def group_section(result: MetricAgreementResult) -> GroupSection | None:
    """None where the methods are of one base model, or a snapshot does not say."""
    found = result.grouped
    if found is None:
        return None
    tables = [
        (
            _("Within %(name)s") % {"name": listed([table.group])},
            _titled(
                table, within=table.group, note=" ".join(filter(None, [*table.notes, p_sentence(table)]))
            ),
        )
        for table in found.answered
    ]
    says = [
        _("Within %(name)s: not determined. %(why)s")
        % {"name": listed([table.group]), "why": table.undetermined}
        for table in found.each
        if not table.has_answer
    ]
    if found.undetermined:
        says.append(_("Mean over base models: not determined. %(why)s") % {"why": found.undetermined})
    else:
        tables.append((_("Mean over base models"), _mean_table(found)))
    return GroupSection(tables, [*says, *found.notes])


def _titled(table: AgreementTable, *, within: str, note: str) -> Table:
    made = agreement_table(table)
    return replace(
        made, note=note, title=_("%(title)s, within %(name)s") % {"title": made.title, "name": within}
    )


def _mean_table(mean: GroupMeans) -> Table:
    note = _(
        "Mean of %(groups)s over the methods that all of them have: %(methods)s. Its p permutes these "
        "methods in the same way for all base models."
    ) % {"groups": listed(mean.groups, most=8), "methods": listed(mean.methods, most=30)}
    if mean.left_out:
        note += " " + _("Left out: %(names)s.") % {"names": listed(mean.left_out, most=30)}
    if orders := orders_words(mean):
        note += " " + _("p is %(orders)s.") % {"orders": orders}
    return replace(agreement_table(mean), note=note, title=_("Mean over base models"))
