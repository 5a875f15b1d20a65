"""After sending: answers, going on without, signing, the overview, paying, and the walls around it."""

import re
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.test import Client

from arrangements.domain.lifecycle import RefusalCode
from arrangements.models import Arrangement, Document, Payment
from arrangements.operations.answer_proposal import refuse
from infra import clock, jobs
from infra.scope import act_as
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.people import citizen_scope, creditor_scope, make_citizen
from tests.factories.plans import Case, agreed, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def text(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]  # a test response


def refused(case: Case) -> None:
    proposal = submitted(case)
    answer = case.answer_of(0)
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        refuse(
            answer=answer, seen_hash=proposal.content_hash, user=case.members[0].user, code=RefusalCode.BELOW_OUR_NORM
        )
    case.settle()


def test_a_refusal_is_told_in_plain_words_and_the_citizen_chooses_to_go_on(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00, 600_00)
    refused(case)
    logged_in(client, case.citizen)
    assert "U kunt iets kiezen" in text(client.get("/mijn/"))
    page = text(client.get("/mijn/voorstel/"))
    assert "vindt het bedrag te laag" in page
    answer = case.answer_of(0)
    assert f"/mijn/voorstel/keuze/{answer.public_id}/" in page
    choice = f"/mijn/voorstel/keuze/{answer.public_id}/"
    assert f"/mijn/voorstel/zonder/{answer.public_id}/" in text(client.get(choice))
    assert client.post(f"/mijn/voorstel/zonder/{answer.public_id}/")["Location"] == choice
    jobs.run_all()
    page = text(client.get("/mijn/voorstel/"))
    assert case.creditors[0].name not in page
    assert page.count('data-check="answer"') == 2


