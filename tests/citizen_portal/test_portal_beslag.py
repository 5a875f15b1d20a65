"""A beslag and stopping, through the pages of the citizen, of whoever helps, and of the desk."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.models import Arrangement, Beslag, CreditorTask, Document
from infra import clock, jobs
from infra.scope import as_worker
from tests.factories.beslag import again, day, late, over, reported
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.money import START, at, running_case
from tests.factories.people import make_director
from tests.factories.plans import Case

pytestmark = pytest.mark.django_db

BESLAG = "/mijn/beslag/"
STOP = "/mijn/regeling/stoppen/"
SURE = "/mijn/regeling/stoppen/zeker/"


@pytest.fixture
def plan(client: Client) -> tuple[Case, Arrangement]:
    case, arrangement = running_case(3_000_00, 6_000_00)
    logged_in(client, case.citizen)
    return case, arrangement


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " ").replace("\u202f", " "))


def all_reported() -> list[Beslag]:
    with as_worker("test"):
        return list(Beslag.objects.order_by("pk"))


# --- the citizen ------------------------------------------------------------------------------------------------------


def test_a_citizen_tells_of_a_beslag_and_the_plan_stands_still(client: Client, plan: tuple[Case, Arrangement]) -> None:
    case, arrangement = plan
    assert f'href="{BESLAG}"' in text(client.get("/mijn/"))
    shown = text(client.get(BESLAG))
    assert all(creditor.name in shown for creditor in case.creditors)
    answer = client.post(
        BESLAG, {"who": "anders", "name": "Deurwaarder Jansen", "letter": "income", "amount": "1.250,50", "taken": ""}
    )
    assert answer["Location"] == BESLAG
    (found,) = all_reported()
    assert (found.party_name, found.letter, found.claim_cents, found.taken_cents, found.reporter) == (
        "Deurwaarder Jansen",
        "income",
        1_250_50,
        None,
        "citizen",
    )
    assert again(arrangement).state == "suspended"
    shown = text(client.get(BESLAG))
    assert "Uw plan staat stil" in shown
    assert "€ 1.250,50" in shown
    home = text(client.get("/mijn/"))
    assert 'data-check="stands-still"' in home
    jobs.run_all()
    assert "Lees de vergelijking" in text(client.get(BESLAG))


def test_somebody_of_the_plan_is_chosen_by_name(client: Client, plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    client.post(BESLAG, {"who": str(case.creditors[0].public_id), "letter": "unknown"})
    (found,) = all_reported()
    assert found.creditor_id == case.creditors[0].pk


def test_without_a_name_it_is_asked_and_what_was_typed_stays(client: Client, plan: tuple[Case, Arrangement]) -> None:
    _case, arrangement = plan
    response = client.post(BESLAG, {"who": "anders", "letter": "bank", "amount": "12,345", "taken": "80"})
    shown = text(response)
    assert "Vul de naam in van wie beslag legt." in shown
    assert 'value="12,345"' in shown
    assert 'value="80"' in shown
    assert all_reported() == []
    assert again(arrangement).state == "active"


def test_a_second_beslag_can_be_told_as_well(client: Client, plan: tuple[Case, Arrangement]) -> None:
    case, arrangement = plan
    reported(case, arrangement)
    assert "Wie legt beslag?" not in text(client.get(BESLAG))
    assert "Wie legt beslag?" in text(client.get(f"{BESLAG}?nog-een=ja"))
    client.post(f"{BESLAG}?nog-een=ja", {"who": "anders", "name": "Een ander", "letter": "goods"})
    assert len(all_reported()) == 2


def test_while_it_stands_still_nothing_is_called_late(client: Client, plan: tuple[Case, Arrangement]) -> None:
    case, arrangement = plan
    reported(case, arrangement)
    at(date(2027, 2, 20))
    home = text(client.get("/mijn/"))
    assert 'data-check="late"' not in home
    assert "te laat" not in home.replace("U bent niet te laat", "")
    assert "Nog niet betaald" not in home


def test_without_a_plan_there_is_nothing_to_tell(client: Client) -> None:
    logged_in(client)
    for address in (BESLAG, STOP, SURE):
        assert client.get(address)["Location"] == "/mijn/"


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_stopping_takes_two_steps_and_the_first_says_what_it_means(
    client: Client, plan: tuple[Case, Arrangement]
) -> None:
    _case, arrangement = plan
    shown = text(client.get(STOP))
    assert "Wat u heeft betaald, blijft betaald." in shown
    assert "Ik ga door met mijn plan" in shown
    assert f'href="{SURE}"' in shown
    client.get(SURE)
    assert again(arrangement).state == "active"
    assert client.post(SURE)["Location"] == "/mijn/"
    assert again(arrangement).state == "terminated"
    jobs.run_all()
    home = text(client.get("/mijn/"))
    assert 'data-check="terminated"' in home
    assert 'data-check="open" data-cents="900000"' in home
    assert 'data-check="waived" data-cents="0"' in home
    assert "Lees eerst wat dat betekent" not in home
    with as_worker("test"):
        own = Document.objects.get(kind="ending")
    assert "Uw regeling is gestopt" in text(client.get(f"/mijn/documenten/{own.public_id}/"))


def test_asking_for_a_call_first_stops_nothing(client: Client, plan: tuple[Case, Arrangement]) -> None:
    _case, arrangement = plan
    assert client.post(STOP)["Location"] == "/mijn/"
    assert "Uw plan gaat gewoon door." in text(client.get("/mijn/"))
    assert again(arrangement).state == "active"


def test_a_coach_cannot_stop_it_for_a_client(client: Client) -> None:
    case, arrangement = running_case(3_000_00)
    mandate = acting_coach(client, case.citizen)
    for address in ("regeling/stoppen/", "regeling/stoppen/zeker/"):
        assert client.post(f"/namens/{mandate.public_id}/{address}").status_code == 403
    assert again(arrangement).state == "active"


def test_a_stopped_plan_has_no_page_to_pay(client: Client) -> None:
    case = over()
    logged_in(client, case.citizen)
    with as_worker("test"):
        token = case.citizen.arrangements.get().installments.order_by("number")[0].pay_token
    assert client.get("/mijn/betalen/").status_code == 200
    assert 'type="submit">Betalen' not in text(client.get("/mijn/betalen/"))
    assert 'type="submit">Betalen' not in text(Client().get(f"/b/{token}/"))


# --- late, and what creditors confirmed --------------------------------------------------------------------------------


def test_every_late_instalment_is_shown_to_citizen_and_coach(client: Client) -> None:
    at(START)
    case = late()
    logged_in(client, case.citizen)
    home = text(client.get("/mijn/"))
    block = re.search(r'data-check="overdue">(.*?)</ul>', home)
    assert block is not None
    assert block[1].count("<li") == 2
    coach = Client()
    mandate = acting_coach(coach, case.citizen)
    page = text(coach.get(f"/coach/clienten/{mandate.public_id}/"))
    rows = re.search(r'data-check="overdue">(.*?)</table>', page)
    assert rows is not None
    assert "wijziging besproken" in rows[1]
    assert "bericht gestuurd" in rows[1]


def test_the_citizen_sees_who_stopped_and_whether_the_surcharge_stopped(
    client: Client, plan: tuple[Case, Arrangement]
) -> None:
    case, arrangement = plan
    home = text(client.get("/mijn/"))
    assert f"{case.creditors[0].name}: nog niet bevestigd." in home
    assert 'data-check="cak"' not in home
    with as_worker("test"):
        CreditorTask.objects.filter(creditor=case.creditors[0]).update(
            outcome="done", done_on=date(2026, 11, 24), confirmed_on=date(2026, 11, 25)
        )
        cak = CreditorTask.objects.create(
            arrangement=arrangement,
            citizen=case.citizen,
            creditor=case.creditors[1],
            kind="cak_sign_off",
            asked_on=START,
            due_on=date(2026, 12, 1),
        )
    home = text(client.get("/mijn/"))
    assert f"{case.creditors[0].name}: gestopt op 24 nov 2026." in home
    assert "De opslag van het CAK is nog niet gestopt." in home
    with as_worker("test"):
        CreditorTask.objects.filter(pk=cak.pk).update(
            outcome="done", done_on=date(2026, 12, 1), confirmed_on=date(2026, 11, 25)
        )
    assert "De opslag van het CAK stopt op" in text(client.get("/mijn/"))
    at(date(2026, 12, 1))
    assert "De opslag van het CAK is gestopt op" in text(client.get("/mijn/"))


# --- whoever helps ----------------------------------------------------------------------------------------------------


def test_a_coach_reports_hands_over_and_lifts(client: Client) -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    mandate = acting_coach(client, case.citizen)
    address = f"/coach/clienten/{mandate.public_id}/beslag/"
    assert address in text(client.get(f"/coach/clienten/{mandate.public_id}/"))
    client.post(address, {"who": "anders", "name": "Deurwaarder Jansen", "letter": "income", "amount": "900"})
    assert again(arrangement).state == "suspended"
    jobs.run_all()
    (found,) = all_reported()
    assert found.reporter == "coach"
    shown = text(client.get(address))
    assert "Stuur haar de vergelijking" in shown
    paper = client.get(f"{address}{found.public_id}/vergelijking.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert "Deurwaarder Jansen" in text(client.get(f"{address}{found.public_id}/vergelijking/"))
    lift = f"{address}{found.public_id}/opheffen/"
    assert "Leg uit waarom het beslag voorbij is." in text(client.post(lift, {"reason": ""}))
    assert client.post(lift, {"reason": "Brief van 3 december gezien"})["Location"] == address
    jobs.run_all()
    assert again(arrangement).state == "active"
    assert "Brief van 3 december gezien" in text(client.get(address))
    assert client.get(lift)["Location"] == address


def test_the_beslag_of_another_client_is_not_found(client: Client) -> None:
    case, _arrangement = running_case(3_000_00)
    mandate = acting_coach(client, case.citizen)
    at(START)
    other, theirs = running_case(5_000_00)
    reported(other, theirs)
    jobs.run_all()
    (found,) = all_reported()
    for name in ("opheffen/", "vergelijking/", "vergelijking.pdf"):
        assert client.get(f"/coach/clienten/{mandate.public_id}/beslag/{found.public_id}/{name}").status_code == 404


# --- the desk ---------------------------------------------------------------------------------------------------------


def desk_client() -> Client:
    worker = make_director(default=False, name="Loes Loket")
    with as_worker("test"):
        User.objects.filter(pk=worker.user_id).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(worker.user)
    return client


def test_the_desk_stops_a_plan_in_two_steps_after_all_help() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    address = reverse("admin:arrangements_arrangement_stop", args=[arrangement.pk])
    desk = desk_client()
    assert address in text(desk.get(reverse("admin:arrangements_arrangement_change", args=[arrangement.pk])))
    given = {"ground": "does_not_pay", "note": "Drie keer gebeld, geen reactie."}
    assert "Nog niet alle hulp is aangeboden." in text(desk.get(address))
    refused = text(desk.post(address, given | {"zeker": "ja"}))
    assert "Eerst is alle hulp aangeboden" in refused
    assert "Drie keer gebeld, geen reactie." in refused
    assert again(arrangement).state == "active"
    day(date(2026, 12, 31))
    assert "wijziging besproken" in text(desk.get(address))
    asked = text(desk.post(address, given))
    assert "Weet u het zeker?" in asked
    assert again(arrangement).state == "active"
    desk.post(address, given | {"zeker": "Stop de regeling"})
    found = again(arrangement)
    assert (found.state, found.termination_ground, found.terminated_on) == (
        "terminated",
        "does_not_pay",
        clock.today(),
    )
    assert case.citizen.pk == found.citizen_id
    assert desk.get(address).status_code == 302


def test_the_desk_says_why_and_nobody_else_comes_here(client: Client) -> None:
    case, arrangement = running_case(3_000_00)
    address = reverse("admin:arrangements_arrangement_stop", args=[arrangement.pk])
    assert "hoe de burger is gehoord" in text(desk_client().post(address, {"ground": "own_wish", "note": ""}))
    logged_in(client, case.citizen)
    assert client.post(address, {"ground": "own_wish", "note": "x", "zeker": "ja"}).status_code in (302, 403)
    assert again(arrangement).state == "active"
