"""What a study still needs before something can be computed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Missing(models.TextChoices):
    """A reason that a page can lead to the place where it is mended, and a command to the command."""

    LABELS = "labels", _("The study has no labels. Add labels first.")
    ANSWERS = "answers", _("No text has labels from people yet. Import annotations, or invite annotators.")
    OUTPUTS = "outputs", _("No method has outputs yet. Import outputs of the methods.")
    SHARED_TEXTS = (
        "shared-texts",
        _("No text has both labels from people and an output of every method. Import what is missing."),
    )
    SCORES = (
        "scores",
        _("There is no metric yet. Import metric scores, or the judgments of an automatic judge."),
    )
    JUDGMENTS = (
        "judgments",
        _("No pair has been judged yet. Import judgments, or open the campaign and invite judges."),
    )
    RANKING = "ranking", _("There is no ranking yet. Compute the ranking first.")
