"""A browser for checking: standard library only, no JavaScript, one visitor with its own cookies.

It reads pages the way a person does: forms by the names of their fields, figures by the `data-check` marks the
templates carry. Every request has a time limit.
"""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

SECONDS: Final = 30
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_AMOUNT: Final = re.compile(r"€\s*(-?[\d.]+)(?:,(\d\d))?")


class PageNotAsExpected(Exception):
    """A page lacks what the walk needs; the message says what and where."""


@dataclass(slots=True)
class Field:
    """One field of a form, or a button with a name."""

    name: str
    kind: str
    value: str
    checked: bool = False


@dataclass(slots=True)
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    upload: bool = False

    def has(self, name: str) -> bool:
        """Whether there is a field or button of this name."""
        return any(one.name == name for one in self.fields)

    def choices(self, name: str) -> list[str]:
        """The values a field of this name can have."""
        return [one.value for one in self.fields if one.name == name]

    def filled(self, values: Mapping[str, str], button: str = "") -> list[tuple[str, str]]:
        """What a browser sends. `values` replaces what stands there; `button` is the name of the one pressed."""
        sent = [(name, value) for name, value in values.items()]
        for one in self.fields:
            if one.name in values:
                continue
            if one.kind in ("radio", "checkbox"):
                if one.checked:
                    sent.append((one.name, one.value))
            elif one.kind == "button":
                if one.name == button:
                    sent.append((one.name, one.value))
            elif one.kind != "file":
                sent.append((one.name, one.value))
        return sent


@dataclass(slots=True)
class Mark:
    """An element with `data-check`: its attributes and its text."""

    name: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def cents(self) -> int:
        """The amount in it, in cents: from `data-cents`, else the first one in the text."""
        if "data-cents" in self.attributes:
            return int(self.attributes["data-cents"])
        found = amounts(self.text)
        if not found:
            raise PageNotAsExpected(f"there is no amount in “{self.text}”")
        return found[0]


def amounts(text: str) -> list[int]:
    """Every amount written with a euro sign in `text`, in cents."""
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    return [int(whole.replace(".", "")) * 100 + int(part or 0) for whole, part in _AMOUNT.findall(plain)]


