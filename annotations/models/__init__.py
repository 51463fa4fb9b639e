"""Tables of people, studies, items and answers; `tests/architecture` checks that all are named here."""

from annotations.models.answers import Annotation, AnnotationLabel, Assignment, LabelCount
from annotations.models.imports import Import, ImportReversal, Upload
from annotations.models.items import Item, ItemText
from annotations.models.jobs import Job, WorkerBeat
from annotations.models.people import Participant, SignInLink, User
from annotations.models.snapshots import LabelAgreement, Snapshot, code_version
from annotations.models.studies import Guideline, Label, Study

__all__ = [
    "Annotation",
    "AnnotationLabel",
    "Assignment",
    "Guideline",
    "Import",
    "ImportReversal",
    "Item",
    "ItemText",
    "Job",
    "Label",
    "LabelAgreement",
    "LabelCount",
    "Participant",
    "SignInLink",
    "Snapshot",
    "Study",
    "Upload",
    "User",
    "WorkerBeat",
    "code_version",
]
