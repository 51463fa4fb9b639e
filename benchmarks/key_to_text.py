"""From Enter to the next text, or the next pair, painted: labelling beside judging, in Chromium on a served page."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median, quantiles

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.assignment.databases import environment_on, work
from benchmarks.assignment.serving import served
from benchmarks.scoreboard import Scoreboard
from tests.servers import find_program

N_TEXTS = 100
N_PAIRS = 100
SECONDS_OF_READING = 60
MOST_MS = 100.0
MOST_MS_OF_A_PAIR = 120.0
MEDIAN_MS_OF_A_PAIR = 60.0

# From the key to the frame after the one that contains the text: by then it is painted. All pages share the clock,
# because the next text may be a new page.
CLOCK = """
const now = () => performance.timeOrigin + performance.now();
const taken = () => JSON.parse(sessionStorage.getItem("bench/taken") ?? "[]");
addEventListener("keydown", (event) => {
  if (event.key === "Enter") sessionStorage.setItem("bench/pressed", performance.timeOrigin + event.timeStamp);
}, true);
const painted = () => {
  const from = sessionStorage.getItem("bench/pressed");
  if (!from || !document.querySelector(".workspace")) return;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    sessionStorage.setItem("bench/taken", JSON.stringify([...taken(), now() - Number(from)]));
  }));
};
addEventListener("DOMContentLoaded", () => {
  painted();
  new MutationObserver(painted).observe(document.body, { childList: true });
});
"""


def run(scoreboard: Scoreboard) -> None:
    chromium = find_program("chromium")
    if chromium is None:
        scoreboard.cannot_compare("Chromium", "it is not on this machine")
        return
    with environment_on("SQLite") as environment:
        of_lawyer = work("benchmarks.assignment.lawyer_work", environment, n_texts=N_TEXTS + 40)
        of_judge = work("benchmarks.assignment.judge_work", environment, n_pairs=N_PAIRS + 40)
        with served(environment) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"]
            )
            labelling = measure(
                browser, address + of_lawyer["sign_in"], address + of_lawyer["annotate"], label
            )
            judging = measure(browser, address + of_judge["sign_in"], address + of_judge["judge"], judge)
            browser.close()
    p95 = _report(scoreboard, f"From Enter to the next text painted, {len(labelling)} texts", labelling)
    scoreboard.holds("p95 below 100 ms", p95 < MOST_MS, f"{p95:.0f} ms")
    p95 = _report(scoreboard, f"From Enter to the next pair painted, {len(judging)} pairs", judging)
    middle = median(judging)
    scoreboard.holds("median below 60 ms", middle < MEDIAN_MS_OF_A_PAIR, f"{middle:.0f} ms")
    scoreboard.holds("p95 below 120 ms", p95 < MOST_MS_OF_A_PAIR, f"{p95:.0f} ms")


def _report(scoreboard: Scoreboard, what: str, taken: list[float]) -> float:
    """The 95th percentile."""
    scoreboard.open_work(f"{what}, SQLite, Chromium")
    p95 = quantiles(taken, n=20)[-1]
    print(f"  median {median(taken):.0f} ms, p95 {p95:.0f} ms, longest {max(taken):.0f} ms", flush=True)
    return p95


def measure(browser: Browser, sign_in: str, start: str, answer: Callable[[Page], None]) -> list[float]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(sign_in)
    page.locator("main form button").first.click()
    page.goto(start)
    page.wait_for_load_state("networkidle")
    page.add_init_script(f"(() => {{{CLOCK}}})();")
    page.reload()
    page.wait_for_load_state("networkidle")
    n_wanted = N_TEXTS if answer is label else N_PAIRS
    for n_given in range(1, n_wanted + 1):
        before = page.url
        answer(page)
        page.wait_for_function("before => location.href !== before", arg=before)
        while len(taken := _taken(page)) < n_given:
            page.wait_for_timeout(20)
        page.wait_for_timeout(150)
    return taken


def _taken(page: Page) -> list[float]:
    return [float(one) for one in page.evaluate('JSON.parse(sessionStorage.getItem("bench/taken") ?? "[]")')]


def label(page: Page) -> None:
    """As a person does: a moment of reading, in which the next text comes, one label and its certainty."""
    _read(page)
    _press(page, "KeyQ", "Digit4", "Enter")


def judge(page: Page) -> None:
    """As a person does: the next pair comes while this one is read."""
    _read(page)
    _press(page, "KeyF", "Digit4", "Enter")


def _press(page: Page, *codes: str) -> None:
    for code in codes:
        page.keyboard.press(code)


def _read(page: Page) -> None:
    """Nobody reads a text sooner than a server that is not overloaded brings the next one."""
    deadline = time.monotonic() + SECONDS_OF_READING
    while page.evaluate("Number(document.body.dataset.prefetched)") < 1:
        if time.monotonic() > deadline:
            raise TimeoutError(f"No text came within {SECONDS_OF_READING} seconds of reading.")
        page.wait_for_timeout(20)
