"""Tables of people, studies, items and answers; `tests/architecture` checks that all are named here."""

from annotations.models.answers import (
    Annotation,
    AnnotationLabel,
    Assignment,
    Draft,
    Item,
    ItemText,
    LabelCount,
)
from annotations.models.api_tokens import SCOPES, AnsweredRequest, ApiToken
from annotations.models.changes import StudyChange
from annotations.models.history import Chained, HistoryLink
from annotations.models.imports import Import, ImportReversal, Upload
from annotations.models.invitations import Invitation
from annotations.models.jobs import (
    DividedWork,
    DrawParams,
    Job,
    JobParams,
    JobResult,
    Missing,
    SnapshotStored,
    WorkerBeat,
    WorkPart,
)
from annotations.models.people import Participant, SignInLink, User
from annotations.models.rounds import (
    AnswerTally,
    LabelAgreement,
    Remark,
    RoundFigure,
    RoundReport,
    Settlement,
    Snapshot,
    code_version,
)
from annotations.models.second_factor import Passkey, RecoveryCode, SecondFactor
from annotations.models.security import BrowserSession, SecurityEvent
from annotations.models.studies import Guideline, Label, Study

__all__ = [
    "SCOPES",
    "Annotation",
    "AnnotationLabel",
    "AnswerTally",
    "AnsweredRequest",
    "ApiToken",
    "Assignment",
    "BrowserSession",
    "Chained",
    "DividedWork",
    "Draft",
    "DrawParams",
    "Guideline",
    "HistoryLink",
    "Import",
    "ImportReversal",
    "Invitation",
    "Item",
    "ItemText",
    "Job",
    "JobParams",
    "JobResult",
    "Label",
    "LabelAgreement",
    "LabelCount",
    "Missing",
    "Participant",
    "Passkey",
    "RecoveryCode",
    "Remark",
    "RoundFigure",
    "RoundReport",
    "SecondFactor",
    "SecurityEvent",
    "Settlement",
    "SignInLink",
    "Snapshot",
    "SnapshotStored",
    "Study",
    "StudyChange",
    "Upload",
    "User",
    "WorkPart",
    "WorkerBeat",
    "code_version",
]
