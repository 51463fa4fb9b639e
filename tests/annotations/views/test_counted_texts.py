"""A text that is given counts while somebody has it open: words and the next text, never a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.models import Annotation, Study
from annotations.services.imports import import_annotations
from tests.annotations.annotating_pages import filled, send, signed_in
from tests.files import write_jsonl
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = pytest.mark.django_db


def test_a_late_answer_or_skip_is_refused_in_words_and_leads_to_the_next_text(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE)
    make_items(study, 2)
    person = make_participant(study)
    client, seat = signed_in(person), make_seat(person)
    path = write_jsonl(tmp_path / "c.jsonl", [{"item": seat.item.key, "counts": {"housing": 2}}])
    import_annotations(study, [path])
    for entered in (filled(chosen="0"), filled(skip="conflict")):
        shown = client.post(f"/seats/{seat.uuid}/", entered, follow=True)
        assert shown.status_code == 200
        assert "This text no longer takes answers" in shown.content.decode()
    for payload in ({"no_label_applies": True}, {"skipped": True, "reason": "torn page"}):
        refused = send(client, seat, payload)
        assert refused.status_code == 400
        assert "Continue with the next text" in refused.json()["sentence"]
    assert not Annotation.objects.exists()
    following = client.get(f"/studies/{study.uuid}/annotate/")["Location"]
    assert following not in ("", f"/seats/{seat.uuid}/")
    assert client.get(following).status_code == 200
