"""A citizen from the first page to the first payment, as people do it: by what stands on the screen."""

import logging
from collections.abc import Callable

from django.db import transaction

from accounts.models import Citizen
from arrangements.models import Claim, Receipt
from arrangements.queries.balances import claim_balances
from infra.scope import act_as
from tests.factories.parties import (
    Party,
    everything,
    make_party,
    wait_for_answer,
    wait_for_arrangement,
    wait_for_proposal,
)
from tests.factories.people import citizen_scope, make_policy
from tests.support.waiting import eventually
from tests.support.walking import Walk, cents, code_from_mail, figures

log = logging.getLogger(__name__)

#: ux.md 6b counts 12 screens and 8 answers. Its way has no screens for who one is (name, letter) and puts the two
#: follow-up questions (special circumstances, payslip) on the screens they follow; here they are pages of their own.
MOST_SCREENS = 12 + 4
MOST_ANSWERS = 8

EMAIL = "robin@voorbeeld.example"
BIRTHDAY = ("12", "apr", "1990")
HIGHEST = 493_58  # worked out in tests/worked_examples: net 1.900, taxable 26.000 a year, alone


def _log_in(walk: Walk) -> None:
    walk.go("/")
    walk.look(walk.page)
    walk.press("Log in")
    walk.at("Inloggen", screen=True)
    walk.refused("Stuur mij een code", "Vul uw e-mailadres in.")
    walk.fill("Wat is uw e-mailadres?", EMAIL)
    walk.press("Stuur mij een code")
    walk.at("Vul de code in", screen=True)
    walk.refused("Verder", "Vul de code in. De code heeft 6 cijfers.")
    walk.fill("Welke code staat in de mail?", code_from_mail(EMAIL))
    walk.press("Verder")


def _say_who(walk: Walk, letter: Party) -> None:
    walk.at("Welkom. Zullen we beginnen?", screen=True)
    walk.press("Begin")
    walk.at("Wie bent u?", screen=True)
    walk.refused("Verder", "Vul uw voornaam in.")
    walk.fill("Voornaam", "Robin")
    walk.fill("Achternaam", "Vermeer")
    for part, text in zip(("Dag", "Maand", "Jaar"), BIRTHDAY, strict=True):
        walk.fill(part, text)
    walk.fill("Postcode", "2345 bc")
    walk.fill("Huisnummer", "17")
    walk.answer("wie bent u")
    walk.press("Verder")
    walk.at("Heeft u een brief met een code?", screen=True)
    walk.refused("Verder", "Vul de code in. Heeft u geen code? Kies dan: Ik heb geen code.")
    walk.fill("Welke code staat in de brief?", "AAAA-AAAA")
    walk.refused("Verder", "Deze code werkt niet.")
    walk.fill("Welke code staat in de brief?", letter.code)
    walk.press("Verder")
    walk.at("Mogen wij uw bedragen opvragen?", screen=True)
    walk.answer("toestemming")
    walk.press("Ja, vraag op")


def _say_to_whom(walk: Walk, parties: list[Party]) -> None:
    walk.at("Aan wie moet u nog betalen?", screen=True)
    text = walk.page.locator("main").inner_text()
    assert all(party.creditor.name in text for party in parties), text
    walk.refused("Verder", "Klopt het bedrag van Waterpoort Zorg? Kies een antwoord.")
    walk.press("Voeg nog een organisatie toe")
    walk.refused("Voeg toe", "Vul de naam van de organisatie in.")
    walk.press("Terug")
    for group in walk.page.locator("fieldset").all():
        for yes in group.get_by_label("Ja, dat klopt").all():  # not the one that asks why not
            yes.check()
    walk.answer("organisaties")
    walk.press("Verder")


