"""Links: each one's keyed hash covers the one before, so that none can be changed, moved or left out unseen."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC
from functools import cache
from uuid import uuid4

from django.conf import settings
from django.db.models import Model
from django.utils import timezone

from annotations.history.kinds import all_kinds, digest_of_row
from annotations.models import HistoryLink, Participant, Study


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"hlv.history", "sha256")


def link_mac(link: HistoryLink, *, before: str) -> str:
    """`before`: the keyed hash of the link before; empty for the first."""
    content = [
        before, link.study_id, link.participant_id, link.number, link.what, link.row, link.digest,
        link.heads, link.at.astimezone(UTC).isoformat(),
    ]  # fmt: skip
    message = json.dumps(content, separators=(",", ":")).encode()
    return hmac.new(_key(settings.HISTORY_KEY or settings.SECRET_KEY), message, hashlib.sha256).hexdigest()


def append_link(participant: Participant, what: str, row: Model, parts: Iterable[Model] = ()) -> HistoryLink:
    """The next link of a participant, who was read and locked in this transaction."""
    salt = uuid4()
    link = HistoryLink(
        study_id=participant.study_id,
        participant_id=participant.pk,
        number=participant.chain_length + 1,
        what=what,
        row=row.pk,
        salt=salt,
        at=timezone.now(),
    )
    link.digest = digest_of_row(all_kinds()[what], row, parts, salt=salt)
    link.mac = link_mac(link, before=participant.chain_head)
    link.save(force_insert=True)
    participant.chain_length, participant.chain_head = link.number, link.mac
    return link


def extend_study_chain(study: Study, links: Iterable[HistoryLink]) -> None:
    """More links of a study, which was read and locked in this transaction."""
    added = []
    for link in links:
        link.study_id, link.number = study.pk, study.chain_length + 1
        link.mac = link_mac(link, before=study.chain_head)
        study.chain_length, study.chain_head = link.number, link.mac
        added.append(link)
    HistoryLink.objects.bulk_create(added, batch_size=1000)
    study.save(update_fields=["chain_length", "chain_head"])
