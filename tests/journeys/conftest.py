"""A real browser on really served pages: Debian's Chromium, granian, the database of the test."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from annotations.models import Participant, User
from annotations.services.people import make_sign_in_link
from hlv import serving
from tests.conftest import url_of_test_database
from tests.servers import find_program, free_port

SECONDS_TO_START = 40.0
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def address(django_db_setup: None, django_db_blocker: object) -> Iterator[str]:
    """Where the pages are served, with the static files as `hlv serve` collects them."""
    port = free_port()
    serving.collect_static_files()
    server = serving.make_web_server("127.0.0.1", port)
    server.environment = dict(server.environment) | {
        "DATABASE_URL": url_of_test_database(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "HLV_STATIC_MANIFEST": "true",
        "BASE_URL": f"http://127.0.0.1:{port}",
        # Pages are looked at from right to left too, before there is a translation.
        "HLV_LANGUAGES": "en,ar",
        # A journey asks for the jobs that it wants.
        "HLV_REFRESH_MINUTES": "0",
    }
    server.start()
    try:
        found = f"http://127.0.0.1:{port}"
        _wait_for(found, server)
        yield found
    finally:
        server.stop(serving.SECONDS_FOR_REQUESTS_IN_FLIGHT)


def _wait_for(address: str, server: serving.Child) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urlopen(f"{address}/sign-in/", timeout=10):
                return
        except OSError:
            if not server.is_running() or time.monotonic() > deadline:
                pytest.fail("the pages are not served; what the server said stands above")
            time.sleep(0.1)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_program("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (Debian's package chromium-headless-shell)")
    # Its sandbox needs rights that root in a container has not.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(program), args=arguments)
        yield launched
        launched.close()


class Watch:
    """What pages did that none of them may do."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self.complaints: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("request", self._see)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        # A form that is refused, and a network that is cut on purpose, are told by the browser too.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != self._host:
            self.complaints.append(f"request to another host: {request.url}")


@pytest.fixture
def open_browser(transactional_db: None, address: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page as a person with a fresh profile would; takes Playwright's options of a context."""
    watch = Watch(address)
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        context = browser.new_context(base_url=address, **options)  # type: ignore[arg-type]  # handed on as given
        context.set_default_timeout(15_000)
        watch.follow(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert watch.complaints == []


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    return open_browser()


@pytest.fixture
def page_without_javascript(open_browser: Callable[..., Page]) -> Page:
    return open_browser(java_script_enabled=False)


@pytest.fixture
def sign_in() -> Callable[[Page, User], None]:
    """Signs a person in by a link; its page, which test_sign_in.py looks at, is not drawn again each time."""

    def do(page: Page, person: User) -> None:
        link = make_sign_in_link(person)
        page.request.get(link)
        (token,) = (cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
        page.request.post(link, form={"csrfmiddlewaretoken": token}, max_redirects=0)
        page.goto("/studies/")
        page.wait_for_url("**/studies/")

    return do


@pytest.fixture
def open_page(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> Callable[..., Page]:
    """A page of a fresh browser, signed in where a person or their role is named."""

    def opened(person: User | Participant | None = None, **options: object) -> Page:
        page = open_browser(**options)
        user = person.user if isinstance(person, Participant) else person
        assert user is not None or person is None, "nobody signs in as an imported source"
        if user is not None:
            sign_in(page, user)
        return page

    return opened
