"""Lukt betalen niet: one instalment later, a pause, another way of paying, paying more, and the choices before signing."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.models import Arrangement, CaseTask, Installment, Payment, Proposal
from arrangements.models.arrangement import PayWay, ShiftRule, WindfallRule
from infra import jobs
from infra.models import Message
from infra.scope import as_worker
from tests.factories import shifts, stages
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.money import at
from tests.factories.plans import Case
from tests.factories.shifts import fresh, running_with, schedule
from tests.support import reading

pytestmark = pytest.mark.django_db

LATER = "/mijn/lukt-niet/later/"
PAUSE = "/mijn/lukt-niet/pauze/"
BRIDGE = "/mijn/anders-betalen/"
EXTRA = "/mijn/extra-betalen/"
CHOICES = "/mijn/regeling/keuzes/"
SIGN = "/mijn/regeling/overeenkomst/"
EIGHTH = {"day_0": "8", "day_1": "12", "day_2": "2026"}


@pytest.fixture
def plan(client: Client) -> Arrangement:
    """45 a month at two creditors, from 1 December 2026; the citizen is logged in on 23 November."""
    case, arrangement = running_with(2_000_00, 4_000_00)
    logged_in(client, case.citizen)
    return arrangement


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " ").replace("\u202f", " "))


def plain(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(response)))


def easy(response: Any) -> None:
    assert response.status_code == 200
    assert reading.faults(response.content.decode(), {"Noor Bakker", "Jo Schuift"}) == []
    assert response.content.decode().count("--primary-action") == 1


def shift_messages() -> list[Message]:
    jobs.run_all()
    with as_worker("test"):
        return list(Message.objects.filter(kind="plan_shifted"))


# --- the entry -----------------------------------------------------------------------------------------------------


def test_the_first_page_shows_the_ways_and_the_number_to_call(client: Client, plan: Arrangement) -> None:
    page = text(client.get("/mijn/lukt-niet/"))
    for address in (LATER, PAUSE, BRIDGE, "/mijn/lukt-niet/veranderd/"):
        assert f'href="{address}"' in page
    assert "085 000 1234" in page
    assert 'href="/mijn/lukt-niet/"' in text(client.get("/mijn/betalen/"))
    assert 'href="/mijn/lukt-niet/"' in text(client.get("/mijn/"))


@pytest.mark.parametrize(
    "address", ["/mijn/lukt-niet/", LATER, f"{LATER}klaar/", PAUSE, BRIDGE, f"{BRIDGE}klaar/", EXTRA, CHOICES]
)
def test_without_a_plan_the_pages_lead_to_the_overview_or_back(client: Client, address: str) -> None:
    logged_in(client)
    assert client.get(address).status_code == 302
    assert client.post(address, {"zeker": "ja"}).status_code in (302, 405)


# --- one instalment later ------------------------------------------------------------------------------------------


def test_choose_look_and_move(client: Client, plan: Arrangement) -> None:
    onward = client.post(LATER, EIGHTH)["Location"]
    assert onward == f"{LATER}?dag=2026-12-08"
    preview = client.get(onward)
    easy(preview)
    assert "Eerst was dat op dinsdag 1 december 2026" in plain(preview)
    assert "Dat wordt dinsdag 8 december 2026" in plain(preview)
    assert "Uw einddatum blijft" in plain(preview)
    assert schedule(plan)[0][3] == "open", "looking changes nothing"
    sure = {"dag": "2026-12-08", "termijn": "1", "zeker": "ja"}
    for _ in range(2):
        assert client.post(LATER, sure)["Location"] == f"{LATER}klaar/"
    assert schedule(plan)[:2] == [(1, date(2026, 12, 1), 45_00, "moved"), (1, date(2026, 12, 8), 45_00, "open")]
    assert len([one for one in shift_messages() if one.citizen_id]) == 1
    done = client.get(f"{LATER}klaar/")
    easy(done)
    assert "dinsdag 8 december 2026" in plain(done)


def test_back_after_the_deed_says_it_was_done_once(client: Client, plan: Arrangement) -> None:
    client.post(LATER, {"dag": "2026-12-08", "termijn": "1", "zeker": "ja"})
    page = client.get(LATER)
    easy(page)
    assert "al een keer verplaatst" in text(page)
    answer = client.post(LATER, {"dag": "2026-12-10", "termijn": "1", "zeker": "ja"}, follow=True)
    assert "al een keer verplaatst" in text(answer)
    assert len(schedule(plan)) == 37


@pytest.mark.parametrize("day", ["1", "16", "31"])
def test_a_day_outside_the_fourteen_is_told_at_the_field(client: Client, plan: Arrangement, day: str) -> None:
    page = text(client.post(LATER, EIGHTH | {"day_0": day}))
    assert "Kies een dag na 1 december, tot en met 15 december 2026." in page
    assert f'value="{day}"' in page


@pytest.mark.parametrize(
    "sent",
    [{"dag": "2026-13-40", "termijn": "1"}, {"dag": "2026-12-08", "termijn": "²"}, {"dag": "", "termijn": ""},
     {"dag": "2027-06-01", "termijn": "1"}, {"dag": "2026-12-08", "termijn": "99"}],
)  # fmt: skip
def test_a_deed_that_was_tampered_with_moves_nothing(client: Client, plan: Arrangement, sent: dict[str, str]) -> None:
    assert client.post(LATER, sent | {"zeker": "ja"})["Location"] == LATER
    assert len(schedule(plan)) == 36


def test_a_coach_who_works_for_a_client_may_move_it_again(client: Client) -> None:
    case = shifts.moved()
    mandate = acting_coach(client, case.citizen)
    page = client.get(f"/namens/{mandate.public_id}/lukt-niet/later/")
    assert "Kijk wat er verandert" in text(page)
    sure = {"dag": "2026-12-11", "termijn": "1", "zeker": "ja"}
    client.post(f"/namens/{mandate.public_id}/lukt-niet/later/", sure)
    with as_worker("test"):
        assert Installment.objects.get(number=1, state="open").due_date == date(2026, 12, 11)


def test_the_overview_and_the_payments_show_the_new_day(client: Client) -> None:
    logged_in(client, shifts.moved().citizen)
    overview = plain(client.get("/mijn/"))
    assert "dinsdag 8 december 2026" in overview
    assert "eerst op 1 dec 2026" in overview
    assert "verplaatst naar 8" in plain(client.get("/mijn/betalingen/"))
    assert 'data-months="36"' in text(client.get("/mijn/"))


# --- a pause -------------------------------------------------------------------------------------------------------


def test_asking_for_a_pause_is_one_task_and_says_who_calls_when(client: Client, plan: Arrangement) -> None:
    easy(client.get(PAUSE))
    for _ in range(2):
        assert client.post(PAUSE)["Location"] == PAUSE
    page = client.get(PAUSE)
    easy(page)
    assert "Noor Bakker belt u uiterlijk woensdag 25 november 2026." in plain(page)
    with as_worker("test"):
        assert CaseTask.objects.filter(kind=CaseTask.Kind.PAUSE).count() == 1
    assert fresh(plan).state == "active"


def _break(mandate: Any, **given: str) -> tuple[str, dict[str, str]]:
    return f"/coach/clienten/{mandate.public_id}/pauze/", given


def test_a_coach_looks_and_grants_a_break_once(client: Client) -> None:
    case, plan = running_with(2_000_00, 4_000_00)
    mandate = acting_coach(client, case.citizen)
    address, given = _break(mandate, months="2", reason="crisis")
    assert "Geef een pauze" in text(client.get(f"/coach/clienten/{mandate.public_id}/"))
    onward = client.post(address, given)["Location"]
    preview = client.get(onward)
    page = plain(preview)
    assert "2 maanden, tot en met zondag 31 januari 2027" in page
    assert "Einddatum straks dinsdag 1 januari 2030" in page
    assert "Er is iets ernstigs gebeurd." in page
    assert fresh(plan).state == "active"
    for _ in range(2):
        answer = client.post(address, {"maanden": "2", "reden": "crisis", "zeker": "ja"})
        assert answer["Location"] == f"/coach/clienten/{mandate.public_id}/"
    assert fresh(plan).state == "paused"
    assert [row[3] for row in schedule(plan)].count("moved") == 2
    assert len(shift_messages()) == 3
    assert "tot en met zondag 31 januari 2027" in plain(client.get(f"/coach/clienten/{mandate.public_id}/"))


def test_a_coach_reads_when_it_is_possible_again(client: Client) -> None:
    case = shifts.paused()
    at(date(2027, 2, 1))
    with as_worker("test"):
        Arrangement.objects.filter(citizen=case.citizen).update(state="active", paused_until=None)
    mandate = acting_coach(client, case.citizen)
    address, given = _break(mandate, months="1", reason="cost")
    assert "Dit kan weer vanaf 1 december 2027." in text(client.get(address))
    assert "Dit kan weer vanaf 1 december 2027." in text(client.post(address, given))
    sure = {"maanden": "1", "reden": "cost", "zeker": "ja"}
    assert "Dit kan weer vanaf 1 december 2027." in text(client.post(address, sure))


@pytest.mark.parametrize("given", [{}, {"months": "3", "reason": "crisis"}, {"months": "1", "reason": "x"}])
def test_a_break_needs_a_length_and_a_reason(client: Client, given: dict[str, str]) -> None:
    case, plan = running_with(2_000_00, 4_000_00)
    mandate = acting_coach(client, case.citizen)
    page = text(client.post(f"/coach/clienten/{mandate.public_id}/pauze/", given))
    assert "Kies hoe lang." in page or "Kies een reden." in page
    assert fresh(plan).state == "active"


def test_the_citizen_has_no_page_to_grant_it_and_another_coach_neither(client: Client) -> None:
    case, plan = running_with(2_000_00, 4_000_00)
    mandate = acting_coach(client, case.citizen)
    address, _ = _break(mandate)
    sure = {"maanden": "2", "reden": "crisis", "zeker": "ja"}
    logged_in(client, case.citizen)
    assert client.post(address, sure).status_code == 403
    other, _ = running_with(2_000_00, family_name="Anders")
    acting_coach(client, other.citizen)
    assert client.post(address, sure).status_code == 404
    assert fresh(plan).state == "active"


def test_the_pages_say_that_there_is_a_pause(client: Client) -> None:
    logged_in(client, shifts.paused().citizen)
    for address in ("/mijn/", "/mijn/betalingen/", "/mijn/lukt-niet/", PAUSE):
        assert "31 januari 2027" in plain(client.get(address)), address
    assert "Verplaatst naar" in plain(client.get("/mijn/"))
    easy(client.get(PAUSE))


# --- another way of paying -----------------------------------------------------------------------------------------


def test_choose_look_and_pay_differently(client: Client, plan: Arrangement) -> None:
    onward = client.post(BRIDGE, {"ground": "leaving_bijstand", "pay_way": "transfer"})["Location"]
    assert onward == f"{BRIDGE}?reden=leaving_bijstand&manier=transfer"
    preview = client.get(onward)
    easy(preview)
    assert "U maakt het bedrag straks zelf over." in plain(preview)
    assert "Op 1 december 2026 betaalt u niets." in plain(preview)
    assert "Uw einddatum wordt 1 december 2029." in plain(preview)
    assert fresh(plan).pay_way == PayWay.LINK
    for _ in range(2):
        answer = client.post(BRIDGE, {"reden": "leaving_bijstand", "manier": "transfer", "zeker": "ja"})
        assert answer["Location"] == f"{BRIDGE}klaar/"
    easy(client.get(f"{BRIDGE}klaar/"))
    now = fresh(plan)
    assert (now.state, now.pay_way) == ("active", PayWay.TRANSFER)
    assert [row[3] for row in schedule(plan)].count("moved") == 1
    page = client.get(BRIDGE)
    easy(page)
    assert "Dit kan weer vanaf 23 november 2027." in text(page)
    again = client.post(BRIDGE, {"reden": "moving", "manier": "withheld", "zeker": "ja"}, follow=True)
    assert "Dit kan weer vanaf 23 november 2027." in text(again)
    assert fresh(plan).pay_way == PayWay.TRANSFER


@pytest.mark.parametrize("given", [{}, {"ground": "moving"}, {"pay_way": "link"}, {"ground": "x", "pay_way": "y"}])
def test_without_both_answers_nothing_switches(client: Client, plan: Arrangement, given: dict[str, str]) -> None:
    page = client.post(BRIDGE, given)
    assert page.status_code == 200
    assert "Kies wat er verandert." in text(page) or "Kies hoe u straks betaalt." in text(page)


# --- paying more ---------------------------------------------------------------------------------------------------


def test_look_what_an_amount_does_and_go_to_the_bank(client: Client, plan: Arrangement) -> None:
    onward = client.post(EXTRA, {"amount": "100"})["Location"]
    assert onward == f"{EXTRA}?bedrag=10000"
    preview = client.get(onward)
    easy(preview)
    assert "Uw einddatum wordt zaterdag 1 september 2029" in plain(preview)
    assert "U bent eerder klaar 2 maanden" in plain(preview)
    assert "€ 35" in plain(preview)
    with as_worker("test"):
        assert not Payment.objects.exists()
    answer = client.post(EXTRA, {"bedrag": "10000", "zeker": "ja"})
    for _ in range(1):
        answer = client.post(EXTRA, {"bedrag": "10000", "zeker": "ja"})
    with as_worker("test"):
        [payment] = Payment.objects.all()
    assert (payment.is_extra, payment.amount_cents) == (True, 100_00)
    assert answer["Location"] == payment.link


def test_everything_at_once_shows_what_falls_away(client: Client, plan: Arrangement) -> None:
    onward = client.post(EXTRA, {"alles": "ja"})["Location"]
    assert onward == f"{EXTRA}?bedrag=162000"
    preview = client.get(onward)
    easy(preview)
    assert "bent u klaar" in plain(preview)
    assert "U hoeft niet meer te betalen € 4.380" in plain(preview)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "hoger is dan 0"),
        ("0,50", "1 euro of meer"),
        ("1620,01", "U hoeft nog € 1.620 te betalen."),
        ("", "Vul een bedrag in"),
    ],
)
def test_an_amount_that_cannot_be_is_told_at_the_field(
    client: Client, plan: Arrangement, typed: str, said: str
) -> None:
    page = text(client.post(EXTRA, {"amount": typed}))
    assert said in page


@pytest.mark.parametrize("amount", ["0", "99", "162001", "-5", "abc", "9" * 30])
def test_an_amount_in_the_address_is_checked_as_well(client: Client, plan: Arrangement, amount: str) -> None:
    answer = client.get(EXTRA, {"bedrag": amount})
    assert answer.status_code in (200, 302)
    client.post(EXTRA, {"bedrag": amount, "zeker": "ja"})
    with as_worker("test"):
        assert not Payment.objects.exists()


def test_a_coach_does_not_pay_for_a_client(client: Client) -> None:
    case, _ = running_with(2_000_00, 4_000_00)
    mandate = acting_coach(client, case.citizen)
    answer = client.post(f"/namens/{mandate.public_id}/extra-betalen/", {"bedrag": "10000", "zeker": "ja"})
    assert answer.status_code == 403


# --- before signing ------------------------------------------------------------------------------------------------


def _to_sign(client: Client) -> Case:
    case = stages.to_sign()
    logged_in(client, case.citizen)
    return case


def test_choose_and_read_it_in_the_agreement(client: Client) -> None:
    _to_sign(client)
    assert f'href="{CHOICES}"' in text(client.get(SIGN))
    assert "Uw einddatum schuift op." in text(client.get(SIGN))
    easy(client.get(CHOICES))
    answer = client.post(CHOICES, {"shift_rule": "higher", "windfall_rule": "shorten"})
    assert answer["Location"] == SIGN
    page = text(client.get(SIGN))
    assert "Dan worden de andere termijnen iets hoger." in page
    seen = re.search(r'name="gezien" value="([0-9a-f]{64})"', page)
    assert seen is not None
    client.post(f"{SIGN}tekenen/", {"gezien": seen[1], "read": "on"})
    with as_worker("test"):
        signed = Arrangement.objects.get()
    assert (signed.shift_rule, signed.windfall_rule) == (ShiftRule.HIGHER, WindfallRule.SHORTEN)
    assert client.get(CHOICES)["Location"] == SIGN
    assert client.post(CHOICES, {"shift_rule": "later", "windfall_rule": "keep"})["Location"] == SIGN
    assert f'href="{CHOICES}"' not in text(client.get(SIGN))
    with as_worker("test"):
        assert Proposal.objects.get().shift_rule == "higher"


def test_a_choice_that_is_none_of_them_is_told(client: Client) -> None:
    _to_sign(client)
    page = text(client.post(CHOICES, {"shift_rule": "x", "windfall_rule": "keep"}))
    assert "Kies wat u wilt." in page
