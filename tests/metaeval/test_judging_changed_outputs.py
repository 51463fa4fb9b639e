"""Outputs that are withdrawn, or joined by others, while judges are at work on them."""

from __future__ import annotations

import json
from uuid import uuid4

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from annotations.assignment_leases import Waiting
from annotations.models import Import, Item
from annotations.services.imports import withdraw_import
from annotations.services.studies import NewLabel, add_labels
from metaeval.models import Campaign, Comparison, Exposure, Judgment, Method, Output, Run
from metaeval.selectors.audit import audit
from metaeval.selectors.exposures import OwnShare, judge_share, shares_to_judge, shares_to_judge_in
from metaeval.selectors.outputs import output_arrays
from metaeval.services.judging import OutputsChangedError, SubmittedVerdict, record_judgment
from metaeval.services.presentation import next_exposure, show_exposure
from tests.making import (
    make_campaign,
    make_comparison,
    make_exposure,
    make_import,
    make_items,
    make_methods,
    make_output,
    make_participant,
    make_study,
)
from tests.metaeval.making import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Board:
    """Two methods on two items; an import gave what the second method says of the first item."""

    def __init__(self) -> None:
        self.study = make_study()
        self.items: list[Item] = make_items(self.study, 2)
        self.one, self.other = make_methods(self.study, ["one", "other"])
        self.campaign: Campaign = make_campaign(self.study)
        self.judge = make_participant(self.study, "judge")
        for position, item in enumerate(self.items):
            make_output(self.one, item, [0.2, 0.4, 0.0])
            make_comparison(self.campaign, item, self.one, self.other, position=position)
        make_output(self.other, self.items[1], [0.6, 0.1, 0.3])
        self.batch = self.bring(self.other, run="2")

    def bring(self, method: Method, *, run: str) -> Import:
        """Another run on the first item, by an import."""
        batch = make_import(self.study, Import.Kind.OUTPUTS)
        made, _ = Run.objects.get_or_create(method=method, name=run)
        stored = np.array([0.5, 0.5, 0.1]).tobytes()
        Output.objects.create(run=made, item=self.items[0], probabilities=stored, import_batch=batch)
        return batch

    def hold(self) -> Exposure:
        """The first item in the judge's hand."""
        Comparison.objects.filter(item=self.items[1]).update(seats_taken=1)
        shown = make_exposure(self.judge, self.campaign)
        Comparison.objects.filter(item=self.items[1]).update(seats_taken=0)
        return shown

    def change(self, how: str) -> None:
        if how == "withdrawn":
            withdraw_import(self.batch, by=None)
        else:
            self.bring(self.one, run="later")


def page_of(shown: Exposure) -> str:
    return f"/exposures/{shown.uuid}/"


def test_a_comparison_without_two_outputs_is_not_given_out_nor_counted() -> None:
    board = Board()
    board.change("withdrawn")
    assert make_exposure(board.judge, board.campaign).comparison.item == board.items[1]
    assert judge_share(board.judge, board.campaign) == OwnShare(0, 1, 1)
    elsewhere = Board()
    elsewhere.hold()
    both = shares_to_judge_in([board.judge, elsewhere.judge])
    alone = (shares_to_judge(board.judge), shares_to_judge(elsewhere.judge))
    assert tuple(both.values()) == alone, "each study for itself, whatever was withdrawn in the other"
    assert [line[0][1].n_may_come for line in alone] == [1, 2]
    other = make_participant(board.study, "judge")
    assert next_exposure(other, board.campaign) != Waiting("done"), "the other judge's pair may come back"
    Comparison.objects.filter(item=board.items[1]).update(is_asked=False)
    Exposure.objects.update(done_at=timezone.now())
    assert next_exposure(other, board.campaign) == Waiting("done")


