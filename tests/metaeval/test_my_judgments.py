"""A judge's own list: what they said of which pair, and nothing of methods or of others."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from metaeval.models import Campaign, Exposure, Judgment
from tests.making import make_exposure, make_participant
from tests.metaeval.making import make_board, signed_in

pytestmark = pytest.mark.django_db


def test_ones_own_judgments_are_listed_with_what_stands_and_lead_to_their_revision() -> None:
    campaign = make_board(question="Which is nearer to the law?")
    judge, other = (make_participant(campaign.study, "judge") for _ in range(2))
    client, address = signed_in(judge), f"/campaigns/{campaign.uuid}/judgments/"
    assert "You have not judged any pair yet." in client.get(address).content.decode()
    assert [client.get(f"{address}?page={n}").status_code for n in ("1", "0", "-1", "2", "x")] == [200] + [
        404
    ] * 4
    shown = make_exposure(judge, campaign)
    told = {"client_key": str(uuid4()), "verdict": "left", "confidence": 4}
    client.post(f"/exposures/{shown.uuid}/", told)
    told = {
        "client_key": str(uuid4()),
        "verdict": "cannot",
        "reason": "Too short.",
        "replaces": str(Judgment.objects.get().uuid),
    }
    client.post(f"/exposures/{shown.uuid}/", told)
    theirs = make_exposure(other, campaign)
    signed_in(other).post(f"/exposures/{theirs.uuid}/", {"client_key": str(uuid4()), "verdict": "both"})
    page = client.get(address).content.decode()
    assert set(re.findall("/exposures/([0-9a-f-]+)/", page)) == {str(shown.uuid)}
    for words in ("Cannot judge", "Too short.", "revised", f"shown as {str(shown.uuid)[:8]}", "Revise"):
        assert words in page
    for words in (
        "A better",
        "confident",
        "Both good",
        *campaign.study.methods.values_list("name", flat=True),
    ):
        assert words not in page
    assert address in client.get(f"/exposures/{shown.uuid}/").content.decode()
    Campaign.objects.update(state="closed")
    page = client.get(address).content.decode()
    assert "See it" in page
    assert "Revise" not in page


def test_a_pair_that_came_again_is_not_told_from_others() -> None:
    campaign = make_board()
    judge = make_participant(campaign.study, "judge")
    client = signed_in(judge)
    first = make_exposure(judge, campaign)
    client.post(f"/exposures/{first.uuid}/", {"client_key": str(uuid4()), "verdict": "left"})
    again = Exposure.objects.create(
        comparison=first.comparison,
        participant=judge,
        repeats=first,
        low_is_left=not first.low_is_left,
        sequence=2,
        left_hash=first.right_hash,
        right_hash=first.left_hash,
        lease_until=first.lease_until,
    )
    client.post(f"/exposures/{again.uuid}/", {"client_key": str(uuid4()), "verdict": "left"})
    page = client.get(f"/campaigns/{campaign.uuid}/judgments/").content.decode()
    # Number, time and token of a row are its own; all else is the same.
    rows = re.findall(r"<li>\s*<div class=.stack-s.*?</li>", page, flags=re.DOTALL)
    alike = {
        re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|as [0-9a-f]{8}|[Pp]air \d|\d\d:\d\d", "", row)
        for row in rows
    }
    assert (len(rows), len(alike)) == (2, 1)
