"""Corrections of the better direction of an uploaded metric."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import StudyChange, User
from metaeval.models import Metric, MetricDirection


class DirectionRefusedError(ValueError):
    """The direction cannot change; the sentence gives the reason."""


def direction_words(higher_is_better: bool) -> str:
    return _("higher is better") if higher_is_better else _("lower is better")


@transaction.atomic
def correct_direction(metric: Metric, *, higher_is_better: bool, by: User | None) -> bool:
    """Whether the direction changed. Scores and stored results stay; results are not current any more."""
    if metric.origin != Metric.Origin.UPLOADED:
        raise DirectionRefusedError(
            _("“%(name)s” is a built-in metric: its direction follows from its definition.")
            % {"name": metric.name}
        )
    stored = Metric.objects.select_for_update(no_key=True).select_related("study").get(pk=metric.pk)
    metric.higher_is_better = higher_is_better
    if stored.higher_is_better == higher_is_better:
        return False
    # The database refuses the change without this record.
    MetricDirection.objects.create(metric=stored, higher_is_better=higher_is_better, by=by)
    Metric.objects.filter(pk=metric.pk).update(higher_is_better=higher_is_better)
    record_change(
        stored.study,
        what=StudyChange.What.SETTING,
        subject=_("direction of %(name)s") % {"name": stored.name},
        before=direction_words(stored.higher_is_better),
        after=direction_words(higher_is_better),
        by=by,
    )
    return True
