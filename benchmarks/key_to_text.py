"""From Enter to the next text painted, over a hundred texts in Chromium on a served page."""

from __future__ import annotations

import time
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.desk.databases import environment_on, work
from benchmarks.desk.serving import served
from benchmarks.scoreboard import Scoreboard
from tests.servers import find_program

N_TEXTS = 100
SECONDS_OF_READING = 60
MOST_MS = 100.0

# From the key on the page's own clock to the frame after the one in which the text stands: by then it is painted.
CLOCK = """() => {
  window.taken = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    const from = pressed;
    requestAnimationFrame(() => requestAnimationFrame((now) => window.taken.push(now - from)));
  }).observe(document.body, { childList: true });
}"""


def run(scoreboard: Scoreboard) -> None:
    chromium = find_program("chromium")
    if chromium is None:
        scoreboard.cannot_compare("Chromium", "it is not on this machine")
        return
    with environment_on("SQLite") as environment:
        link = work("benchmarks.desk.lawyer_work", environment, n_texts=N_TEXTS + 40)
        with served(environment) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"]
            )
            taken = measure(browser.new_page(viewport={"width": 1280, "height": 900}), address, link)
            browser.close()
    scoreboard.open_work(f"From Enter to the next text painted, {len(taken)} texts, SQLite, Chromium")
    p95 = quantiles(taken, n=20)[-1]
    print(f"  median {median(taken):.0f} ms, p95 {p95:.0f} ms, longest {max(taken):.0f} ms", flush=True)
    scoreboard.holds("p95 below 100 ms", p95 < MOST_MS, f"{p95:.0f} ms")


def measure(page: Page, address: str, link: dict[str, Any]) -> list[float]:
    page.goto(address + link["sign_in"])
    page.locator("main form button").first.click()
    page.goto(address + link["annotate"])
    page.wait_for_load_state("networkidle")
    page.evaluate(CLOCK)
    for n_given in range(1, N_TEXTS + 1):
        # As a person does: a moment of reading, in which the next text comes, one label and its certainty.
        _read(page)
        for key in ("KeyQ", "Digit4", "Enter"):
            page.keyboard.press(key)
        while page.evaluate("window.taken.length") < n_given:
            page.wait_for_timeout(20)
        page.wait_for_timeout(150)
    taken: list[float] = page.evaluate("window.taken")
    return taken


def _read(page: Page) -> None:
    """Nobody reads a text sooner than a server that is not overloaded brings the next one."""
    deadline = time.monotonic() + SECONDS_OF_READING
    while page.evaluate("Number(document.body.dataset.prefetched)") < 1:
        if time.monotonic() > deadline:
            raise TimeoutError(f"No text came within {SECONDS_OF_READING} seconds of reading.")
        page.wait_for_timeout(20)
