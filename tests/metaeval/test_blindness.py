"""A judge cannot learn the method: not from pages, JSON, headers, ids, addresses, cookies or file names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from metaeval.models import (
    Campaign,
    Comparison,
    Exposure,
    Figure,
    JudgeReport,
    Method,
    MetricAgreement,
    Output,
    Protocol,
    Ranking,
)
from metaeval.selectors.outputs import shown_pair
from metaeval.services.presentation import next_exposure
from tests.making import make_campaign, make_comparison, make_exposure, make_participant
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_board,
    make_judge_report,
    make_ranking_snapshot,
    signed_in,
)

pytestmark = pytest.mark.django_db

# Names such as no page has of itself.
NAMES = ("Zanthorvex-9", "Quillobarn tuned", "مِثقال-٧")
BASE_MODEL = "brontoformer-xl"
RUN = "run-of-the-vorpal"
CLOSED_PAGES = (
    *("results/ranking.csv", "", "preview/", "comparisons/", "comparisons.csv", "audit/", "audit.csv"),
    *("feedback/", "judgments/"),
)


def make_secret_board() -> Campaign:
    campaign = make_board(n_items=2, judges_per_comparison=9)
    for method, name in zip(Method.objects.all(), NAMES, strict=True):
        method.name, method.base_model = name, BASE_MODEL
        method.save()
        method.runs.update(name=RUN)
    make_agreement_snapshot(make_ranking_snapshot(campaign, drawn=True), drawn=True)
    make_judge_report(campaign)
    Protocol.objects.create(campaign=campaign, labels_first="each-pair", repeat_share=0.5)
    return campaign


def secrets() -> set[str]:
    """All that would tell a method, or which of two outputs is whose, wherever it stood."""
    found = {*NAMES, BASE_MODEL, RUN}
    for model in (Method, Ranking, MetricAgreement, JudgeReport, Figure):
        found |= {str(uuid) for uuid in model.objects.values_list("uuid", flat=True)}
    for exposure in Exposure.objects.all():
        found |= {exposure.left_hash, exposure.right_hash}
        found |= {output.digest for output in shown_pair(exposure)}
    for output in Output.objects.all():
        raw = bytes(output.probabilities or b"")
        found |= {raw.hex(), hashlib.sha256(raw).hexdigest(), hashlib.md5(raw).hexdigest()}
    spelled = {json.dumps(name).strip('"') for name in found}
    return found | spelled | {text.replace("-", "") for text in found if re.fullmatch(r"[0-9a-f-]{36}", text)}


def words_of(response: Any) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    cookies = "\n".join(str(morsel) for morsel in response.cookies.values())
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{headers}\n{cookies}\n{body.decode(errors='replace')}"


def everything_reachable(client: Client, starts: list[str]) -> Iterator[tuple[str, str]]:
    """Follow every link, form address and address in a script's data, as far as they go within the site."""
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        address = waiting.pop()
        if address in seen or address.startswith("/static/"):
            continue
        seen.add(address)
        response = client.get(address)
        words = words_of(response)
        yield address, words
        if response.has_header("Location"):
            waiting.append(response["Location"])
        waiting += re.findall(r'(?:href|src|action)="(/[^"#?]*)', words)
        waiting += re.findall(r'"(/(?:api|campaigns|exposures|studies|figures)/[^"]*)"', words)


