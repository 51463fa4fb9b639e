"""Words that are not given yet, kept as they are written: they stand nowhere and overwrite nothing."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.assignment_leases import LEASE
from annotations.models import Annotation, Assignment, Draft
from annotations.selectors.answers import current_answer
from annotations.selectors.open_items import IS_OPEN


@dataclass(frozen=True)
class Kept:
    """What became of the words: the version that is kept now, and why it is not this one, if it is not."""

    version: int
    sentence: str = ""


@transaction.atomic
def keep_draft(
    seat: Assignment,
    *,
    reason: str,
    comment: str,
    replaces: Annotation | None,
    seen: int,
    key: str = "",
    mine: Collection[str] = (),
    now: datetime | None = None,
) -> Kept:
    """Keep words unless the answer was given meanwhile, or another page wrote since `seen`; none left: no draft.

    Parameters
    ----------
    key, mine
        The page's own name of this save, and of earlier ones of which it has not heard: where one of these wrote
        last, nothing of another page is overwritten. A save that arrives after a later one of its page is refused.
    """
    now = now or timezone.now()
    # An answer locks its seat too: a draft comes before it and goes with it, or after it and is refused.
    Assignment.objects.select_for_update(no_key=True).get(pk=seat.pk)
    draft = Draft.objects.filter(assignment=seat).first()
    version = draft.version if draft else 0
    if current_answer(item_id=seat.item_id, participant_id=seat.participant_id) != replaces:
        return Kept(version, _("This text was answered meanwhile; the words are not kept beside it."))
    if draft is not None and version != seen and draft.save_key not in mine:
        return Kept(version, _("Another page wrote to this text meanwhile; its words are kept."))
    # Who writes is at work: the text stays with them.
    Assignment.objects.filter(IS_OPEN, pk=seat.pk).update(lease_until=now + LEASE)
    if not (reason or comment):
        Draft.objects.filter(assignment=seat).delete()
        return Kept(0)
    # A new one begins anywhere: it is not taken for one that was emptied, by a page that had seen that one.
    draft = draft or Draft(assignment=seat, version=secrets.randbelow(2**30))
    draft.reason, draft.comment, draft.replaces, draft.save_key = reason, comment, replaces, key
    draft.version += 1
    draft.save()
    return Kept(draft.version)
