"""docs/security.md: each promise names tests that exist, and each chapter of ASVS 5 has a state."""

from __future__ import annotations

import re

from tests.conftest import CHECKOUT

PAGE = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
STATES = {"met", "partly", "not met", "not applicable", "not verified", "operator"}
ROWS = re.findall(r"^\| (V\d+[^|]*) \| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    defined = {
        name
        for path in (CHECKOUT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert len(named) > 30
    assert named - defined == set()


def test_every_chapter_of_asvs_has_a_known_state_and_a_reason() -> None:
    assert {int(re.match(r"V(\d+)", section)[1]) for section, *_ in ROWS} == set(range(1, 18))  # type: ignore[index]
    for section, state, reason in ROWS:
        assert state in STATES, section
        assert reason.strip(), section


def test_what_is_partly_met_or_not_names_what_is_missing() -> None:
    for section, state, reason in ROWS:
        words = re.sub(r"`[^`]*`|\[[^]]*\]\([^)]*\)", "", reason)
        if state in ("partly", "not met"):
            assert len(re.findall(r"\w+", words)) >= 3, section


def test_the_way_to_report_is_in_the_root() -> None:
    report = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
    assert "Report a vulnerability" in report
    assert "docs/security.md" in report
