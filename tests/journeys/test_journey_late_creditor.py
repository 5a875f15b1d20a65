"""A debt that was found when the plan ran: the citizen names it, its creditor confirms, everybody says yes, it takes part."""

from collections.abc import Callable

from django.db import transaction

from arrangements.models import Arrangement, Variation
from creditors.models import CreditorMember
from infra.scope import as_worker
from tests.factories.parties import everything
from tests.factories.people import make_creditor, make_member
from tests.factories.variations import running_named
from tests.support.waiting import eventually
from tests.support.walking import Walk, cents


def _state(wanted: str) -> None:
    def there() -> bool:
        with everything():
            found = Variation.objects.order_by("-pk").first()
            return found is not None and found.state == wanted and bool(found.content_hash)

    eventually(there, message=f"no variation became {wanted}")


def _says_yes(walk: Walk, share: int) -> None:
    walk.go("/schuldeiser/wijzigingen/")
    walk.at("Wijzigingen")
    walk.press("Open de eerste wijziging")
    walk.at("Wijziging van een regeling")
    assert cents(walk.page.locator("[data-check=after]").inner_text()) == share
    walk.press("Akkoord")
    walk.at("Wijziging van een regeling")
    assert "Antwoord: ja" in walk.page.locator("[data-check=state]").inner_text()


def test_a_debt_that_was_found_late_takes_part_for_the_same_monthly_amount(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None]
) -> None:
    with transaction.atomic():
        case = running_named("Laatkomer", 2_000_00, 4_000_00)
        sports = make_creditor("Gymclub De Zaal")
        member = make_member(sports, name="Kees van Gymclub")
    citizen = new_walk()
    sign_in(citizen.page, case.citizen.user)
    citizen.go("/mijn/")
    citizen.press("Geef die schuld door")
    citizen.at("Nog een schuld gevonden")
    citizen.refused("Geef deze schuld door", "Vul de naam van de organisatie in.")
    citizen.fill("Welke organisatie is het?", "Gymclub De Zaal")
    citizen.press("Geef deze schuld door")
    citizen.at("Nog een schuld gevonden")
    assert "Wij wachten op het bedrag." in citizen.page.locator("[data-check=late-claim]").inner_text()

    newcomer = new_walk(width=1280)
    sign_in(newcomer.page, member.user)
    newcomer.go("/schuldeiser/saldo/")
    newcomer.page.locator("table a").first.click()
    newcomer.fill("Welk bedrag staat open?", "1.500")
    newcomer.press("Bevestig dit saldo")

    citizen.go("/mijn/regeling/nieuwe-schuld/")
    citizen.press("Bekijk wat dit betekent")
    citizen.at("Deze schuld erbij")
    assert "3 organisaties" in citizen.page.locator("[data-check=asked]").inner_text()
    citizen.press("Vraag het de organisaties")
    _state("proposed")
    # 1.620 euro over 7.500 euro: 21,6 % of every claim.
    staff: list[tuple[CreditorMember, int]] = [(case.members[0], 432_00), (case.members[1], 864_00), (member, 324_00)]
    for who, share in staff:
        desk = newcomer if who is member else new_walk(javascript=False)
        if who is not member:
            sign_in(desk.page, who.user)
        _says_yes(desk, share)
    _state("applied")

    citizen.go("/mijn/regeling/wijziging/")
    citizen.at("Er is een schuld bij gekomen")
    assert cents(citizen.page.locator("[data-check=monthly]").inner_text()) == 45_00
    citizen.go("/mijn/")
    names = citizen.page.locator("[data-check=creditor] th").all_inner_texts()
    assert "Gymclub De Zaal" in names
    with transaction.atomic(), as_worker("test"):
        assert Arrangement.objects.get(citizen=case.citizen).version == 2
    newcomer.go("/schuldeiser/regelingen/")
    newcomer.page.locator("table a").first.click()
    assert "Er is een schuld bij gekomen" in newcomer.page.locator("[data-check=versions]").inner_text()
