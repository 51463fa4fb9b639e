"""What a study still needs before its people can begin, for those who run it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.models import Study
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.invitations import open_invitations


@dataclass(frozen=True)
class Need:
    """One thing of four: how it stands, and where it is done."""

    title: str
    words: str
    address: str
    is_met: bool


def missing_setup(study: Study) -> list[Need]:
    """All in their order, or none once they are met."""
    needs = [_labels(study), _guideline(study)] if study.task != Study.Task.NONE else []
    needs += [_texts(study), _people(study)]
    return [] if all(need.is_met for need in needs) else needs


def _labels(study: Study) -> Need:
    n = study.labels.filter(is_active=True).count()
    words = ngettext("%(n)s label", "%(n)s labels", n) % {"n": n}
    return Need(_("Labels"), words, reverse("labels", args=[study.uuid]), n > 0)


def _guideline(study: Study) -> Need:
    newest = study.guidelines.last()
    words = (
        _("version %(n)s") % {"n": newest.version} if newest else _("what people are told, not written yet")
    )
    return Need(_("Guideline"), words, reverse("guideline-edit", args=[study.uuid]), newest is not None)


def _texts(study: Study) -> Need:
    n = study.items.filter(not_withdrawn()).count()
    words = ngettext("%(n)s text", "%(n)s texts", n) % {"n": n} if n else _("none yet")
    return Need(_("Texts"), words, reverse("import-file", args=[study.uuid]) + "?kind=items", n > 0)


def _people(study: Study) -> Need:
    n = study.participants.filter(role__in=["annotator", "judge"], is_active=True).count()
    n_invited = open_invitations(study).count()
    parts = [ngettext("%(n)s takes part", "%(n)s take part", n) % {"n": n}] if n else []
    parts += [ngettext("%(n)s invited", "%(n)s invited", n_invited) % {"n": n_invited}] if n_invited else []
    words = ", ".join(parts) or _("nobody invited yet")
    return Need(_("People"), words, reverse("invitations", args=[study.uuid]), n > 0)
