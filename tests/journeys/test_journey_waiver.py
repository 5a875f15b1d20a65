"""Thirty-six months: the citizen pays every month, the last one late, and the rest is waived by itself."""

from collections.abc import Callable

from django.db import transaction

from arrangements.models import Arrangement, Document
from infra import clock, jobs
from tests.factories.money import activate, next_open, pay_next
from tests.factories.parties import everything
from tests.factories.people import make_citizen
from tests.factories.plans import Case, agreed, make_case
from tests.support.waiting import eventually
from tests.support.walking import Walk

LATE = 9
"""Days after the last due date: late is paid."""


def _signed() -> tuple[Case, Arrangement]:
    with transaction.atomic():
        case = make_case(3_000_00, 6_000_00, citizen=make_citizen(family_name="Vermeer"), not_dischargeable={1})
        agreed(case)
        return case, activate(case.sign())


def _pay_all_but_the_last(arrangement: Arrangement) -> None:
    for _ in range(35):
        with everything():
            clock.set_today(next_open(arrangement).due_date)
        _pay(arrangement)


def _pay(arrangement: Arrangement) -> None:
    # The scope only reaches the database in a transaction.
    with transaction.atomic():
        pay_next(arrangement)
    jobs.run_all()


def _pays_the_last_one_late(client: Walk, arrangement: Arrangement) -> None:
    with everything():
        due = next_open(arrangement).due_date
        clock.set_today(due.replace(day=due.day + LATE))
    client.go("/mijn/")
    client.at("Mijn overzicht")
    assert "U heeft 35 van de 36 keer betaald." in client.page.locator("main").inner_text()
    _pay(arrangement)
    eventually(lambda: _state() == "waived")


def _state() -> str:
    with everything():
        return str(Arrangement.objects.get().state)


def _reads_the_proof(client: Walk) -> None:
    client.go("/mijn/")
    client.at("Mijn overzicht")
    main = client.page.locator("main")
    text = " ".join(main.inner_text().split())
    assert "U heeft 36 keer betaald." in text
    # 1.620 over 9.000: 540 and 1.080. Waived 2.460; 4.920 of the other may not be waived.
    assert "Er blijft € 4.920 over." in text
    assert "€ 2.460" in text
    assert main.get_by_role("link", name="Betalen", exact=True).count() == 0
    client.press("Download bewijs")
    client.at("Uw documenten")
    client.page.get_by_role("link", name="Eindoverzicht", exact=True).click()
    client.at("U bent klaar")
    text = " ".join(client.page.locator("main").inner_text().split())
    assert "€ 2.460,00" in text
    assert "€ 4.920,00" in text


def _creditor_closes(creditor: Walk) -> None:
    creditor.go("/schuldeiser/regelingen/")
    creditor.page.locator("main a[href*='/regelingen/']").first.click()
    text = " ".join(creditor.page.locator("main").inner_text().split())
    assert "Rest kwijtgescholden op" in text
    assert "Eindoverzicht voor de organisatie" in text
    assert "Wij leggen beslag" not in text
    with everything():
        assert Document.objects.filter(kind="closing_extract").count() == 2


def test_thirty_six_months_to_the_waiver(new_walk: Callable[..., Walk], sign_in: Callable[..., None]) -> None:
    case, arrangement = _signed()
    _pay_all_but_the_last(arrangement)
    client, creditor = new_walk(width=360), new_walk(width=1280)
    sign_in(client.page, case.citizen.user)
    _pays_the_last_one_late(client, arrangement)
    _reads_the_proof(client)
    sign_in(creditor.page, case.members[0].user)
    _creditor_closes(creditor)