def test_nothing_a_judge_can_reach_tells_a_method() -> None:
    campaign = make_secret_board()
    judge = make_participant(campaign.study, "judge")
    client = signed_in(judge)
    study = campaign.study
    starts = ["/", "/studies/", f"/studies/{study.uuid}/", f"/studies/{study.uuid}/judge/"]
    # What a curious judge types, though nothing leads there.
    starts += [f"/studies/{study.uuid}/results/", f"/campaigns/{campaign.uuid}/results/"]
    starts += [f"/figures/{uuid}/" for uuid in Figure.objects.values_list("uuid", flat=True)]
    starts += [f"/campaigns/{campaign.uuid}/{page}" for page in CLOSED_PAGES]
    starts += [f"/studies/{study.uuid}/{page}/" for page in ("campaigns", "campaigns/new", "planning")]
    read = dict(everything_reachable(client, starts))
    shown = Exposure.objects.get(participant=judge)
    assert f"/exposures/{shown.uuid}/" in read
    # Before the labels no output is on the page; after them it is, and the page is searched again.
    labels = client.post(f"/exposures/{shown.uuid}/labels/", {"client_key": str(uuid4()), "none": "on"})
    read["answer to labels"] = words_of(labels)
    read |= {f"{place} after labels": words for place, words in everything_reachable(client, starts)}
    assert 'class="output"' in read[f"/exposures/{shown.uuid}/ after labels"]
    for outcome in ({"verdict": "left"}, {"verdict": "left", "confidence": 9}, {"verdict": "both"}, {}):
        answer = client.post(
            f"/api/exposures/{shown.uuid}/judgments/",
            json.dumps({"client_key": str(uuid4()), **outcome}),
            content_type="application/json",
        )
        read[f"answer to {outcome}"] = words_of(answer)
        form = client.post(f"/exposures/{shown.uuid}/", {"client_key": str(uuid4()), **outcome})
        read[f"form with {outcome}"] = words_of(form)
    # To the end, so that pairs come again; then the campaign closes, and a judge may read of their own judging.
    while isinstance(following := next_exposure(judge, campaign), Exposure):
        address = f"/exposures/{following.uuid}/"
        client.post(f"{address}labels/", {"client_key": str(uuid4()), "none": "on"})
        read[f"{address} shown"] = words_of(client.get(address))
        client.post(address, {"client_key": str(uuid4()), "verdict": "left"})
    Campaign.objects.update(state="closed")
    feedback = f"/campaigns/{campaign.uuid}/feedback/"
    read[f"{feedback} at the end"] = words_of(client.get(feedback))
    mine = f"/campaigns/{campaign.uuid}/judgments/"
    read[f"{mine} at the end"] = words_of(client.get(mine))
    assert "shown as" in read[f"{mine} at the end"]
    assert "Repeated pairs" in read[f"{feedback} at the end"]
    read |= dict(
        everything_reachable(client, [f"/exposures/{shown.uuid}/", f"/campaigns/{campaign.uuid}/judge/"])
    )
    known = secrets()
    # A page that is refused repeats the address that was typed; that tells nothing new.
    hits = [
        (place, secret)
        for place, words in read.items()
        for secret in known
        if secret in words and secret not in place
    ]
    assert hits == []


def test_the_search_would_find_a_leak() -> None:
    campaign = make_secret_board()
    researcher = signed_in(make_participant(campaign.study, "researcher"))
    known = secrets()
    # As far as the first one: a researcher may go on to every figure, file and text.
    read = everything_reachable(researcher, [f"/campaigns/{campaign.uuid}/results/"])
    assert any(secret in words for _place, words in read for secret in known)


def test_two_methods_that_say_the_same_look_the_same() -> None:
    """Every byte of the page but its random keys is made of the outputs alone."""
    pages = []
    for names in (("alpha", "beta", "gamma"), ("gamma two", "a much longer name", "b")):
        campaign = make_board(n_items=1)
        Comparison.objects.filter(campaign=campaign).delete()
        methods = list(campaign.study.methods.all())
        for method, name in zip(methods, names, strict=True):
            method.name = name
            method.save()
        make_comparison(campaign, campaign.study.items.get(), methods[0], methods[1])
        judge = make_participant(campaign.study, "judge")
        shown = make_exposure(judge, campaign)
        # Otherwise a hash of the judge decides, and what was shown never changes. Its hashes go with the sides:
        # an exposure of other outputs than these would be given back.
        shown.delete()
        if not shown.low_is_left:
            shown.left_hash, shown.right_hash = shown.right_hash, shown.left_hash
        shown.low_is_left = True
        shown.save()
        page = signed_in(judge).get(f"/exposures/{shown.uuid}/").content.decode()
        page = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid", page)
        page = re.sub(r'csrfmiddlewaretoken" value="\w+"', "token", page)
        # Of whoever is signed in, not of what is shown.
        page = re.sub(r'data-account="\w+"', "account", page)
        pages.append(page.replace(campaign.study.name, "study").replace(str(judge.user), "judge"))
    assert pages[0] == pages[1]


def test_a_name_of_a_campaign_is_all_a_judge_reads_of_it() -> None:
    campaign = make_secret_board()
    other = make_campaign(campaign.study, "tone")
    item, methods = campaign.study.items.order_by("position")[0], list(campaign.study.methods.all())
    make_comparison(other, item, methods[0], methods[1])
    client = signed_in(make_participant(campaign.study, "judge"))
    page = words_of(client.get(f"/studies/{campaign.study.uuid}/judge/"))
    assert "tone" in page
    assert not [secret for secret in secrets() if secret in page]


def test_pages_of_a_judge_are_kept_in_no_cache() -> None:
    campaign = make_secret_board()
    judge = make_participant(campaign.study, "judge")
    shown = make_exposure(judge, campaign)
    assert "no-store" in signed_in(judge).get(f"/exposures/{shown.uuid}/")["Cache-Control"]
