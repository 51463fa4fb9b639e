"""What was changed of a study, by whom and when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models.people import User
from annotations.models.studies import Study


class StudyChange(models.Model):
    """One change, never edited and never deleted. Files and answers have rows of their own."""

    class What(models.TextChoices):
        STUDY = "study", _("study")
        SETTING = "setting", _("setting")
        LABEL = "label", _("label")
        GUIDELINE = "guideline", _("guideline")
        STATE = "state", _("state")
        PARTICIPANT = "participant", _("participant")
        INVITATION = "invitation", _("invitation")
        CAMPAIGN = "campaign", _("campaign")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=12, choices=What.choices)
    # Which of them: the setting's name, the label's key, the pseudonym, the campaign's name.
    subject = models.CharField(max_length=300, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="study_change_is_known",
                condition=Q(
                    what__in=[
                        "study",
                        "setting",
                        "label",
                        "guideline",
                        "state",
                        "participant",
                        "invitation",
                        "campaign",
                    ]
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.subject}: {self.before} -> {self.after}"
