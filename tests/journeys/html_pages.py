"""A page as a crawler reads it: links, forms and their controls, and sentences of refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

WITHOUT_END = {"input", "br", "img", "hr", "link", "meta", "source"}


@dataclass
class Control:
    """What a field holds when the page opens, and what could be chosen instead."""

    name: str
    kind: str
    value: str
    is_chosen: bool = True
    is_required: bool = False
    options: list[str] = field(default_factory=list)
    # Of these, the one that is chosen.
    place: int = 0


@dataclass
class Button:
    name: str
    value: str


@dataclass
class Form:
    method: str
    action: str
    is_upload: bool
    controls: list[Control] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


class Page(HTMLParser):
    """Links, files and forms of one page."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.files: list[str] = []
        self.forms: list[Form] = []
        self.ids: set[str] = set()
        # Buttons that only a script answers; browsers press them in the other journeys.
        self.n_of_scripts = 0
        self._form: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._select: Control | None = None
        self._option: Control | None = None
        self._textarea: Control | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.ids.add(given["id"])
        if tag in ("a", "area") and "href" in given:
            self.links.append(urljoin(self.address, given["href"]))
        elif tag in ("img", "script", "source") and (given.get("src") or given.get("srcset")):
            self.files.append(urljoin(self.address, given.get("src") or given["srcset"].split()[0]))
        elif tag == "link" and "href" in given:
            self.files.append(urljoin(self.address, given["href"]))
        elif tag == "form":
            self._form = Form(
                given.get("method", "get").lower(),
                urljoin(self.address, given.get("action") or self.address),
                given.get("enctype") == "multipart/form-data",
            )
            if self._form.method != "dialog":
                self.forms.append(self._form)
            if "id" in given:
                self._by_id[given["id"]] = self._form
        elif tag in ("input", "select", "textarea", "button"):
            self._take(tag, given)
        elif tag == "option" and self._select is not None:
            self._select.options.append(given.get("value", ""))
            # Without a value its words are it.
            self._option = self._select if "value" not in given else None
            if "selected" in given or len(self._select.options) == 1:
                self._select.place = len(self._select.options) - 1

    def _take(self, tag: str, given: dict[str, str]) -> None:
        form = self._by_id.get(given["form"]) if "form" in given else self._form
        kind = given.get("type", "submit" if tag == "button" else "text").lower()
        if tag == "button" and kind == "button":
            self.n_of_scripts += "disabled" not in given
        if form is None or "disabled" in given:
            return
        if tag == "button":
            if kind == "submit":
                form.buttons.append(Button(given.get("name", ""), given.get("value", "")))
            return
        if not given.get("name"):
            return
        control = Control(
            given["name"],
            tag if tag != "input" else kind,
            given.get("value", "on" if kind in ("checkbox", "radio") else ""),
            is_chosen=kind not in ("checkbox", "radio") or "checked" in given,
            is_required="required" in given,
        )
        form.controls.append(control)
        if tag == "select":
            control.kind = "multiple" if "multiple" in given else "select"
            self._select = control
        elif tag == "textarea":
            self._textarea = control

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "option":
            self._option = None
        elif tag == "select" and self._select is not None:
            if self._select.options:
                self._select.value = self._select.options[self._select.place]
            self._select = self._option = None
        elif tag == "textarea" and self._textarea is not None:
            # The first line break of its text is none of it.
            self._textarea.value = self._textarea.value.removeprefix("\n")
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea.value += data
        elif self._option is not None:
            self._option.options[-1] += data


class _Refusal(HTMLParser):
    """What a page says in its errors."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        is_error = "error" in (given.get("class") or "").split() or given.get("role") == "alert"
        if tag not in WITHOUT_END and (self._depth or is_error):
            self._depth += 1

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """It has no content."""

    def handle_endtag(self, tag: str) -> None:
        self._depth -= self._depth > 0

    def handle_data(self, data: str) -> None:
        if self._depth and data.strip():
            self.words.append(data.strip())


def refusal_sentences(html: str) -> str:
    return " ".join(_Refusal(html).words)[:300]
