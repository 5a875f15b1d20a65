"""A refusal and going on without: the creditor says no in the console, the citizen chooses, the creditor joins after all."""

from collections.abc import Callable

from django.db import transaction

from arrangements.models import Document
from tests.factories.parties import everything, wait_for_proposal
from tests.factories.people import make_citizen
from tests.factories.plans import Case, make_case, submitted
from tests.support.waiting import eventually
from tests.support.walking import Walk, cents

STATUS = "Wat zeggen de organisaties?"
CHOICE = "Wat wilt u nu doen?"


def _sent() -> Case:
    """Sent: 40 euro a month over three organisations; the third is half of everything."""
    with transaction.atomic():
        case = make_case(1_000_00, 1_000_00, 2_000_00, citizen=make_citizen(family_name="Vermeer"))
        submitted(case, declared=40_00)
    return case


def _answers(walk: Walk, case: Case, number: int, sign_in: Callable[..., None], *, yes: bool) -> None:
    sign_in(walk.page, case.members[number].user)
    walk.go("/schuldeiser/")
    walk.press("Open het eerste voorstel")
    if yes:
        walk.press("Akkoord")
        assert "Antwoord: ja." in walk.page.locator("[data-check=decided]").inner_text()
        return
    walk.press("Weiger")
    walk.page.locator("input[name=code][value=no_cooperation]").check()
    walk.page.locator("main form button[type=submit]").first.click()
    walk.page.locator("[data-check=decided]").wait_for()


def _told_of_the_no(walk: Walk) -> None:
    def chooses() -> bool:
        walk.go("/mijn/voorstel/")
        return walk.page.get_by_role("link", name="Bekijk wat u kunt doen").count() == 1

    eventually(chooses, message="the citizen did not hear of the refusal")
    walk.at(STATUS)
    walk.press("Bekijk wat u kunt doen")
    walk.at(CHOICE)
    main = walk.page.locator("main").inner_text().replace("\u00a0", " ")
    assert "Deze organisatie werkt niet mee met ons plan." in main
    assert "50 procent" in main
    assert "2 van de 3 organisaties zeggen ja." in main
    assert cents(walk.page.locator("[data-check=without] .amount").inner_text()) == 20_00


def _takes_a_file_along(walk: Walk) -> None:
    walk.press("Lees hoe uw gemeente helpt")
    walk.at("Hulp van uw gemeente")
    walk.refused("Maak mijn dossier", "Kies een antwoord.")
    walk.choose("De gemeente zelf")
    walk.refused("Maak mijn dossier", "Vul de naam in. Of kies: Dat weet ik nog niet.")
    walk.fill("Hoe heet die gemeente of organisatie?", "Gemeente Bronveen")
    walk.press("Maak mijn dossier")
    walk.at("Hulp van uw gemeente")
    assert "Uw dossier staat klaar." in walk.page.locator("[data-check=municipal-chosen]").inner_text()
    with everything():
        assert Document.objects.filter(kind=Document.Kind.MUNICIPAL).count() == 1
    walk.press("Lees het dossier hier")
    assert "Wij zijn dat niet." in walk.page.locator("main").inner_text()
    walk.look(walk.page)


def _goes_on_without(walk: Walk) -> None:
    walk.go("/mijn/voorstel/")
    walk.press("Bekijk wat u kunt doen")
    walk.press("Ga verder zonder hen")
    assert walk.heading in (CHOICE, STATUS)  # the worker may be done already
    wait_for_proposal("agreed")
    walk.go("/mijn/voorstel/")
    walk.at(STATUS)
    assert walk.page.locator("[data-check=answer]").count() == 2


def _joins_after_all(walk: Walk, case: Case, sign_in: Callable[..., None]) -> None:
    sign_in(walk.page, case.members[2].user)
    walk.go("/schuldeiser/?tab=zonder-u")
    walk.at("Werkvoorraad")
    walk.page.locator("[data-check=proposal] a").first.click()
    walk.at("Voorstel van Jo Vermeer")
    walk.press("Toch meedoen")
    walk.at("Voorstel van Jo Vermeer")
    assert "Toch meedoen?" in walk.page.locator("main").inner_text() or "Versie 3 telt nu" in (
        walk.page.locator("main").inner_text()
    )


def _signs_the_whole(walk: Walk) -> None:
    def whole_again() -> bool:
        walk.go("/mijn/voorstel/")
        everybody = walk.page.locator("[data-check=answer][data-state=accepted]").count() == 3
        return everybody and walk.page.get_by_role("link", name="Lees mijn regeling").count() == 1

    eventually(whole_again, message="the organisation did not join")
    walk.press("Lees mijn regeling")
    assert "€ 40,00" in walk.page.locator("main").inner_text().replace("\u00a0", " ")
    walk.page.get_by_label("Ik heb dit gelezen").check()
    walk.press("Ik ga akkoord")
    walk.at("Mijn overzicht")


def _journey(walk: Walk, desk: Walk, sign_in: Callable[..., None]) -> None:
    case = _sent()
    for number in (0, 1):
        _answers(desk, case, number, sign_in, yes=True)
    _answers(desk, case, 2, sign_in, yes=False)
    sign_in(walk.page, case.citizen.user)
    _told_of_the_no(walk)
    _takes_a_file_along(walk)
    _goes_on_without(walk)
    _joins_after_all(desk, case, sign_in)
    _signs_the_whole(walk)


def test_a_citizen_goes_on_after_a_no_and_the_organisation_joins_after_all(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    _journey(new_walk(), new_walk(width=1280), sign_in)


def test_the_same_without_javascript_on_the_narrowest_telephone(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    _journey(new_walk(javascript=False, width=320), new_walk(javascript=False, width=320), sign_in)