def _say_how_things_are(walk: Walk) -> None:
    walk.at("Met wie woont u?", screen=True)
    walk.refused("Verder", "Kies een antwoord.")
    walk.choose("Ik woon alleen")
    walk.answer("huishouden")
    walk.press("Verder")
    walk.at("Geldt hiervan iets voor u?", screen=True)
    walk.press("Verder")
    walk.at("Hoeveel geld komt er binnen?", screen=True)
    walk.refused("Verder", "Vul een bedrag in. Of kies: dat weet ik niet.")
    walk.fill("Hoeveel geld komt er binnen, in euro?", "1.900")
    walk.choose("Elke maand")
    walk.choose("Ja, het zit erin")
    walk.answer("inkomen")
    walk.press("Verder")
    walk.at("Wat staat er op uw loonstrook?", screen=True)
    walk.refused("Verder", "Vul een bedrag in. Of kies: dat weet ik niet.")
    walk.fill("Welk bedrag staat er bij 'loon loonheffing', in euro?", "€ 26.000,00")
    walk.choose("Jaaropgave, voor een heel jaar")
    walk.answer("belastbaar inkomen")
    walk.press("Verder")
    walk.at("Wat betaalt u elke maand?", screen=True)
    walk.fill("Huur of hypotheek, in euro per maand", "veel")
    walk.refused("Verder", "Vul een bedrag in")
    walk.fill("Huur of hypotheek, in euro per maand", "612,50")
    walk.press("Verder")


def _say_how_much(walk: Walk) -> None:
    question = "Hoeveel geld kunt u elke maand missen, in euro?"
    walk.at(question, screen=True)
    walk.refused("Verder", "Vul een bedrag in. Bijvoorbeeld 45 of 45,50.")
    walk.fill(question, "600")
    walk.press("Verder")
    walk.at("Let op: kies een lager bedrag")
    assert cents(walk.page.locator("[data-check=highest]").inner_text()) == HIGHEST
    walk.press("Kies een lager bedrag")
    walk.fill(question, "45")
    walk.answer("missen")
    walk.press("Verder")


def _propose(walk: Walk) -> None:
    walk.at("Dit is uw voorstel", screen=True)
    assert cents(walk.page.locator("[data-check=monthly]").inner_text()) == 45_00
    assert cents(walk.page.locator("[data-check=pot]").inner_text()) == 36 * 45_00
    assert "Bij uw gemeente duurt een regeling vaak 18 maanden." in walk.page.locator("main").inner_text()
    walk.press("Dit past bij mij")
    walk.at("Wilt u vertellen hoe het zo is gekomen?", screen=True)
    walk.fill("Wilt u er iets over vertellen?", "Ik raakte mijn werk kwijt.")
    walk.refused("Verder", "Kies wie uw verhaal mag lezen.")
    walk.choose("Mijn contactpersoon en de organisaties")
    walk.press("Verder")
    walk.at("Controleer uw antwoorden", screen=True)
    assert "Uw voorstel is nog niet verstuurd." in walk.page.locator("main").inner_text()
    # A change comes back to this page, not through all the questions again.
    walk.press("Wijzig huur of hypotheek")
    walk.fill("Huur of hypotheek, in euro per maand", "650")
    walk.press("Verder")
    walk.at("Controleer uw antwoorden")
    assert "€ 650" in walk.page.locator("main").inner_text().replace("\u00a0", " ")
    walk.press("Verstuur mijn voorstel")
    walk.at("Uw voorstel is verstuurd")


def _say_yes(walk: Walk, party: Party, sign_in: Callable[..., None]) -> None:
    """One creditor answers in the console."""
    sign_in(walk.page, party.member.user)
    walk.go("/schuldeiser/")
    walk.at("Werkvoorraad")
    walk.press("Open het eerste voorstel")
    walk.at("Voorstel van Robin Vermeer")
    assert "Ik raakte mijn werk kwijt." in walk.page.locator("main").inner_text()
    walk.press("Akkoord")
    walk.at("Voorstel van Robin Vermeer")
    assert "Antwoord: ja." in walk.page.locator("[data-check=decided]").inner_text()


