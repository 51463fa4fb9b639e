"""`make screenshots`: the pictures in docs/, taken from a fresh demonstration in a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers import find_program, free_port

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LINK = re.compile(r"^  .* \((?P<does>\w+).*\): (?P<address>http\S+)$")
WIDE = {"width": 1280, "height": 900}
# A figure of the results and what stands above it.
HEIGHT_OF_LONG = 1230


@contextmanager
def demonstration() -> Iterator[dict[str, str]]:
    """The demonstration, served; what each visitor does and the link that signs them in."""
    with tempfile.TemporaryDirectory(prefix="hlv-pictures-") as folder:
        command = [sys.executable, "-u", "-m", "hlv.cli", "demo", f"--port={free_port()}"]
        with subprocess.Popen(
            command, env={**os.environ, "HLV_DEMO_DIR": folder}, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield _links(process)
            finally:
                process.send_signal(signal.SIGINT)


def _links(process: subprocess.Popen[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in process.stdout or ():
        match = LINK.match(line.rstrip())
        if match:
            found[match["does"]] = match["address"]
        if len(found) == 3:
            return found
    raise SystemExit("The demonstration did not start; what it said stands above.")


def signed_in(browser: Browser, link: str, *, scheme: str = "light") -> Page:
    page = browser.new_context(viewport=WIDE, color_scheme=scheme).new_page()  # type: ignore[arg-type]  # light or dark
    page.goto(link)
    page.locator("main form button").click()
    page.wait_for_load_state("networkidle")
    return page


def take(page: Page, name: str, *, full_page: bool = False, height: int = 0) -> None:
    """What a visitor sees first, the whole page, or its first pixels: long ones would be a megabyte."""
    page.wait_for_load_state("networkidle")
    path = PICTURES / f"{name}.png"
    if height:
        clip = {"x": 0, "y": 0, "width": WIDE["width"], "height": height}
        page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]  # a typed dict
    else:
        page.screenshot(path=path, full_page=full_page)
    print(f"docs/pictures/{name}.png")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demonstration() as links, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_program("chromium")),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        researcher = signed_in(browser, links["researcher"])
        researcher.get_by_role("link", name="Areas of law").first.click()
        researcher.get_by_role("link", name="Results", exact=True).first.click()
        take(researcher, "dashboard", height=HEIGHT_OF_LONG)
        researcher.get_by_role("link", name="Overview", exact=True).click()
        take(researcher, "study")
        researcher.get_by_role("link", name="Progress", exact=True).click()
        take(researcher, "progress", height=HEIGHT_OF_LONG)
        researcher.get_by_role("link", name="Campaigns", exact=True).first.click()
        researcher.locator(".ledger h2 a").first.click()
        take(researcher, "campaign", full_page=True)
        researcher.get_by_role("link", name="Blinding audit").click()
        take(researcher, "blinding-audit", full_page=True)
        for does, step, name in (("lawyer", "Annotate", "annotate"), ("expert", "Judge", "judge")):
            page = signed_in(browser, links[does])
            page.get_by_role("link", name="Areas of law").first.click()
            page.get_by_role("link", name=step, exact=True).first.click()
            take(page, name)
        browser.close()


if __name__ == "__main__":
    main()
