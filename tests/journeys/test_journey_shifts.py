"""A moved instalment and a pause: asked for and granted in a browser, told to everybody by the worker."""

from collections.abc import Callable

import pytest
from django.db import transaction

from arrangements.domain.lifecycle import ArrangementState
from arrangements.models import Arrangement, Installment
from infra.models import Message
from tests.factories.parties import everything
from tests.factories.plans import Case
from tests.factories.shifts import running_with
from tests.factories.stages import acting_coach
from tests.support.waiting import eventually
from tests.support.walking import Walk

WHERE = pytest.mark.parametrize("javascript", [True, False], ids=["with javascript", "without"])


def _plan() -> Case:
    with transaction.atomic():
        case, _ = running_with(2_000_00, 4_000_00, family_name="Vermeer")
    return case


def _told(citizen_id: int, creditors: int) -> None:
    """One notice to the citizen and one to every creditor."""

    def there() -> bool:
        with everything():
            rows = Message.objects.filter(kind="plan_shifted")
            return (
                rows.filter(citizen_id=citizen_id).count() == 1 and rows.exclude(creditor_id=None).count() == creditors
            )

    eventually(there, message="not everybody was told once")


@WHERE
def test_a_citizen_moves_an_instalment(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None], javascript: bool
) -> None:
    case = _plan()
    walk = new_walk(javascript=javascript, width=360)
    sign_in(walk.page, case.citizen.user)
    walk.go("/mijn/")
    walk.at("Mijn overzicht")
    walk.press("Kijk wat er kan")
    walk.at("Lukt betalen niet?")
    walk.press("Eén termijn later betalen")
    walk.at("Eén termijn later betalen")
    walk.refused("Kijk wat er verandert", "Vul een datum in. Bijvoorbeeld 15 12 2026.")
    walk.fill("Dag", "10")
    walk.fill("Maand", "12")
    walk.fill("Jaar", "2026")
    walk.press("Kijk wat er verandert")
    walk.at("Wilt u later betalen?")
    preview = walk.page.locator("[data-check=preview]").inner_text()
    assert "donderdag 10 december 2026" in preview
    assert "donderdag 1 november 2029" in preview
    walk.press("Ja, verplaats deze termijn")
    walk.at("Uw termijn is verplaatst")
    _told(case.citizen.pk, 2)
    # Back in the browser and once more: it was done once.
    walk.page.go_back()
    walk.press("Ja, verplaats deze termijn")
    walk.at("Uw termijn is verplaatst")
    walk.press("Naar mijn overzicht")
    walk.at("Mijn overzicht")
    assert "donderdag 10 december 2026" in walk.page.locator("[data-check=next]").inner_text()
    with everything():
        assert Installment.objects.filter(state="moved").count() == 1
    _told(case.citizen.pk, 2)


@WHERE
def test_a_coach_grants_a_pause(new_walk: Callable[..., Walk], sign_in: Callable[..., None], javascript: bool) -> None:
    case = _plan()
    with transaction.atomic():
        coach = acting_coach(case)
    client, helper = new_walk(javascript=javascript, width=360), new_walk(javascript=javascript, width=1280)
    sign_in(client.page, case.citizen.user)
    client.go("/mijn/lukt-niet/")
    client.at("Lukt betalen niet?")
    client.press("Een pauze vragen")
    client.at("Een pauze vragen")
    client.press("Vraag een pauze")
    client.at("U vroeg een pauze")
    assert "belt u uiterlijk woensdag 25 november 2026" in client.page.locator("[data-check=asked]").inner_text()

    sign_in(helper.page, coach.user)
    helper.go("/coach/")
    helper.at("Wie heeft mij vandaag nodig?")
    helper.page.locator("main").get_by_role("link", name="Jo Vermeer").first.click()
    helper.at("Jo Vermeer")
    assert "De cliënt vraagt een pauze." in helper.page.locator("main").inner_text()
    helper.press("Geef een pauze")
    helper.at("Pauze geven")
    helper.refused("Kijk wat er verandert", "Kies hoe lang.")
    helper.choose("2 maanden")
    helper.choose("Er komt tijdelijk minder geld binnen.")
    helper.press("Kijk wat er verandert")
    helper.at("Wilt u deze pauze geven?")
    assert "dinsdag 1 januari 2030" in helper.page.locator("[data-check=preview]").inner_text()
    helper.press("Ja, geef deze pauze")
    helper.at("Jo Vermeer")
    _told(case.citizen.pk, 2)

    client.go("/mijn/")
    client.at("Mijn overzicht")
    assert "U heeft pauze tot en met zondag 31 januari 2027." in client.page.locator("[data-check=paused]").inner_text()
    with everything():
        assert Arrangement.objects.get().state == ArrangementState.PAUSED