@dataclass(slots=True)
class Page:
    """One answer of the site."""

    url: str
    status: int
    content: bytes
    content_type: str
    forms: list[Form] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def form(self, *names: str, action: str = "") -> Form:
        """The first form with all these fields (and this in its address)."""
        for one in self.forms:
            if all(one.has(name) for name in names) and action in one.action:
                return one
        raise PageNotAsExpected(f"{self.path}: no form with {names or 'an address like'} {action}. {self.gist}")

    def has_form(self, *names: str, action: str = "") -> bool:
        return any(all(one.has(name) for name in names) and action in one.action for one in self.forms)

    def mark(self, name: str, /, **attributes: str) -> Mark:
        """The first element with this `data-check` (and these `data-…` values)."""
        for one in self.marked(name):
            if all(one.attributes.get(f"data-{key}") == value for key, value in attributes.items()):
                return one
        raise PageNotAsExpected(f"{self.path}: nothing is marked {name} {attributes or ''}. {self.gist}")

    def marked(self, name: str) -> Iterator[Mark]:
        return (one for one in self.marks if one.name == name)

    def link(self, part: str) -> str:
        """The address of the first link whose address or text holds `part`."""
        for address, text in self.links:
            if part in address or part in text:
                return address
        raise PageNotAsExpected(f"{self.path}: no link with “{part}”. {self.gist}")

    @property
    def gist(self) -> str:
        """The beginning of what it says, for a message."""
        at = self.text.find("Ga naar de inhoud")
        return "It says: " + " ".join(self.text[max(at, 0) :].split())[:600]


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self._depth = 0
        self._open_marks: list[tuple[int, Mark]] = []
        self._form: Form | None = None
        self._select: tuple[str, Field | None] | None = None
        self._textarea: Field | None = None
        self._link: tuple[str, list[str]] | None = None
        self._texts: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._depth += 1
        if tag in ("script", "style", "title"):
            self._skip += 1
        if "data-check" in given:
            mark = Mark(given["data-check"], given)
            self.page.marks.append(mark)
            if tag not in _VOID:
                self._open_marks.append((self._depth, mark))
        if tag == "form":
            self._form = Form(
                given.get("action", ""),
                given.get("method", "get").lower(),
                upload="multipart" in given.get("enctype", ""),
            )
            self.page.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link = (given["href"], [])
        else:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form, name = self._form, given.get("name", "")
        if form is None:
            return
        if tag == "input" and name:
            kind = given.get("type", "text").lower()
            kind = "button" if kind in ("submit", "image", "button") else kind
            default = "on" if kind in ("radio", "checkbox") else ""
            form.fields.append(Field(name, kind, given.get("value", default), "checked" in given))
        elif tag == "button" and name:
            form.fields.append(Field(name, "button", given.get("value", "")))
        elif tag == "textarea" and name:
            self._textarea = Field(name, "textarea", "")
            form.fields.append(self._textarea)
        elif tag == "select" and name:
            self._select = (name, None)
        elif tag == "option" and self._select is not None:
            option = Field(self._select[0], "radio", given.get("value", ""), "selected" in given)
            if self._select[1] is None and "selected" not in given:
                option.checked = True
            elif "selected" in given and self._select[1] is not None:
                self._select[1].checked = False
            form.fields.append(option)
            self._select = (self._select[0], self._select[1] or option)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag == "a" and self._link is not None:
            self.page.links.append((self._link[0], " ".join("".join(self._link[1]).split())))
            self._link = None
        if tag in ("script", "style", "title"):
            self._skip -= 1
        if tag not in _VOID:
            while self._open_marks and self._open_marks[-1][0] >= self._depth:
                mark = self._open_marks.pop()[1]
                mark.text = " ".join(mark.text.split())
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea.value += data
        if self._skip:
            return
        for _depth, mark in self._open_marks:
            mark.text += data
        if self._link is not None:
            self._link[1].append(data)
        self._texts.append(data)

    def close(self) -> None:
        super().close()
        self.page.text = "".join(self._texts)


class Browser:
    """One visitor of the site at `base_url`."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = Page(self.base_url, 0, b"", "")

    def go(self, address: str, *, expect: int = 200) -> Page:
        """Open an address (absolute, or seen from the page we are on)."""
        return self._fetch(urllib.request.Request(self._absolute(address)), expect)  # noqa: S310  our own site

    def submit(
        self, form: Form, values: Mapping[str, str] | None = None, *, button: str = "", expect: int = 200
    ) -> Page:
        """Send a form of the page we are on."""
        sent = urlencode(form.filled(values or {}, button))
        address = self._absolute(form.action or self.page.url)
        if form.method == "get":
            return self.go(f"{address.split('?')[0]}?{sent}", expect=expect)
        request = urllib.request.Request(address, data=sent.encode())  # noqa: S310  our own site
        request.add_header("Referer", self.page.url)
        request.add_header("Origin", self.base_url)
        return self._fetch(request, expect)

    def _absolute(self, address: str) -> str:
        found = urljoin(self.page.url or self.base_url + "/", address)
        # Links in mail carry the address the site believes it has.
        parts = urlsplit(found)
        return self.base_url + parts.path + (f"?{parts.query}" if parts.query else "")

    def _fetch(self, request: urllib.request.Request, expect: int) -> Page:
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                status, url, content, kind = (
                    answer.status,
                    answer.url,
                    answer.read(),
                    answer.headers["Content-Type"] or "",
                )
        except urllib.error.HTTPError as refusal:
            with refusal:
                status, url, content = refusal.code, refusal.url, refusal.read()
                kind = refusal.headers["Content-Type"] or ""
        page = Page(url, status, content, kind)
        if kind.startswith("text/html"):
            reader = _Reader(page)
            reader.feed(content.decode())
            reader.close()
        if kind.startswith("text/html"):
            self.page = page
        if status != expect:
            raise PageNotAsExpected(
                f"{request.get_method()} {urlsplit(request.full_url).path} answered {status}. {page.gist}"
            )
        return page
