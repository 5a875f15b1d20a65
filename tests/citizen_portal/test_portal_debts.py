"""The debts in a plan as the citizen sees them, and saying that one is not right."""

import pytest
from django.test import Client
from django.urls import reverse

from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Claim, ClaimDispute
from arrangements.operations.edit_claim import Amounts, Details, edit_claim
from infra import jobs
from infra.scope import act_as, as_worker
from tests.factories.citizens import logged_in
from tests.factories.money import activate, pay_all, running_case
from tests.factories.people import creditor_scope
from tests.factories.plans import agreed, make_case
from tests.factories.stages import acting_coach, disputing

pytestmark = pytest.mark.django_db


def address(claim: Claim, name: str = "betwist") -> str:
    return reverse(f"mijn:{name}", kwargs={"claim": claim.public_id})


def state_of(claim: Claim) -> str:
    with as_worker("test"):
        return Claim.objects.get(pk=claim.pk).state


def test_each_debt_says_who_collects_it_under_which_number(client: Client) -> None:
    case = disputing()
    logged_in(client, case.citizen)
    shown = client.get(reverse("mijn:schulden")).content.decode()
    assert f"Incasso Noord int dit voor {case.creditors[1].name}. Kenmerk daar: IN-44021" in shown
    assert "De deurwaarder is Deurwaarders Zuid." in shown
    assert "U zei: dit heb ik al betaald." in shown
    assert 'data-check="parked"' in client.get(reverse("mijn:overzicht")).content.decode()


def test_a_debt_that_is_not_right_is_passed_on_with_a_reason(client: Client) -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    logged_in(client, case.citizen)
    page = address(case.claims[0])
    assert "Kies een antwoord." in client.post(page, {"note": "Ik ken ze niet."}).content.decode()
    assert "Ik ken ze niet." in client.post(page, {"note": "Ik ken ze niet."}).content.decode()
    done = client.post(page, {"reason": "not_mine", "note": "Ik ken ze niet."}, follow=True)
    assert f"Wij vragen {case.creditors[0].name}" in done.content.decode()
    with as_worker("test"):
        assert ClaimDispute.objects.get().note == "Ik ken ze niet."
    # Said again it is changed, not doubled.
    client.post(page, {"reason": "court", "note": ""})
    with as_worker("test"):
        assert ClaimDispute.objects.get().reason == "court"
    client.post(address(case.claims[0], "betwist-stoppen"))
    assert state_of(case.claims[0]) == ClaimState.CONFIRMED


def test_a_helper_can_dispute_for_the_client_and_cannot_give_it_up(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    activate(case.sign())
    coach = acting_coach(case)
    assert coach.user is not None
    assert coach.acting is not None
    client.force_login(coach.user)
    client.post(reverse("coach:werk", args=[coach.acting.public_id]))
    where = {"mandate": coach.acting.public_id, "claim": case.claims[0].public_id}
    client.post(reverse("namens:betwist", kwargs=where), {"reason": "amount"})
    assert state_of(case.claims[0]) == ClaimState.DISPUTED
    assert "De schuld klopt toch" not in client.get(reverse("namens:betwist", kwargs=where)).content.decode()
    assert client.post(reverse("namens:betwist-stoppen", kwargs=where)).status_code == 403
    assert state_of(case.claims[0]) == ClaimState.DISPUTED


def test_what_is_over_cannot_be_disputed_and_somebody_elses_debt_is_not_there(client: Client) -> None:
    case, arrangement = running_case(60_00, 30_00)
    other, _ = running_case(1_000_00)
    pay_all(arrangement)
    jobs.run_all()
    logged_in(client, case.citizen)
    assert client.get(address(case.claims[0])).status_code == 302
    assert client.get(address(other.claims[0])).status_code == 404
    assert client.post(address(other.claims[0]), {"reason": "amount"}).status_code == 404
    assert client.post(address(other.claims[0], "betwist-stoppen")).status_code == 404
    assert state_of(other.claims[0]) == ClaimState.CONFIRMED


def test_a_debt_that_law_does_not_let_go_says_what_remains(client: Client) -> None:
    case, _ = running_case(1_000_00, 2_000_00, kept={1})
    logged_in(client, case.citizen)
    shown = client.get(reverse("mijn:schulden")).content.decode()
    assert shown.count('data-check="remains"') == 1


def test_a_no_on_the_organisations_page_asks_why(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    page, one = reverse("mijn:organisaties"), case.claims[0].public_id
    asked = client.post(page, {f"klopt-{one}": "no", f"zin-{one}": "Dit was van mijn ex."}).content.decode()
    assert f"Kies wat er niet klopt bij {case.creditors[0].name}." in asked
    assert "Dit was van mijn ex." in asked
    client.post(page, {f"klopt-{one}": "no", f"reden-{one}": "not_mine", f"zin-{one}": "Dit was van mijn ex."})
    with as_worker("test"):
        row = ClaimDispute.objects.get()
    assert (row.reason, row.note) == ("not_mine", "Dit was van mijn ex.")


def test_only_the_coach_reads_that_costs_are_above_the_table(client: Client) -> None:
    case = make_case(500_00)
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        edit_claim(claim=case.claims[0], details=Details(), amounts=Amounts(500_00, 400_00, 0, 100_00))
    coach = acting_coach(case)
    assert coach.acting is not None
    reader = Client()
    reader.force_login(coach.user)  # type: ignore[arg-type]  # acting_coach gives a login
    shown = reader.get(reverse("coach:client", args=[coach.acting.public_id])).content.decode()
    assert 'data-check="costs"' in shown
    assert "40,00" in shown
    logged_in(client, case.citizen)
    assert "Kosten hoger" not in client.get(reverse("mijn:organisaties")).content.decode()
