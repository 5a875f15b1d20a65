"""A budget coach prepares everything with a mandate; the final yes stays the client's, and the client can stop it at once."""

from collections.abc import Callable

from django.db import transaction

from accounts.models import CaseWorker, Citizen
from arrangements.domain.lifecycle import ProposalState
from arrangements.models import Proposal
from tests.factories.parties import everything, wait_for_proposal
from tests.factories.people import make_citizen, make_director
from tests.factories.plans import make_case
from tests.support.walking import Walk

QUESTION = "Hoeveel geld kunt u elke maand missen, in euro?"


def _people() -> tuple[CaseWorker, Citizen]:
    with transaction.atomic():
        coach = make_director(kind="coach", default=False, name="Sam Visser")
        citizen = make_citizen(family_name="Vermeer")
        make_case(1_000_00, 2_000_00, citizen=citizen)
    return coach, citizen


def _give_mandate(coach: Walk, client: Walk) -> None:
    coach.go("/coach/")
    coach.at("Wie heeft mij vandaag nodig?")
    coach.press("Nieuwe cliënt")
    coach.at("Nodig een cliënt uit")
    coach.refused("Maak een code", "Vul een naam in, zodat u deze uitnodiging herkent.")
    coach.fill("Naam van uw cliënt, voor uzelf", "meneer V.")
    coach.choose("6 maanden")
    coach.press("Maak een code")
    coach.at("Code voor meneer V.")
    code = coach.page.locator("[data-check=code]").inner_text().strip()
    coach.press("Ik heb de code opgeschreven")

    client.go("/mijn/")
    client.look(client.page)
    client.press("Wie helpt u")
    client.at("Wie helpt u")
    client.press("Geef een coach toegang")
    client.at("Welke code kreeg u van uw coach?")
    client.refused("Verder", "Vul de code in.")
    client.fill("Welke code kreeg u van uw coach?", code.lower())
    client.press("Verder")
    client.at("Mag Sam Visser u helpen?")
    client.press("Ja, Sam Visser mag mij helpen")
    client.at("Wie helpt u")
    assert "Sam Visser mag u helpen tot en met zondag 23 mei 2027" in client.page.locator("main").inner_text()


def _banner(coach: Walk) -> None:
    """On every page of the client it says for whom the coach works, on the screen and in the title."""
    banner = coach.page.get_by_role("complementary", name="U werkt voor een cliënt")
    assert "U werkt voor Jo Vermeer" in " ".join(banner.inner_text().split())
    box, window = banner.bounding_box(), coach.page.viewport_size
    assert box is not None
    assert window is not None
    assert 0 <= box["y"] <= window["height"] - box["height"] + 1, "the banner is off the screen"
    assert "Namens Jo Vermeer" in coach.page.title()


def _prepare(coach: Walk) -> None:
    """Everything up to the check page."""
    coach.go("/coach/")
    coach.at("Wie heeft mij vandaag nodig?")
    coach.page.locator("main").get_by_role("link", name="Jo Vermeer").first.click()
    coach.at("Jo Vermeer")
    coach.press("Werk voor deze cliënt")
    coach.at("Mijn overzicht")
    _banner(coach)
    coach.press("Ga verder")
    for _ in range(12):
        _banner(coach)
        heading = coach.heading
        coach.look(coach.page)
        if heading == "Aan wie moet u nog betalen?":
            for group in coach.page.locator("fieldset").all():
                for yes in group.get_by_label("Ja, dat klopt").all():  # not the one that asks why not
                    yes.check()
        elif heading == "Met wie woont u?":
            coach.choose("Ik woon alleen")
        elif heading == "Hoeveel geld komt er binnen?":
            coach.fill("Hoeveel geld komt er binnen, in euro?", "1900")
            coach.choose("Elke maand")
            coach.choose("Ja, het zit erin")
        elif heading == "Wat staat er op uw loonstrook?":
            coach.fill("Welk bedrag staat er bij 'loon loonheffing', in euro?", "26000")
            coach.choose("Jaaropgave, voor een heel jaar")
        elif heading == QUESTION:
            coach.fill(QUESTION, "45")
        elif heading == "Dit is uw voorstel":
            break
        coach.press("Verder")
    coach.at("Dit is uw voorstel")
    coach.press("Dit past bij mij")
    coach.press("Sla over")
    coach.at("Controleer uw antwoorden")
    _banner(coach)


def _the_yes_is_refused(coach: Walk) -> None:
    main = coach.page.locator("main")
    assert main.get_by_role("button", name="Verstuur mijn voorstel").count() == 0
    assert "Uw cliënt verstuurt het voorstel zelf." in main.inner_text()
    # And not only left out: the address itself refuses.
    token = coach.page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    answer = coach.page.request.post(
        coach.page.url.replace("/controle/", "/versturen/"),
        form={"csrfmiddlewaretoken": token},
        headers={"Referer": coach.page.url},
    )
    assert answer.status == 403
    assert "Dit doet uw cliënt zelf" in answer.text()
    with everything():
        assert set(Proposal.objects.values_list("state", flat=True)) == {ProposalState.DRAFT}
    coach.go(coach.page.url.replace("/controle/", "/toestemming/"), status=403)
    coach.at("Dit doet uw cliënt zelf")
    coach.press("Terug naar het overzicht")
    coach.at("Mijn overzicht")


def _client_decides(client: Walk) -> None:
    client.go("/mijn/")
    client.press("Ga verder")
    client.at("Controleer uw antwoorden")
    client.press("Verstuur mijn voorstel")
    client.at("Uw voorstel is verstuurd")
    wait_for_proposal(ProposalState.SUBMITTED)


def _client_stops_it(client: Walk, coach: Walk) -> None:
    client.press("Wie helpt u")
    client.press("Stop toegang")
    client.at("Wie helpt u")
    assert "Geen coach kan nu uw gegevens zien." in client.page.locator("main").inner_text()
    assert coach.press("Berichten").status == 404
    coach.at("Uw toegang is gestopt")
    assert "Vermeer" not in coach.page.locator("body").inner_text()
    coach.press("Naar uw cliënten")
    coach.at("Wie heeft mij vandaag nodig?")
    assert "Vermeer" not in coach.page.locator("body").inner_text()


def _journey(coach: Walk, client: Walk, sign_in: Callable[..., None]) -> None:
    worker, citizen = _people()
    sign_in(coach.page, worker.user)
    sign_in(client.page, citizen.user)
    _give_mandate(coach, client)
    _prepare(coach)
    _the_yes_is_refused(coach)
    _client_decides(client)
    _client_stops_it(client, coach)


def test_a_coach_prepares_and_only_the_client_says_yes(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    _journey(new_walk(width=1280), new_walk(width=360), sign_in)


def test_a_coach_does_the_same_without_javascript_on_the_narrowest_telephone(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    _journey(new_walk(javascript=False, width=320), new_walk(javascript=False, width=320), sign_in)