@pytest.mark.parametrize("how", ["withdrawn", "joined by another run"])
def test_a_pair_in_hand_whose_outputs_changed_is_given_back_for_another(how: str) -> None:
    board = Board()
    held = board.hold()
    assert next_exposure(board.judge, board.campaign) == held
    show_exposure(held)
    held.refresh_from_db()
    board.change(how)
    taken_back: list[int] = []
    following = next_exposure(board.judge, board.campaign, on_taken_back=lambda: taken_back.append(1))
    assert isinstance(following, Exposure)
    assert following.comparison.item == board.items[1]
    assert taken_back == [1]
    left = (held.left_hash, held.right_hash, held.shown_at, held.done_at)
    held.refresh_from_db()
    assert held.returned_at is not None
    assert (held.left_hash, held.right_hash, held.shown_at, held.done_at) == left
    assert Comparison.objects.get(item=board.items[0]).seats_taken == 0


@pytest.mark.parametrize("how", ["withdrawn", "joined by another run"])
def test_a_page_never_shows_other_outputs_than_it_did(how: str) -> None:
    board = Board()
    held = board.hold()
    client = signed_in(board.judge)
    assert client.get(page_of(held)).status_code == 200
    board.change(how)
    page = client.get(page_of(held), follow=True)
    assert page.context["exposure"].comparison.item == board.items[1]
    assert page.content.decode().count("it was taken back") == 1


@pytest.mark.parametrize("by", ["form", "script"])
def test_a_verdict_on_outputs_that_changed_meanwhile_is_not_stored(by: str) -> None:
    board = Board()
    held = board.hold()
    client: Client = signed_in(board.judge)
    client.get(page_of(held))
    board.change("joined by another run")
    given = {"client_key": str(uuid4()), "verdict": "left"}
    if by == "form":
        page = client.post(page_of(held), given, follow=True)
        assert page.context["exposure"].comparison.item == board.items[1]
        assert page.content.decode().count("it was taken back") == 1
    else:
        address = f"/api/exposures/{held.uuid}/judgments/"
        reply = client.post(address, json.dumps(given), content_type="application/json")
        assert (reply.status_code, "not stored" in reply.json()["sentence"]) == (400, True)
    held.refresh_from_db()
    assert held.returned_at is not None
    assert not Judgment.objects.exists()


def test_a_stored_verdict_stays_when_its_outputs_change_and_sent_again_it_is_the_same() -> None:
    board = Board()
    held, key = board.hold(), uuid4()
    stored = record_judgment(exposure=held, client_key=key, submitted=SubmittedVerdict("left")).row
    board.change("withdrawn")
    assert record_judgment(exposure=held, client_key=key, submitted=SubmittedVerdict("left")).status == 200
    with pytest.raises(OutputsChangedError, match="not stored"):
        record_judgment(
            exposure=held, client_key=uuid4(), submitted=SubmittedVerdict("right"), replaces=stored
        )
    page = signed_in(board.judge).get(page_of(held), follow=True)
    assert "your verdict on it stays" in page.content.decode()
    held.refresh_from_db()
    assert (Judgment.objects.get(), held.returned_at) == (stored, None)


def test_a_label_added_or_renamed_while_a_pair_is_in_hand_changes_nothing_of_it() -> None:
    board = Board()
    held = board.hold()
    client = signed_in(board.judge)
    assert client.get(page_of(held)).status_code == 200
    add_labels(board.study, [NewLabel("late", name="Added later")])
    board.study.labels.filter(position=0).update(name="Another name")
    page = client.get(page_of(held)).content.decode()
    assert ("Added later" in page, "Another name" in page) == (False, True)
    client.post(page_of(held), {"client_key": str(uuid4()), "verdict": "left"})
    assert Judgment.objects.get().exposure == held
    assert audit(board.campaign).n_changed == 0


def test_metrics_of_a_moment_read_no_output_that_was_imported_later() -> None:
    board = Board()
    moment = timezone.now()
    ids = np.array([item.pk for item in board.items])
    then = output_arrays(board.study, methods=[board.one], item_ids=ids)
    board.bring(board.one, run="later")
    again = output_arrays(board.study, methods=[board.one], item_ids=ids, as_of=moment)
    now = output_arrays(board.study, methods=[board.one], item_ids=ids)
    assert (then.fingerprint, then.run_names) == (again.fingerprint, again.run_names)
    assert now.run_names == (("1", "later"),)