def _sign_and_pay(walk: Walk) -> None:
    walk.go("/mijn/voorstel/")
    walk.at("Wat zeggen de organisaties?")
    assert walk.page.locator("[data-check=answer][data-state=accepted]").count() == 3
    walk.press("Lees mijn regeling")
    assert walk.page.get_by_role("button", name="Ik ga akkoord").count() == 1
    assert "Bij uw gemeente duurt een regeling vaak 18 maanden." in walk.page.locator("main").inner_text()
    walk.look(walk.page)
    walk.refused("Ik ga akkoord", "Zet een vinkje bij: Ik heb dit gelezen. Daarna kunt u tekenen.")
    walk.page.get_by_label("Ik heb dit gelezen").check()
    walk.press("Ik ga akkoord")
    walk.at("Mijn overzicht")
    wait_for_arrangement("active")
    walk.go("/mijn/")
    walk.at("Mijn overzicht")
    walk.press("Betalen")
    walk.at("Betalen")
    assert cents(walk.page.locator("[data-check=open]").inner_text()) == 45_00
    walk.press("Betalen")
    walk.at("DemoBank")
    assert "DEMO – geen echt geld" in walk.page.locator("main").inner_text()
    walk.press("Betaal")

    def divided() -> bool:
        with everything():
            return Receipt.objects.exists()

    eventually(divided, message="the payment was not divided")
    walk.page.reload()
    walk.at("Uw betaling is gelukt")
    walk.press("Naar mijn overzicht")
    walk.at("Mijn overzicht")
    assert "U heeft 1 van de 36 keer betaald." in walk.page.locator("[data-check=progress]").inner_text()


def _same_cents_everywhere(mine: Walk, theirs: Walk, parties: list[Party], sign_in: Callable[..., None]) -> None:
    with everything():
        citizen = Citizen.objects.get(family_name="Vermeer")
        claims = {claim.creditor_id: claim.pk for claim in Claim.objects.filter(citizen=citizen)}
    with transaction.atomic(), act_as(citizen_scope(citizen)):
        books = claim_balances()
    table = mine.page.locator("[data-check=balances]")
    totals = figures(table.locator("tfoot tr"))
    paid = 0
    for party in parties:
        row = figures(table.locator("tbody tr", has_text=party.creditor.name))
        balance = books[claims[party.creditor.pk]]
        assert (row["Betaald"], row["Open nu"]) == (balance.paid_cents, balance.open_cents)
        assert row["Bij de start"] == row["Betaald"] + row["Nog te betalen"] + row["Vervalt aan het eind"]
        sign_in(theirs.page, party.member.user)
        theirs.go("/schuldeiser/regelingen/")
        theirs.at("Regelingen")
        theirs.page.locator("main table a").first.click()
        theirs.look(theirs.page)
        console = figures(theirs.page.locator("[data-check=own-lines] tfoot tr"))
        assert console["Vordering"] == row["Bij de start"]
        assert console["Al betaald"] == row["Betaald"]
        assert console["Komt nog"] == row["Nog te betalen"]
        assert console["Vervalt na betaling"] == row["Vervalt aan het eind"]
        paid += row["Betaald"]
    assert totals["Betaald"] == paid == 45_00


def _journey(walk: Walk, desk: Walk, sign_in: Callable[..., None]) -> None:
    letter = make_party("Waterpoort Zorg", "WP-2025-1", "1.246,56")
    city = make_party(
        "Gemeente Oeverdam",
        "GO-77",
        "2.000,00",
        VorderingsType="preferent",
        GrondPreferentie="Invorderingswet 1990 art. 21",
    )
    shop = make_party("Warenhuis Zon", "WZ-5", "3.000,01", role="manager")
    with transaction.atomic():
        make_policy(shop.creditor, minimum=10_00, member=shop.member)
    parties = [letter, city, shop]
    _log_in(walk)
    _say_who(walk, letter)
    _say_to_whom(walk, parties)
    _say_how_things_are(walk)
    _say_how_much(walk)
    _propose(walk)
    wait_for_answer(shop.creditor, "accepted")
    _say_yes(desk, letter, sign_in)
    _say_yes(desk, city, sign_in)
    wait_for_proposal("agreed")
    _sign_and_pay(walk)
    _same_cents_everywhere(walk, desk, parties, sign_in)
    log.info("%d screens and the receipt: %s", len(walk.screens), ", ".join(walk.screens))
    log.info("%d answers that must be given: %s", len(walk.answers), ", ".join(walk.answers))
    assert len(walk.screens) <= MOST_SCREENS
    assert len(walk.answers) <= MOST_ANSWERS


def test_a_citizen_goes_from_login_to_the_first_payment_on_a_telephone(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    _journey(new_walk(width=360), new_walk(width=1280), sign_in)


def test_a_citizen_goes_the_same_way_without_javascript_on_the_narrowest_telephone(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    _journey(new_walk(javascript=False, width=320), new_walk(javascript=False, width=320), sign_in)
