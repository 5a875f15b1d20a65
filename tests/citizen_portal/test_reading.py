"""The measure itself: it knows an easy text from a hard one, and cannot be fooled by figures (ux.md 2.6, 6d, 6e)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.cents import format_euro
from tests.support import reading

EASY = """U betaalt één bedrag per maand. Wij verdelen het over alle organisaties.
Geldzorgen kan iedereen krijgen. Goed dat u hier bent.
Invullen duurt ongeveer 10 minuten. U kunt altijd stoppen. Wij bewaren uw antwoorden.
Hoeveel geld kunt u elke maand missen? Kies een bedrag dat u 36 maanden kunt volhouden.
Kunt u niets missen? Vul dan 0 in. Dan zoeken we samen andere hulp.
Wilt u vertellen hoe het zo is gekomen? Dat mag, maar het hoeft niet. U kiest wie het leest."""

HARD = """Indien de schuldenaar niet binnen de gestelde termijn aan zijn betalingsverplichtingen heeft voldaan, is de
schuldeiser gerechtigd de overeengekomen betalingsregeling zonder nadere ingebrekestelling met onmiddellijke ingang te
beëindigen. Alsdan wordt het resterende bedrag van de vordering, vermeerderd met de wettelijke rente en de buitengerechtelijke
incassokosten, terstond en geheel opeisbaar, onverminderd de overige rechten van de schuldeiser. Van finale kwijting is
uitsluitend sprake indien de schuldenaar al zijn verplichtingen volledig is nagekomen."""


def _page(inside: str, before: str = "") -> str:
    return f"<html><head><title>Titel</title></head><body>{before}<main><h1>Vraag</h1>{inside}</main></body></html>"


def test_an_easy_text_passes_and_a_legal_one_does_not() -> None:
    easy, hard = reading.read(_page(f"<p>{EASY}</p>")), reading.read(_page(f"<p>{HARD}</p>"))
    assert (reading.flesch_douma(easy.own) or 0) > 85
    assert (reading.flesch_douma(hard.own) or 100) < 25
    assert reading.faults(_page(f"<p>{EASY}</p>")) == []
    assert len(hard.too_long()) == 3
    assert {"schuldeiser", "schuldenaar", "betalingsregeling", "ingebrekestelling", "kwijting"} <= set(hard.forbidden())


def test_the_formula_gives_what_one_works_out_by_hand() -> None:
    # 60 words of one syllable in 12 sentences of 5 words: 206.835 - 0.93 x 5 - 77 x 1
    assert reading.flesch_douma(["u ziet het nu zo."] * 12) == pytest.approx(125.185)
    # of two syllables: bedrag
    assert reading.syllables("bedrag") == 2
    assert reading.flesch_douma([" ".join(["bedrag"] * 5)] * 12) == pytest.approx(48.185)


def test_a_text_of_few_words_is_not_scored() -> None:
    assert reading.flesch_douma(["ingebrekestelling"] * (reading.ENOUGH_WORDS - 1)) is None
    assert reading.flesch_douma(["ingebrekestelling"] * reading.ENOUGH_WORDS) is not None


@given(st.integers(0, 10_000_000), st.sampled_from(["1 mei 2026", "donderdag 24 september 2026", "november 2026"]))
def test_amounts_dates_and_names_are_not_our_words(cents: int, day: str) -> None:
    text = [f"U betaalt {format_euro(cents)} op {day} aan Noor Bakker."] * 20
    plain = ["U betaalt 0 op 0 aan 0."] * 20
    assert reading.flesch_douma(text, {"Noor Bakker"}) == reading.flesch_douma(plain)


def test_words_are_counted_up_to_the_first_field_without_the_frame() -> None:
    menu = "<header>Een menu van vijf woorden</header>"
    hidden = '<input type="hidden" name="x">'
    asked = _page(f'<p>Dit zijn vier woorden.</p>{hidden}<label for="a">Hoeveel?</label><input id="a"> erna', menu)
    # the heading, the sentence, the label
    assert reading.read(asked).before_question == 1 + 4 + 1
    assert reading.read(_page("<p>Niets te vragen.</p>")).before_question is None
    long = _page("<p>" + "Dit is een zin. " * 16 + "</p><textarea></textarea>")
    assert any("before the question" in one for one in reading.faults(long))


def test_the_blocks_of_a_page_end_a_sentence_and_marks_inside_it_do_not() -> None:
    page = _page("<ul><li>Uw <strong>eigen</strong> naam</li><li>Uw adres</li></ul><p>Bel ons: <a>088</a>.</p>")
    assert reading.read(page).own == ["Vraag", "Uw eigen naam", "Uw adres", "Bel ons:", "088."]


def test_a_letter_may_have_longer_sentences_than_a_page() -> None:
    sentence = " ".join(["woord"] * 14) + "."
    assert reading.read(_page(f"<p>{sentence}</p>")).too_long() == [sentence]
    assert reading.read(_page(f'<div class="letter"><p>{sentence}</p></div>')).too_long() == []


def test_words_only_a_screen_reader_says_are_measured_too() -> None:
    assert reading.read(_page('<nav aria-label="Uw crediteuren"></nav>')).forbidden() == ["crediteur"]


def test_a_page_without_a_heading_is_not_in_order() -> None:
    assert reading.faults("<main><p>Niets.</p></main>") == ["0 h1"]