def test_an_organisation_that_still_thinks_cannot_be_left_out(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    submitted(case)
    logged_in(client, case.citizen)
    page = text(client.get("/mijn/voorstel/"))
    assert "Bekijk wat u kunt doen" not in page
    client.post(f"/mijn/voorstel/zonder/{case.answer_of(0).public_id}/")
    assert "Dit kan nu niet" in text(client.get("/mijn/voorstel/"))


def test_a_citizen_can_stop_and_begin_again(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    submitted(case)
    logged_in(client, case.citizen)
    assert "Twijfelt u?" in text(client.get("/mijn/voorstel/stoppen/"))
    client.post("/mijn/voorstel/stoppen/")
    assert "Opnieuw beginnen" in text(client.get("/mijn/"))
    assert client.post("/mijn/voorstel/opnieuw/").status_code == 302


def test_what_is_signed_is_the_text_that_was_read(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    logged_in(client, case.citizen)
    assert "alle organisaties zeggen ja" in text(client.get("/mijn/"))
    response = client.get("/mijn/regeling/overeenkomst/")
    seen = response.context["hash"]
    assert seen in text(response)
    client.post("/mijn/regeling/overeenkomst/tekenen/", {"gezien": "f" * 64, "read": "on"})
    with act_as(citizen_scope(case.citizen)):
        assert not Arrangement.objects.exists()
    signing = {"gezien": seen, "read": "on"}
    assert client.post("/mijn/regeling/overeenkomst/tekenen/", signing)["Location"] == "/mijn/"
    client.post("/mijn/regeling/overeenkomst/tekenen/", {"gezien": seen})
    with act_as(citizen_scope(case.citizen)):
        assert Arrangement.objects.get().agreement_hash == seen
    jobs.run_all()
    assert client.get("/mijn/regeling/overeenkomst.pdf").content.startswith(b"%PDF")
    documents = text(client.get("/mijn/documenten/"))
    with act_as(citizen_scope(case.citizen)):
        document = Document.objects.get()
    assert str(document.public_id) in documents
    assert "In het kort" in text(client.get(f"/mijn/documenten/{document.public_id}/"))
    assert "U heeft getekend" in text(client.get("/mijn/regeling/overeenkomst/"))


def running(case: Case) -> Arrangement:
    agreed(case)
    arrangement = case.sign()
    jobs.run_all()
    return arrangement


def test_the_rows_of_the_overview_add_up_to_the_cent(client: Client) -> None:
    case = make_case(1_000_01, 2_000_02, 600_33, not_dischargeable={2})
    running(case)
    logged_in(client, case.citizen)
    response = client.get("/mijn/")
    totals = response.context["totals"]
    rows = [row.figures for row in response.context["overview"].creditors]
    assert totals.start_cents == 3_600_36
    assert totals.start_cents == totals.paid_cents + totals.to_pay_cents + totals.waived_cents + totals.remains_cents
    for name in ("start_cents", "paid_cents", "to_pay_cents", "waived_cents", "remains_cents", "open_cents"):
        assert sum(getattr(row, name) for row in rows) == getattr(totals, name)
    page = text(response)
    assert "€ 3.600,36" in page
    assert "U heeft 0 van de 36 keer betaald. U heeft er nog 36 te gaan." in page
    assert page.count('data-label="Stand"') == 36
    assert sum(part.width for part in response.context["bar"]) == 320
    assert "Uw eerste betaling" in page
    assert "Noor Bakker" in page


def test_paying_starts_with_the_amount_of_our_own_row(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    arrangement = running(case)
    logged_in(client, case.citizen)
    assert "€ 45" in text(client.get("/mijn/betalen/"))
    response = client.post("/mijn/betalen/", {"amount": "1"})
    with act_as(citizen_scope(case.citizen)):
        payment = Payment.objects.get()
    assert payment.amount_cents == arrangement.monthly_cents
    assert response["Location"] == payment.link
    assert "onderweg" in text(client.get(f"/mijn/betalen/resultaat/{payment.public_id}/"))
    assert "Alle maanden" in text(client.get("/mijn/betalingen/"))


def test_a_pay_link_shows_amount_and_month_and_nobody(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    arrangement = running(case)
    with act_as(citizen_scope(case.citizen)):
        token: UUID = arrangement.installments.order_by("number")[0].pay_token
    page = text(client.get(f"/b/{token}/"))
    assert "€ 45" in page
    assert case.citizen.family_name not in page
    assert all(creditor.name not in page for creditor in case.creditors)
    response = client.post(f"/b/{token}/")
    with act_as(citizen_scope(case.citizen)):
        payment = Payment.objects.get()
    assert response["Location"] == payment.link
    assert "onderweg" in text(client.get(f"/b/resultaat/{payment.public_id}/"))
    assert client.get(f"/b/{uuid4()}/").status_code == 404


def test_somebody_elses_papers_do_not_exist(client: Client) -> None:
    theirs = make_case(1_000_00, 2_000_00)
    running(theirs)
    with act_as(citizen_scope(theirs.citizen)):
        document = Document.objects.get()
        answer = theirs.answer_of(0)
    logged_in(client)
    for address in (
        f"/mijn/documenten/{document.public_id}/",
        f"/mijn/documenten/{document.public_id}.pdf",
        f"/mijn/betalen/resultaat/{uuid4()}/",
        f"/mijn/berichten/{uuid4()}/",
        "/mijn/regeling/overeenkomst.pdf",
    ):
        assert client.get(address).status_code == 404, address
    assert client.post(f"/mijn/voorstel/zonder/{answer.public_id}/").status_code == 404
    assert client.post(f"/mijn/helpers/{uuid4()}/stop/").status_code == 404


def test_a_helper_is_stopped_at_once(client: Client) -> None:
    citizen = make_citizen()
    coach_client = Client()
    mandate = acting_coach(coach_client, citizen)
    address = f"/namens/{mandate.public_id}/"
    assert coach_client.get(address).status_code == 200
    assert coach_client.get(f"{address}helpers/").status_code == 403
    logged_in(client, citizen)
    assert "Sam Visser mag u helpen" in text(client.get("/mijn/helpers/"))
    client.post(f"/mijn/helpers/{mandate.public_id}/stop/")
    assert "Geen coach kan nu uw gegevens zien" in text(client.get("/mijn/helpers/"))
    assert coach_client.get(address).status_code == 404


def test_everything_we_sent_can_be_read_again(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    logged_in(client, case.citizen)
    page = text(client.get("/mijn/berichten/"))
    assert "Goed nieuws over uw voorstel" in page
    address = re.search(r"/mijn/berichten/[0-9a-f-]{36}/", page)
    assert address
    assert "Goed nieuws: alle organisaties zeggen ja." in text(client.get(address[0]))


def test_a_telephone_number_is_kept_and_a_wrong_one_is_asked_again(client: Client) -> None:
    citizen = logged_in(client)
    assert "klopt niet" in text(client.post("/mijn/gegevens/", {"phone": "bel mij"}))
    client.post("/mijn/gegevens/", {"phone": "06 12 34 56 78"})
    with act_as(citizen_scope(citizen)):
        citizen.refresh_from_db()
    assert citizen.phone == "06 12 34 56 78"
    assert citizen.family_name == "Jansen"
