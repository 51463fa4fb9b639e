"""A visitor who follows every link and presses every button of the pages, over HTTP, as a person without JavaScript.

Pages of one route show the same doors again and again: of each route a few addresses are opened, and of each button
a few instances are pressed. What is answered is kept for the test to judge.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from http.cookies import SimpleCookie
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit
from uuid import uuid4

from django.urls import Resolver404, resolve

from tests.journeys.html_pages import Button, Control, Form, Page, refusal_sentences

OPTIONS_OF_A_CHOICE = 2

MOST_REDIRECTS = 5

# Stands in the frame of every page: one page is as good as another.
OF_EVERY_PAGE = ("look", "language", "sign-out")

FILE_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}

Fields = list[tuple[str, str]]


def route_of(address: str) -> str:
    path = urlsplit(address).path
    if path.startswith("/static/"):
        return "static"
    try:
        return str(resolve(path).url_name)
    except Resolver404:
        return f"no route: {path}"


@dataclass(frozen=True)
class Answer:
    """What came of one door: who opened it, where it stands, where it leads, and the status."""

    actor: str
    page: str
    route: str
    door: str
    status: int
    said: str = ""


@dataclass
class Press:
    page: str
    form: Form
    button: Button | None
    fields: Fields


# What a person writes into an empty field, by the form's route and the field's name; None leaves it empty.
Filling = Callable[[str, Control], str | None]


class Visitor:
    """One person with a browser of their own."""

    def __init__(
        self,
        actor: str,
        address: str,
        *,
        fill: Filling,
        files: Mapping[str, tuple[str, bytes]],
        n_addresses: int = 2,
        n_presses: int = 1,
    ) -> None:
        self.actor, self._fill, self._files = actor, fill, files
        # How many addresses of a route are opened, and how often a button of one place is pressed.
        self._n_addresses, self._n_presses = n_addresses, n_presses
        self._host = urlsplit(address).netloc
        self._connection = HTTPConnection(self._host, timeout=60)
        self._cookies: dict[str, str] = {}
        self.answers: list[Answer] = []
        self.routes: set[str] = set()
        self.seen: Counter[str] = Counter()
        self._opened: set[str] = set()
        self._of_route: Counter[str] = Counter()
        self._pressed: Counter[tuple[str, ...]] = Counter()
        self._places: set[str] = set()
        self._links: deque[tuple[str, str]] = deque()
        self._presses: list[Press] = []
        # Where a job that was asked for is watched.
        self._asked: set[str] = set()

    def crawl(self, starts: list[str], *, ranks: Mapping[str, int], work: Callable[[], bool]) -> None:
        """Everything that can be reached. Buttons of a high rank, which take something away, are pressed last.

        `work` does the jobs that wait and says whether there were any; buttons below 0 are pressed before it.
        """
        self._links.extend(("start", start) for start in starts)
        while self._links or self._presses:
            while self._links:
                page, address = self._links.popleft()
                self._open(page, address)
            self._presses.sort(key=lambda press: ranks.get(_door(press), 0))
            if self._presses and (ranks.get(_door(self._presses[0]), 0) < 0 or not self._asked):
                self._press(self._presses.pop(0))
            elif work():
                for address in self._asked:
                    self._ask("GET", address, page="job", door="the same page, later")
                self._asked.clear()
            else:
                self._asked.clear()
        self._connection.close()

    def _open(self, page: str, address: str) -> None:
        bare, place = urldefrag(address)
        parts = urlsplit(bare)
        if parts.scheme in ("mailto", "data"):
            return
        route = route_of(bare)
        if parts.netloc not in ("", self._host):
            self._complain(page, address, "another host")
            return
        query = "&".join(sorted(part.split("=")[0] for part in parts.query.split("&")))
        kind = f"{route}?{query}"
        if bare in self._opened or (route != "static" and self._of_route[kind] >= self._n_addresses):
            return
        self._opened.add(bare)
        self._of_route[kind] += 1
        self.seen["links"] += 1
        shown = self._ask("GET", bare, page=page, door=f"link {address}")
        if shown is not None and place and place not in shown.ids:
            self._complain(page, address, f"there is no #{place} on that page")

    def _complain(self, page: str, address: str, said: str) -> None:
        self.answers.append(Answer(self.actor, page, route_of(address), f"link {address}", 0, said))

    def _press(self, press: Press) -> None:
        self.seen["buttons"] += 1
        door = f"button {_door(press)}"
        # A page that was open before its person signed in has a token of before.
        press.fields = [
            (name, self._cookies.get("csrftoken", value) if name == "csrfmiddlewaretoken" else value)
            for name, value in press.fields
        ]
        if press.form.method == "get":
            address = press.form.action.split("#")[0].split("?")[0] + "?" + urlencode(press.fields)
            self._ask("GET", address, page=press.page, door=door)
        elif press.form.is_upload:
            body, kind = self._with_files(press)
            self._ask("POST", press.form.action, body, kind, page=press.page, door=door)
        else:
            body = urlencode(press.fields).encode()
            kind = "application/x-www-form-urlencoded"
            self._ask("POST", press.form.action, body, kind, page=press.page, door=door)

    def _with_files(self, press: Press) -> tuple[bytes, str]:
        mark = uuid4().hex
        files = [control.name for control in press.form.controls if control.kind == "file"]
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
            for name, value in press.fields
            if name not in files
        ]
        kind = dict(press.fields).get("kind", "")
        if files and kind in self._files:
            name, content = self._files[kind]
            head = f'Content-Disposition: form-data; name="{files[0]}"; filename="{name}"\r\n'
            parts.append(f"{head}Content-Type: {FILE_TYPES[name.split('.')[-1]]}\r\n\r\n".encode() + content)
        body = b"".join(f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts)
        return body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"

    def _ask(
        self, method: str, address: str, body: bytes | None = None, kind: str = "", *, page: str, door: str
    ) -> Page | None:
        """Ask, follow where it leads, and keep the answer; the page, where it is one."""
        for _ in range(MOST_REDIRECTS):
            self.routes.add(route_of(address))
            status, headers, content = self._send(method, address, body, kind)
            if status not in (301, 302, 303):
                break
            address, method, body = urljoin(address, headers["Location"]), "GET", None
        if door.startswith("button") and route_of(address) == "job":
            self._asked.add(address)
        is_page = headers.get("Content-Type", "").startswith("text/html")
        html = content.decode() if is_page else ""
        said = refusal_sentences(html) if status >= 400 else ""
        self.answers.append(Answer(self.actor, page, route_of(address), door, status, said))
        if not is_page or status >= 500:
            return None
        self.seen["pages"] += 1
        return self._take(Page(address, html))

    def _send(
        self, method: str, address: str, body: bytes | None, kind: str
    ) -> tuple[int, HTTPMessage, bytes]:
        parts = urlsplit(address)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        headers["Accept-Language"] = "en"
        if body is not None:
            headers |= {"Content-Type": kind, "Origin": f"http://{self._host}"}
        try:
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
        except (HTTPException, ConnectionError):
            # The server closed what had lain idle.
            self._connection.close()
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
        content = response.read()
        for line in response.msg.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return response.status, response.msg, content

    def _take(self, page: Page) -> Page:
        """Its links to the queue; its buttons too, with what a person would write."""
        route = route_of(page.address)
        for address in [*page.links, *page.files]:
            bare, place = urldefrag(address)
            if bare != page.address:
                self._links.append((route, address))
            elif place and place not in page.ids:
                self._complain(route, address, f"there is no #{place} on this page")
        self.seen["buttons of scripts"] += page.n_of_scripts
        for form in page.forms:
            self.seen["forms"] += 1
            for press in self._presses_of(route, form):
                of = route_of(form.action)
                keyed = (of, _door(press)) if of in OF_EVERY_PAGE else (route, of, _door(press), _names(form))
                if self._pressed[keyed] < self._n_presses:
                    self._pressed[keyed] += 1
                    self._presses.append(press)
        return page

    def _presses_of(self, route: str, form: Form) -> Iterator[Press]:
        of = route_of(form.action)
        for button in form.buttons or [None]:
            named = [(button.name, button.value)] if button is not None and button.name else []
            yield Press(route, form, button, [*self._filled(of, form), *named])
        filled = self._filled(of, form)
        # What a form that only asks may be asked.
        for control in form.controls if form.method == "get" else ():
            for n, option in enumerate(control.options[1 : 1 + OPTIONS_OF_A_CHOICE], 1):
                others = [(name, value) for name, value in filled if name != control.name]
                yield Press(
                    route, form, Button(control.name, f"option {n}"), [*others, (control.name, option)]
                )
        # Each kind of file is imported in its own way.
        for control in form.controls if form.is_upload else ():
            for option in control.options if control.name == "kind" else ():
                others = [(name, value) for name, value in filled if name != control.name]
                for button in form.buttons:
                    fields = [*others, (control.name, option), (button.name, button.value)]
                    yield Press(route, form, Button(f"{option}, {button.name}", button.value), fields)

    def _filled(self, of: str, form: Form) -> Fields:
        fields: Fields = []
        chosen = {c.name for c in form.controls if c.kind == "radio" and c.is_chosen}
        for control in form.controls:
            value: str | None = control.value if control.is_chosen else None
            if control.kind == "radio" and control.name not in chosen:
                given = self._fill(of, control)
                if given is None or given == control.value:
                    value = control.value
                    chosen.add(control.name)
            elif control.kind == "hidden":
                pass
            elif not value or control.kind == "checkbox":
                given = self._fill(of, control)
                value = given if given is not None else value
            if value is not None and control.kind not in ("file", "submit"):
                fields.append((control.name, value))
        return fields


def _door(press: Press) -> str:
    """A button by its form and its value; an identifier in a value makes no other button of it."""
    button = press.button
    value = "" if button is None else button.value
    if len(value) >= 32 and value.count("-") == 4:
        value = "…"
    return f"{route_of(press.form.action)} {'' if button is None else button.name} {value}".strip()


def _names(form: Form) -> str:
    """Of a form; one with more rows has the same."""
    return " ".join(sorted({re.sub(r"\d+", "#", control.name) for control in form.controls}))
