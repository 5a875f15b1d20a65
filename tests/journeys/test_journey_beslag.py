"""An attachment: the citizen tells, the plan stands still for all, the coach lifts it, and the plan runs on."""

from collections.abc import Callable

from django.db import transaction

from accounts.models import CaseWorker
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.invite_client import invite_client
from arrangements.models import Arrangement, Beslag
from infra import clock
from infra.scope import Scope, act_as
from kernel.periods import add_months
from tests.factories.money import activate
from tests.factories.parties import everything
from tests.factories.people import citizen_scope, login_of, make_citizen, make_director
from tests.factories.plans import Case, agreed, make_case
from tests.support.waiting import eventually
from tests.support.walking import Walk


def _people() -> tuple[CaseWorker, Case]:
    with transaction.atomic():
        coach = make_director(kind="coach", default=False, name="Sam Visser")
        case = make_case(1_000_00, 2_000_00, citizen=make_citizen(family_name="Vermeer"))
        agreed(case)
        activate(case.sign())
        with act_as(Scope(user_id=coach.user_id, coach_id=coach.pk, reason="test")):
            _, code = invite_client(coach=coach, label="cliënt")
        with act_as(citizen_scope(case.citizen)):
            accept_invitation(citizen=case.citizen, user=login_of(case.citizen), code=code)
    return coach, case


def _state() -> str:
    with everything():
        return str(Arrangement.objects.get().state)


def _citizen_tells(client: Walk) -> None:
    client.go("/mijn/")
    client.at("Mijn overzicht")
    client.page.locator("[data-check=beslag-link]").get_by_role("link").click()
    client.at("Er is beslag")
    client.refused("Geef door", "Kies wie beslag legt.")
    client.choose("Iemand anders")
    client.fill("Naam van wie beslag legt", "Deurwaarder Jansen")
    client.choose("Er gaat geld van mijn loon of uitkering")
    client.fill("Hoeveel gaat er per maand af, in euro?", "120")
    client.press("Geef door")
    client.at("Uw plan staat stil")
    assert _state() == "suspended"
    client.press("Naar mijn overzicht")
    client.at("Mijn overzicht")
    main = client.page.locator("main")
    assert "U hoeft nu niet te betalen. U bent niet te laat." in main.inner_text()
    assert main.get_by_role("link", name="Betalen", exact=True).count() == 0


def _coach_lifts(coach: Walk) -> None:
    coach.go("/coach/")
    coach.at("Wie heeft mij vandaag nodig?")
    coach.page.locator("main").get_by_role("link", name="Jo Vermeer").first.click()
    coach.at("Jo Vermeer")
    coach.press("Bekijk het beslag")
    coach.at("Beslag bij Jo Vermeer")
    eventually(_paper_is_there)
    coach.page.reload()
    coach.page.get_by_role("link", name="bekijk de vergelijking").click()
    coach.at("Het plan of beslag: vergelijking voor Deurwaarder Jansen")
    coach.press("Terug naar het beslag")
    coach.page.get_by_role("link", name="Dit beslag is voorbij").click()
    coach.at("Het beslag van Deurwaarder Jansen is voorbij")
    coach.refused("Hef het beslag op", "Leg uit waarom het beslag voorbij is.")
    coach.fill("Waarom is het beslag voorbij?", "Brief van de deurwaarder gezien")
    coach.press("Hef het beslag op")
    coach.at("Beslag bij Jo Vermeer")


def _paper_is_there() -> bool:
    with everything():
        return Beslag.objects.get().arrangement.documents.filter(kind="comparison").exists()


def _it_runs_on(client: Walk) -> None:
    eventually(lambda: _state() == "active")
    client.go("/mijn/")
    client.at("Mijn overzicht")
    assert client.page.locator("main").get_by_role("link", name="Betalen", exact=True).count() == 1
    client.press("Berichten")
    client.at("Uw berichten")
    assert "Uw plan gaat verder" in client.page.locator("main").inner_text()


def _journey(coach: Walk, client: Walk, sign_in: Callable[..., None]) -> None:
    worker, case = _people()
    sign_in(client.page, case.citizen.user)
    _citizen_tells(client)
    with everything():
        clock.set_today(add_months(clock.today(), 2))
    sign_in(coach.page, worker.user)
    _coach_lifts(coach)
    _it_runs_on(client)


def test_a_beslag_stops_the_plan_and_its_end_lets_it_run_on(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    _journey(new_walk(width=1280), new_walk(width=360), sign_in)


def test_the_same_without_javascript(new_walk: Callable[..., Walk], sign_in: Callable[..., None]) -> None:
    _journey(new_walk(javascript=False), new_walk(javascript=False, width=320), sign_in)
