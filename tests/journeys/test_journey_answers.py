"""Two turns a proposal can take: a balance that differs, and a second look that succeeds."""

from collections.abc import Callable

from django.db import transaction

from arrangements.domain.lifecycle import AnswerState
from arrangements.models import Claim
from tests.factories.answers import refused
from tests.factories.parties import everything, wait_for_answer, wait_for_proposal
from tests.factories.people import make_citizen
from tests.factories.plans import Case, make_case, submitted
from tests.support.waiting import eventually
from tests.support.walking import Walk, cents

SignIn = Callable[..., None]
OFFER = "Voorstel van Jo"


def _at_the_desk(walk: Walk, sign_in: SignIn, case: Case, number: int) -> None:
    """Somebody at this organisation opens the first proposal that waits."""
    sign_in(walk.page, case.members[number].user)
    walk.go("/schuldeiser/")
    walk.at("Werkvoorraad")
    walk.press("Open het eerste voorstel")
    walk.at(f"{OFFER} {case.citizen.family_name}")


def _says_yes(walk: Walk, sign_in: SignIn, case: Case, number: int) -> None:
    _at_the_desk(walk, sign_in, case, number)
    walk.press("Akkoord")
    walk.at(f"{OFFER} {case.citizen.family_name}")
    assert "Antwoord: ja." in walk.page.locator("[data-check=decided]").inner_text()


def _looks(walk: Walk, sign_in: SignIn, case: Case) -> None:
    sign_in(walk.page, case.citizen.user)
    walk.go("/mijn/voorstel/")
    walk.at("Wat zeggen de organisaties?")


def _another_balance(walk: Walk, sign_in: SignIn) -> None:
    with transaction.atomic():
        case = make_case(1_000_00, 3_000_00, citizen=make_citizen(family_name="Saldo"))
        submitted(case)
    _says_yes(walk, sign_in, case, 1)
    _at_the_desk(walk, sign_in, case, 0)
    walk.press("Saldo wijkt af")
    walk.at("Saldo wijkt af")
    walk.fill("Wat is het juiste saldo?", "1.500,75")
    walk.press("Stuur het juiste saldo")
    wait_for_proposal("submitted")

    def second_version() -> bool:
        with everything():
            claim = Claim.objects.get(pk=case.claims[0].pk)
            return claim.proposal_lines.filter(proposal__version=2, outstanding_cents=1_500_75).exists()

    eventually(second_version, message="there is no second version")
    # The one that gets more says yes to what it asked; the other gets less and is asked again.
    _says_yes(walk, sign_in, case, 0)
    _at_the_desk(walk, sign_in, case, 1)
    assert "Versie 2" in walk.page.locator("main").inner_text()
    lower = cents(walk.page.locator("[data-check=share]").inner_text())
    assert lower < 3_000_00 * 45_00 * 36 // 4_000_00
    walk.press("Akkoord")
    wait_for_proposal("agreed")
    _looks(walk, sign_in, case)
    assert walk.page.locator("[data-check=answer][data-state=accepted]").count() == 2
    walk.press("Lees mijn regeling")
    assert "1.500,75" in walk.page.locator("main").inner_text()


def _second_look(walk: Walk, sign_in: SignIn) -> None:
    with transaction.atomic():
        case = refused("Nogeens")
    _looks(walk, sign_in, case)
    walk.press("Bekijk wat u kunt doen")
    walk.press("Vraag om nog eens te kijken")
    walk.at("Vraag om nog eens te kijken")
    walk.fill("Wilt u er iets bij schrijven?", "Dit is echt alles wat ik kan missen.")
    walk.press("Vraag het")
    walk.at("Wat zeggen de organisaties?")
    wait_for_answer(case.creditors[0], AnswerState.RECONSIDERATION)
    # The desk sees how many said yes, its own no and the note; and asks nothing more of anybody.
    _at_the_desk(walk, sign_in, case, 0)
    assert walk.page.locator("[data-check=so-far]").inner_text().startswith("2 van 3 organisaties zeiden al ja")
    assert "Dit is echt alles" in walk.page.locator("[data-check=note]").inner_text()
    walk.press("Akkoord")
    wait_for_proposal("agreed")
    _looks(walk, sign_in, case)
    assert "Goed nieuws: alle organisaties zeggen ja." in walk.page.locator("main").inner_text()
    walk.press("Lees mijn regeling")
    assert walk.page.get_by_role("button", name="Ik ga akkoord").count() == 1


def test_a_balance_that_differs(new_walk: Callable[..., Walk], sign_in: SignIn) -> None:
    _another_balance(new_walk(), sign_in)


def test_a_second_look_that_succeeds(new_walk: Callable[..., Walk], sign_in: SignIn) -> None:
    _second_look(new_walk(javascript=False, width=320), sign_in)
