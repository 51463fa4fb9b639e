"""A bundle without the words of people and without exact times."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.services.annotating import Answer, record_annotation
from metaeval.services.judging import SubmittedVerdict, record_judgment
from tests.hlv.commands import run
from tests.making import make_exposure, make_participant, make_seat
from tests.metaeval.making import make_board, signed_in

pytestmark = pytest.mark.django_db

REASON, COMMENT = "I once rented there.", "My sister knows the landlord."


def make_written_study() -> str:
    campaign = make_board(n_items=2)
    answer = Answer(chosen={"housing": 0.8}, reason=REASON, comment=COMMENT)
    seat = make_seat(make_participant(campaign.study))
    record_annotation(assignment=seat, client_key=uuid4(), answer=answer)
    exposure = make_exposure(make_participant(campaign.study, "judge"), campaign)
    verdict = SubmittedVerdict(verdict="left", confidence=0.5, reason=REASON)
    record_judgment(exposure=exposure, client_key=uuid4(), submitted=verdict)
    return campaign.study.slug


def words_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_bundle_has_no_words_of_people_and_no_exact_times_on_request(tmp_path: Path) -> None:
    slug = make_written_study()
    exact = f"{timezone.now():%Y-%m-%dT%H:%M:}"
    run("export", slug, str(tmp_path / "all"))
    run("export", slug, str(tmp_path / "less"), "--round-times", "--without-free-text")
    whole, less = words_of(tmp_path / "all"), words_of(tmp_path / "less")
    given = {"answers.csv", "judgment-history.csv"}
    assert given <= {name for name, text in whole.items() if REASON in text}
    assert not any(REASON in text or COMMENT in text for text in less.values())
    rows = [text for name, text in less.items() if name in given or name.startswith(("paper/", "judgments/"))]
    assert len(rows) > len(given)
    assert all(":00:00Z" in less[name] for name in given)
    assert not any(exact in text for text in rows) or exact.endswith("00:")
    assert "Times are those of the hour. Reasons and comments were left out." in less["README.txt"]


def test_an_owner_asks_for_it_on_the_page() -> None:
    owner = make_participant(make_board().study, "owner")
    client = signed_in(owner)
    address = f"/studies/{owner.study.uuid}/bundle/"
    client.post(address, {"as_of": "", "round_times": "on", "without_words": "on"})
    client.post(address, {"as_of": ""})
    made = owner.study.jobs.filter(kind="bundle").order_by("pk")
    assert [(job.params["round_times"], job.params["without_words"]) for job in made] == [
        (True, True),
        (False, False),
    ]
    assert "times rounded · without reasons and comments" in client.get(address).content.decode()
