"""How hard a page is to read: length of sentences, Flesch-Douma, words before the question, words we do not use.

ux.md 2.6 and 6e (TX1, TX2). A formula never proves B1; it finds the sentence that surely is not.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Final

import pyphen

LONGEST_SENTENCE: Final = 12
LONGEST_IN_LETTER: Final = 15
"""Words. A letter or a signed document stands in an element of class `document` or `letter`."""
EASIEST_PAGE: Final = 75
EASIEST_LETTER: Final = 60
"""Flesch-Douma, higher is easier."""
ENOUGH_WORDS: Final = 50
"""The formula is unstable under about fifty words (ux.md 2.6): shorter pages are measured for sentence length only."""
MOST_BEFORE_QUESTION: Final = 60

#: As they stand in ux.md 2.6 and 6e, with their family, the legal words of the house glossary, and abbreviations.
FORBIDDEN: Final = (
    "aflossingscapaciteit",
    "afloscapaciteit",
    "alsmede",
    "beslagvrije voet",
    "betalingsplichtige",
    "betalingsregeling",
    "betalingsverplichting",
    "crediteur",
    "debiteur",
    "derhalve",
    "dient te",
    "dienen te",
    "in gebreke",
    "ingebrekestelling",
    "kwijting",
    "kwijtschelding",
    "kwijtschelden",
    "kwijtgescholden",
    "machtiging",
    "preferent",
    "schuldeiser",
    "schuldenaar",
    "sommatie",
    "teneinde",
    "vordering",
    "bijv.",
    "c.q.",
    "d.d.",
    "d.w.z.",
    "e.d.",
    "i.v.m.",
    "m.b.t.",
    "o.a.",
    "t.a.v.",
    "t.o.v.",
    "t/m",
)

_FORBIDDEN: Final = re.compile("|".join(map(re.escape, FORBIDDEN)))

_HTML_BLOCKS: Final = (
    "p h1 h2 h3 h4 h5 h6 li dt dd div label legend td th tr caption figcaption summary br section aside article header footer",
    "nav form fieldset table ul ol dl details main button option select textarea input svg title desc text",
)
_BLOCKS: Final = frozenset(tag for line in _HTML_BLOCKS for tag in line.split())
_VOID: Final = frozenset(("br", "input", "img", "meta", "link", "hr", "source", "wbr", "col", "area", "base", "embed"))
#: What nobody reads as running text; the names of a datalist are offered while typing.
_UNREAD: Final = frozenset(("script", "style", "template", "datalist", "textarea", "head"))
_LETTER: Final = frozenset(("document", "letter"))
_BUTTON: Final = "utrecht-button-link"
_END: Final = re.compile(r"(?<=[.!?:;])\s+|\n")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MONTHS: Final = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
_DATE: Final = re.compile(
    rf"(?:(?:maan|dins|woens|donder|vrij|zater|zon)dag )?\d{{1,2}} (?:{_MONTHS}|jan|feb|mrt|apr|jun|jul|aug|sep|okt|nov|dec)"
    rf"(?: \d{{4}})?|(?:{_MONTHS}) \d{{4}}",
    re.IGNORECASE,
)
_VARIABLE: Final = "0"


@cache
def _dictionary() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="nl_NL")


@cache
def syllables(word: str) -> int:
    """Syllables as the Dutch hyphenation dictionary sees them; it never splits off one letter, so `open` counts as one."""
    return len(_dictionary().positions(word.lower())) + 1


def tokens(sentence: str) -> list[str]:
    """What is spoken as one thing: words, amounts, numbers. A lone dash is nothing."""
    joined = sentence.replace("€ ", "€\u202f").replace("\u00a0", "\u202f")
    return [one for one in re.split(r"[ \t\r\n]+", joined) if any(sign.isalnum() for sign in one)]


def _without_variables(sentence: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        if name:
            sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _VARIABLE, sentence)
    return _DATE.sub(_VARIABLE, sentence)


def words(sentence: str) -> list[str]:
    """The words that are ours: tokens with a digit or an @ are amounts, numbers and addresses."""
    ours = (one for one in tokens(sentence) if not any(sign.isdigit() or sign == "@" for sign in one))
    return [word for one in ours for word in _WORD.findall(one)]


def flesch_douma(sentences: Iterable[str], names: Collection[str] = ()) -> float | None:
    """206.835 - 0.93 x words per sentence - 77 x syllables per word; None for fewer than `ENOUGH_WORDS` words.

    Amounts, dates and `names` (of people and organisations) are variables: they lengthen a sentence by one word and
    have no syllables that we chose.
    """
    bare = [_without_variables(one, names) for one in sentences]
    spoken = [(len(tokens(one)), words(one)) for one in bare if words(one)]
    ours = [word for _, found in spoken for word in found]
    if len(ours) < ENOUGH_WORDS:
        return None
    length = sum(count for count, _ in spoken) / len(spoken)
    return 206.835 - 0.93 * length - 77 * sum(map(syllables, ours)) / len(ours)


@dataclass
class Reading:
    """What stands on a page.

    `frame`: sentences around `main`. `own`: those in it, less `letter` and less `errors`, the summary of what went wrong
    (which stands between a person and the question only once). `labels`: what only a screen reader says.
    `before_question`: words of main in front of its first field, None when it asks nothing.
    """

    title: str = ""
    frame: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    letter: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    headings: int = 0
    before_question: int | None = None

    def too_long(self) -> list[str]:
        """Sentences with too many words."""
        page = [
            one for one in [*self.frame, *self.own, *self.errors, *self.labels] if len(tokens(one)) > LONGEST_SENTENCE
        ]
        return page + [one for one in self.letter if len(tokens(one)) > LONGEST_IN_LETTER]

    def forbidden(self) -> list[str]:
        """Words we do not use; a signed document may need the words of the law."""
        text = "\n".join([self.title, *self.frame, *self.own, *self.errors, *self.labels]).lower()
        return sorted(set(_FORBIDDEN.findall(text)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reading = Reading()
        self._open: list[tuple[str, frozenset[str]]] = []
        self._text = ""

    def _inside(self, tags: frozenset[str]) -> bool:
        return any(tag in tags for tag, _ in self._open)

    def _has_class(self, names: frozenset[str]) -> bool:
        return any(names & classes for _, classes in self._open)

    def _flush(self) -> None:
        text, self._text = " ".join(self._text.split(" ")), ""
        found = [" ".join(part.split()) for part in _END.split(re.sub(r"[ \t\r\n]+", " ", text))]
        if self._has_class(frozenset(("error-summary",))):
            target = self.reading.errors
        elif self._inside(frozenset(("main",))) or self._has_class(frozenset(("hero",))):
            target = self.reading.letter if self._has_class(_LETTER) else self.reading.own
        else:
            target = self.reading.frame
        target += [one for one in found if one]

    def _breaks(self, tag: str, classes: frozenset[str]) -> bool:
        return tag in _BLOCKS or _BUTTON in classes or (tag == "a" and self._has_class(frozenset(("actions",))))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = frozenset(given.get("class", "").split())
        if self._breaks(tag, classes):
            self._flush()
        if label := given.get("aria-label"):
            self.reading.labels.append(label)
        if tag == "h1":
            self.reading.headings += 1
        asks = tag in ("select", "textarea") or (tag == "input" and given.get("type") != "hidden")
        if asks and self.reading.before_question is None and self._inside(frozenset(("main",))):
            self.reading.before_question = sum(len(tokens(one)) for one in [*self.reading.own, *self.reading.letter])
        if tag not in _VOID:
            self._open.append((tag, classes))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in (one for one, _ in self._open):
            return
        classes = next(found for one, found in reversed(self._open) if one == tag)
        if self._breaks(tag, classes):
            self._flush()
        while self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._inside(frozenset(("head",))) and self._inside(frozenset(("title",))):
            self.reading.title += data
        elif not self._inside(_UNREAD):
            self._text += data

    def close(self) -> None:
        super().close()
        self._flush()


def read(page: str) -> Reading:
    """Read the HTML of a page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.reading


def faults(page: str, names: Collection[str] = ()) -> list[str]:
    """What is wrong with a page of a citizen, as sentences; empty when it is in order."""
    found = read(page)
    wrong = [f"{len(tokens(one))} words in a sentence: {one}" for one in found.too_long()]
    wrong += [f"a word we do not use: {one}" for one in found.forbidden()]
    for text, least in ((found.own, EASIEST_PAGE), (found.letter, EASIEST_LETTER)):
        score = flesch_douma(text, names)
        if score is not None and score < least:
            wrong.append(f"Flesch-Douma {score:.1f}, at least {least}")
    if found.before_question is not None and found.before_question > MOST_BEFORE_QUESTION:
        wrong.append(f"{found.before_question} words before the question, at most {MOST_BEFORE_QUESTION}")
    if found.headings != 1:
        wrong.append(f"{found.headings} h1")
    return wrong
