"""The pages about one claim: edit, costs beside the table, dispute, correction, transfer, withdrawal."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from arrangements.domain.lifecycle import ClaimState
from arrangements.models import ArrangementLine, CaseTask, Claim, ClaimCorrection, ClaimDispute, ClaimTransfer
from arrangements.operations.correct_claim import last_day
from arrangements.operations.dispute_claim import dispute_claim
from creditors.models import CreditorMember
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.creditors import claim_line, claims_file, imported, named_claim
from tests.factories.money import at, pay_next, running_case
from tests.factories.people import citizen_scope, make_creditor, make_member
from tests.factories.plans import Case, make_case, submitted

pytestmark = pytest.mark.django_db


def login(member: CreditorMember) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def address(claim: Claim, name: str = "vordering") -> str:
    return reverse(f"console:{name}", kwargs={"claim": claim.public_id})


def text(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def now(claim: Claim) -> Claim:
    with as_worker("test"):
        return Claim.objects.get(pk=claim.pk)


def disputed(case: Case) -> None:
    with act_as(citizen_scope(case.citizen)):
        dispute_claim(claim=case.claims[0], reason=ClaimDispute.Reason.ALREADY_PAID, note="In mei betaald.")


def filled_in(**changed: str) -> dict[str, str]:
    """The form of a claim of 500 euro, good unless something is changed."""
    return {
        "kind": "purchase",
        "collector_name": "Incasso Noord",
        "collector_reference": "IN-1",
        "deurwaarder_name": "",
        "deurwaarder_reference": "",
        "principal": "400",
        "interest": "40",
        "costs": "60",
        "outstanding": "500",
        "preference_ground": "",
        "not_dischargeable_ground": "",
        "costs_seen": "",
        **changed,
    }


def test_a_claim_is_edited_and_its_page_shows_it_with_its_history() -> None:
    case = make_case(500_00)
    client = login(case.members[0])
    done = client.post(address(case.claims[0], "vordering-wijzigen"), filled_in(), follow=True)
    shown = text(done)
    assert "Incasso Noord, kenmerk IN-1" in shown
    assert "€ 400,00, € 40,00, € 60,00".replace("€ ", "€\u00a0") in shown
    assert "Saldo bevestigd" in shown
    assert case.claims[0].reference in text(client.get(reverse("console:vorderingen")))


def test_amounts_that_do_not_add_up_are_said_at_the_field_and_what_was_typed_stays() -> None:
    case = make_case(500_00)
    shown = text(login(case.members[0]).post(address(case.claims[0], "vordering-wijzigen"), filled_in(costs="61")))
    assert "Hoofdsom, rente en kosten zijn samen" in shown
    assert 'value="61"' in shown
    assert now(case.claims[0]).kind == ""


def test_costs_above_the_table_are_warned_about_once_and_never_block() -> None:
    case = make_case(500_00)
    client, page = login(case.members[0]), address(case.claims[0], "vordering-wijzigen")
    form = filled_in(principal="380", costs="80")
    warned = text(client.post(page, form))
    # 15 % of 380 euro is 57.
    assert 'data-check="costs"' in warned
    assert "57,00" in warned
    assert "23,00" in warned
    assert 'name="costs_seen" value="8000"' in warned
    assert now(case.claims[0]).costs_cents is None
    saved = client.post(page, {**form, "costs_seen": "8000"}, follow=True)
    assert now(case.claims[0]).costs_cents == 80_00
    assert 'data-check="costs"' in text(saved)


def test_a_collector_reference_without_a_name_is_an_error_at_the_name() -> None:
    case = make_case(500_00)
    form = filled_in(collector_name="")
    assert "Noem ook van wie het is" in text(
        login(case.members[0]).post(address(case.claims[0], "vordering-wijzigen"), form)
    )


def test_in_a_proposal_or_an_arrangement_only_who_collects_can_be_changed() -> None:
    waiting = make_case(500_00)
    submitted(waiting)
    running, _ = running_case(1_000_00)
    for case in (waiting, running):
        client, page = login(case.members[0]), address(case.claims[0], "vordering-wijzigen")
        assert 'name="outstanding"' not in text(client.get(page))
        client.post(page, filled_in(outstanding="1"))
        row = now(case.claims[0])
        assert row.collector_name == "Incasso Noord"
        assert row.confirmed_cents == case.claims[0].confirmed_cents


def test_uploaded_costs_above_the_table_are_marked_in_the_list() -> None:
    creditor = make_creditor()
    member = make_member(creditor)
    line = claim_line(OorspronkelijkeVordering="100", Rente="0", Kosten="55", ActueelVorderingsbedrag="155")
    imported(creditor, member, claims_file(line))
    shown = text(login(member).get(reverse("console:vorderingen")))
    assert "hoger dan de tabel: ten hoogste" in shown


# --- dispute ------------------------------------------------------------------------------------------------------


def test_a_disputed_claim_in_a_plan_says_why_and_one_button_settles_it() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    disputed(case)
    pay_next(arrangement)
    client = login(case.members[0])
    assert "betwist vordering" in text(client.get(reverse("console:saldo")))
    shown = text(client.get(address(case.claims[0])))
    assert "In mei betaald." in shown
    assert "15,00" in shown  # its third of 45 euro is set aside
    assert client.get(address(case.claims[0], "saldo-bevestigen")).status_code == 302
    done = text(client.post(address(case.claims[0], "vordering-klopt"), follow=True))
    assert "Genoteerd" in done
    jobs.run_all()
    assert now(case.claims[0]).state == ClaimState.CONFIRMED
    assert client.post(address(case.claims[0], "vordering-klopt")).status_code == 409


def test_before_signing_the_reason_stands_where_the_balance_is_confirmed() -> None:
    case = make_case(500_00)
    disputed(case)
    client = login(case.members[0])
    assert "In mei betaald." in text(client.get(address(case.claims[0], "saldo-bevestigen")))
    client.post(address(case.claims[0], "saldo-bevestigen"), {"amount": "500"})
    with as_worker("test"):
        assert ClaimDispute.objects.get().outcome == ClaimDispute.Outcome.STANDS


# --- correction ---------------------------------------------------------------------------------------------------


def test_a_correction_is_shown_first_and_sent_when_the_same_amount_is_sent_again() -> None:
    case, _ = running_case(1_000_00, 2_000_00, 3_000_00, preferent={1})
    client, page = login(case.members[0]), address(case.claims[0], "vordering-verbeteren")
    form = {"amount": "600", "reason": "mistake", "note": "Eén factuur stond er dubbel in."}
    preview = client.post(page, form)
    assert 'data-check="preview"' in text(preview)
    assert 'name="seen" value="60000"' in text(preview)
    foreseen = preview.context["preview"]
    with as_worker("test"):
        assert not ClaimCorrection.objects.exists()
    done = client.post(page, {**form, "seen": "60000"}, follow=True)
    assert "Uw correctie is ontvangen" in text(done)
    jobs.run_all()
    with as_worker("test"):
        share = ArrangementLine.objects.get(claim=case.claims[0]).share_cents
    assert abs(share - foreseen) <= 1
    assert "Eén factuur stond er dubbel in." in text(client.get(address(case.claims[0])))


def test_a_preview_of_another_amount_is_shown_again() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    form = {"amount": "700", "reason": "mistake", "note": "Fout.", "seen": "60000"}
    shown = text(login(case.members[0]).post(address(case.claims[0], "vordering-verbeteren"), form))
    assert 'name="seen" value="70000"' in shown


def test_a_correction_needs_a_reason_a_sentence_and_another_amount() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    client, page = login(case.members[0]), address(case.claims[0], "vordering-verbeteren")
    shown = text(client.post(page, {"amount": "1000"}))
    for sentence in ("Dit bedrag staat er al", "Kies een reden.", "Leg in één zin uit"):
        assert sentence in shown


def test_after_the_last_day_the_page_names_it() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    at(last_day(arrangement) + timedelta(days=1))
    response = login(case.members[0]).get(address(case.claims[0], "vordering-verbeteren"))
    assert response.status_code == 409
    assert f"{last_day(arrangement):%d-%m-%Y}" in text(response)


def test_what_was_paid_on_is_the_least_and_the_page_says_how_much() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    form = {"amount": "1", "reason": "paid_elsewhere", "note": "Betaald.", "seen": "100"}
    shown = text(login(case.members[0]).post(address(case.claims[0], "vordering-verbeteren"), form))
    assert "Er is al meer betaald dan dit bedrag" in shown


# --- transfer and withdrawal --------------------------------------------------------------------------------------


def transfer_form(**changed: str) -> dict[str, str]:
    day = clock.today()
    return {
        "to_name": "Koper BV",
        "to_reference": "KB-9",
        "amount": "",
        "from_date_0": str(day.day),
        "from_date_1": str(day.month),
        "from_date_2": str(day.year),
        **changed,
    }


def test_a_claim_is_handed_over_and_the_old_owner_still_reads_its_history() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    buyer = make_member(make_creditor("Koper BV"))
    client, page = login(case.members[0]), address(case.claims[0], "vordering-overdragen")
    assert "Koper BV" in text(client.get(page))
    client.post(page, transfer_form(to_name="koper  bv"))
    jobs.run_all()
    shown = text(client.get(address(case.claims[0])))
    assert "Overgedragen: de vordering aan Koper BV." in shown
    assert "vordering-intrekken" not in shown
    assert client.get(page).status_code == 409
    with as_worker("test"):
        new = Claim.objects.get(creditor=buyer.creditor)
    # The new owner has its own page, and none of the old one.
    theirs = login(buyer)
    assert "Overgenomen." in text(theirs.get(address(new)))
    assert theirs.get(address(case.claims[0])).status_code == 404
    assert client.get(address(new)).status_code == 404


def test_a_part_that_is_too_much_and_a_day_that_is_over_are_errors_at_the_field() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    make_creditor("Koper BV")
    client, page = login(case.members[0]), address(case.claims[0], "vordering-overdragen")
    assert "Een deel is lager" in text(client.post(page, transfer_form(amount="1000")))
    assert "Vul een datum in tussen" in text(client.post(page, transfer_form(from_date_2="2020")))
    assert "al van uw organisatie" in text(client.post(page, transfer_form(to_name=case.creditors[0].name)))
    with as_worker("test"):
        assert not ClaimTransfer.objects.exists()


def test_an_unknown_new_owner_is_taken_down_for_the_desk() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    page = address(case.claims[0], "vordering-overdragen")
    done = text(login(case.members[0]).post(page, transfer_form(to_name="Vreemd Fonds"), follow=True))
    assert "Wij kennen deze organisatie nog niet" in done
    assert "zodra die organisatie meedoet" in done
    jobs.run_all()
    with as_worker("test"):
        assert CaseTask.objects.filter(kind=CaseTask.Kind.UNKNOWN_CREDITOR).count() == 1


def test_a_claim_is_withdrawn_after_one_look_at_what_it_means() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    client, page = login(case.members[0]), address(case.claims[0], "vordering-intrekken")
    assert "Dit kunt u niet terugdraaien" in text(client.get(page))
    assert "ingetrokken" in text(client.post(page, follow=True))
    assert client.post(page).status_code == 409
    jobs.run_all()
    assert now(case.claims[0]).state == ClaimState.WITHDRAWN


# --- whose it is --------------------------------------------------------------------------------------------------

NAMES = ("vordering", "vordering-wijzigen", "vordering-verbeteren", "vordering-overdragen", "vordering-intrekken")


@pytest.mark.parametrize("name", NAMES)
def test_somebody_elses_claim_is_not_there(name: str) -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    client = login(case.members[1])
    assert client.get(address(case.claims[0], name)).status_code == 404
    assert client.post(address(case.claims[0], name)).status_code == (405 if name == "vordering" else 404)


def test_a_claim_of_somebody_nobody_knows_is_not_there() -> None:
    creditor = make_creditor()
    member = make_member(creditor)
    claim = named_claim(creditor, told_cents=10_00)
    with as_worker("test"):
        from accounts.models import IdentityAnchor

        IdentityAnchor.objects.filter(citizen_id=claim.citizen_id).delete()
    client = login(member)
    assert client.get(address(claim)).status_code == 404
    assert claim.reference not in text(client.get(reverse("console:vorderingen")))
