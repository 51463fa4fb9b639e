"""Files of results: figures come under their own type."""

from __future__ import annotations

import pytest
from django.test import Client

from hlv.core.figures.drawing import FILE_MARGIN, SHOWN_WIDTH
from hlv.core.figures.figure_files import PNG, SVG
from metaeval.models import Campaign, Figure
from tests.making import make_participant
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_board,
    make_ranking_snapshot,
    signed_in,
)

pytestmark = pytest.mark.django_db


def make_researcher(campaign: Campaign) -> Client:
    return signed_in(make_participant(campaign.study, "researcher"))


def test_a_figure_comes_under_its_own_type_and_an_svg_runs_nothing() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign, drawn=True)
    client = make_researcher(campaign)
    svg = Figure.objects.get(media_type=SVG, theme="light", name="ranking")
    shown = client.get(f"/figures/{svg.uuid}/")
    assert shown.content == bytes(svg.content)
    assert shown["Content-Type"] == SVG
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in shown["Content-Security-Policy"]
    png = Figure.objects.get(media_type=PNG, theme="light", name="ranking")
    saved = client.get(f"/figures/{png.uuid}/?download")
    assert saved["Content-Disposition"].startswith("attachment")
    assert saved["Content-Disposition"].endswith('-ranking.png"')
    # One that was not kept is drawn from the SVG, to the same bytes; nothing else is.
    asked = client.get(f"/figures/{svg.uuid}/?download&as=png")
    assert (asked.content, asked["Content-Disposition"]) == (bytes(png.content), saved["Content-Disposition"])
    assert client.get(f"/figures/{svg.uuid}/?as=pdf").content.startswith(b"%PDF")
    assert client.get(f"/figures/{svg.uuid}/?as=html").status_code == 404
    assert client.get(f"/figures/{png.uuid}/?as=png").status_code == 404
    # Kept by the browser of who is signed in, and of nobody else.
    assert shown["Cache-Control"] == "private, max-age=3600"
    assert "Cookie" in shown["Vary"]


def test_a_saved_svg_is_on_white_with_a_margin() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign, drawn=True)
    client = make_researcher(campaign)
    svg = Figure.objects.get(media_type=SVG, theme="light", name="ranking")
    saved = client.get(f"/figures/{svg.uuid}/?download").content
    assert b"#fffefb" not in saved
    wide = SHOWN_WIDTH["wide"] + 2 * FILE_MARGIN
    assert f'width="{wide}"'.encode() in saved
    assert f'<rect x="-{FILE_MARGIN}" y="-{FILE_MARGIN}" width="{wide}"'.encode() in saved


def test_a_saved_figure_of_one_metric_is_named_after_the_metric() -> None:
    campaign = make_board()
    make_agreement_snapshot(make_ranking_snapshot(campaign), drawn=True)
    client = make_researcher(campaign)
    found = Figure.objects.filter(name__startswith="strength-against-score", theme="light", media_type=SVG)
    saved = [client.get(f"/figures/{one.uuid}/?download") for one in found.exclude(name__endswith="slim")]
    names = {one["Content-Disposition"].split("strength-against-score-")[1] for one in saved}
    assert len(names) == len(saved) > 1
    assert 'soft-f1.svg"' in names


def test_a_figure_of_another_type_is_never_served() -> None:
    campaign = make_board()
    ranking = make_ranking_snapshot(campaign)
    page = Figure.objects.create(
        ranking=ranking, name="x", media_type="text/html", content=b"<script>", sha256="0" * 64
    )
    assert make_researcher(campaign).get(f"/figures/{page.uuid}/").status_code == 404
