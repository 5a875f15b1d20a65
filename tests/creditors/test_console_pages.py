"""The console as its users see it: answers, balances, policy, and nothing of anybody else."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, reverse

from arrangements.domain.lifecycle import AnswerState, ClaimState
from arrangements.models import Answer, Claim, Document, PayoutBatch, PayoutLine, Proposal
from arrangements.operations.answer_proposal import accept
from creditors.console.urls import urlpatterns as console_urls
from creditors.models import AcceptancePolicy, ClaimImport, CreditorMember, UploadedClaim
from creditors.operations.set_policy import set_policy
from creditors.policies.claims_file import COLUMNS
from infra import clock, jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from kernel.cents import format_euro
from kernel.working_days import add_working_days
from tests.factories.creditors import claim_line, claims_file, imported, named_claim, upload
from tests.factories.people import creditor_scope, make_creditor, make_member
from tests.factories.plans import Case, agreed, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """Three creditors, the second preferent; a proposal of 45 euro a month for 36 months waits for them."""
    made = make_case(3_000_00, 1_000_00, 2_000_00, preferent={1})
    submitted(made, story="Ik raakte mijn baan kwijt.", story_cause="work", story_readers="everybody")
    return made


def login(member: CreditorMember) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def page_of(answer: Answer, name: str = "voorstel") -> str:
    return reverse(f"console:{name}", kwargs={"answer": answer.public_id})


def text(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def exact(cents: int) -> str:
    return format_euro(cents, whole=False)


def state_of(case: Case, number: int, proposal: Proposal | None = None) -> str:
    return str(case.answer_of(number, proposal).state)


# --- the work queue ----------------------------------------------------------------------------------------------


def test_the_work_queue_shows_what_waits_with_the_working_days_left(case: Case) -> None:
    response = login(case.members[0]).get(reverse("console:werkvoorraad"))
    shown = text(response)
    assert response.status_code == 200
    assert case.claims[0].reference in shown
    assert "nog 10 werkdagen" in shown
    assert re.search(r"Te doen <span class=\"count\">1<", shown)
    assert re.search(r"Loopt af <span class=\"count\">0<", shown)


def test_a_proposal_moves_to_the_other_tab_when_its_days_run_out(case: Case) -> None:
    answer = case.answer_of(0)
    assert answer.answer_by is not None
    clock.set_today(answer.answer_by)
    shown = text(login(case.members[0]).get(reverse("console:werkvoorraad"), {"tab": "loopt-af"}))
    assert case.claims[0].reference in shown
    assert "vandaag de laatste dag" in shown
    clock.set_today(add_working_days(answer.answer_by, 2))
    assert "2 werkdagen te laat" in text(login(case.members[0]).get(reverse("console:werkvoorraad")))


def test_an_answered_proposal_stands_under_afgehandeld(case: Case) -> None:
    case.say_yes(0)
    client = login(case.members[0])
    assert "Alles is gedaan" in text(client.get(reverse("console:werkvoorraad")))
    assert case.claims[0].reference in text(client.get(reverse("console:werkvoorraad"), {"tab": "afgehandeld"}))


# --- one proposal ------------------------------------------------------------------------------------------------


def test_the_share_can_be_worked_out_from_the_figures_on_the_page(case: Case) -> None:
    answer = case.answer_of(0)
    shown = text(login(case.members[0]).get(page_of(answer)))
    # 45 x 36 = 1.620; claims 6.000 of which 1.000 preferent counts double: 7.000; 1.620 x 3.000 / 7.000 = 694,29.
    for figure in (1_620_00, 6_000_00, 1_000_00, 7_000_00, 694_29, 3_000_00):
        assert exact(figure) in shown
    # The odd cent goes to whoever falls short most, and the page says so.
    assert answer.share_cents == 694_28
    assert f"Het aanbod is {exact(694_28)}" in shown
    assert "23,14 %" in shown


def test_a_preferent_creditor_sees_the_double_percentage(case: Case) -> None:
    answer = case.answer_of(1)
    shown = text(login(case.members[1]).get(page_of(answer)))
    assert f"2 × {exact(1_620_00)} × {exact(1_000_00)} ÷ {exact(7_000_00)} = {exact(462_86)}." in shown
    assert abs(answer.share_cents - 462_86) <= 1


def test_a_story_that_was_shared_stands_above_the_figures(case: Case) -> None:
    shown = text(login(case.members[0]).get(page_of(case.answer_of(0))))
    assert "Ik raakte mijn baan kwijt." in shown
    assert shown.index("Ik raakte mijn baan kwijt.") < shown.index("Het aanbod aan u")


def test_a_story_that_was_not_shared_is_nowhere() -> None:
    made = make_case(3_000_00)
    submitted(made, story="Ik ben ziek geweest.", story_readers="helper")
    shown = text(login(made.members[0]).get(page_of(made.answer_of(0))))
    assert "ziek" not in shown
    assert "verhaal" not in shown


def test_a_yes_is_stored_and_the_next_proposal_is_offered(case: Case) -> None:
    other = make_case(500_00, 700_00)
    submitted(other)
    with as_worker("test"):
        # The same creditor has a second proposal waiting.
        Answer.objects.filter(pk=other.answer_of(0).pk).update(creditor=case.creditors[0])
        second = Answer.objects.get(creditor=case.creditors[0], proposal=other.proposal)
    answer = case.answer_of(0)
    response = login(case.members[0]).post(
        page_of(answer, "akkoord"), {"seen_hash": case.proposal.content_hash if case.proposal else ""}, follow=True
    )
    assert state_of(case, 0) == AnswerState.ACCEPTED
    assert "Gegeven door Kees Clerk" in text(response)
    assert page_of(second) in text(response)
    assert "Akkoord</button>" not in text(response)


def test_a_refusal_needs_a_code(case: Case) -> None:
    answer, client = case.answer_of(0), login(case.members[0])
    assert "Wat is de reden?" in text(client.get(page_of(answer, "weigeren")))
    assert case.proposal is not None
    seen = {"seen_hash": case.proposal.content_hash}
    assert "Kies een reden." in text(client.post(page_of(answer, "weigeren"), seen))
    without_detail = client.post(page_of(answer, "weigeren"), {**seen, "code": "below_our_norm"})
    assert "Bij deze reden hoort een toelichting" in text(without_detail)
    assert state_of(case, 0) == AnswerState.OPEN
    done = client.post(
        page_of(answer, "weigeren"), {**seen, "code": "below_our_norm", "note": "Onze norm is 30 %."}, follow=True
    )
    assert "Onze norm is 30 %." in text(done)
    assert state_of(case, 0) == AnswerState.REFUSED


def test_another_balance_gives_everybody_a_new_version(case: Case) -> None:
    answer, client = case.answer_of(0), login(case.members[0])
    assert case.proposal is not None
    old = case.proposal
    form = {"seen_hash": old.content_hash, "claim": case.claims[0].pk, "amount": "2.500,50"}
    same = client.post(page_of(answer, "saldo-wijkt-af"), {**form, "amount": "3000"})
    assert "saldo dat er al staat" in text(same)
    done = client.post(page_of(answer, "saldo-wijkt-af"), form, follow=True)
    assert exact(2_500_50) in text(done)
    jobs.run_all()
    old_page = text(client.get(page_of(answer)))
    assert "Dit voorstel is gewijzigd." in old_page
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        new = Proposal.objects.get(citizen=case.citizen, version=2)
        mine = Answer.objects.get(proposal=new)
    assert mine.outstanding_cents == 2_500_50
    assert page_of(mine) in old_page


def test_a_claim_of_another_proposal_cannot_be_named_in_the_form(case: Case) -> None:
    assert case.proposal is not None
    form = {"seen_hash": case.proposal.content_hash, "claim": case.claims[1].pk, "amount": "1,00"}
    response = login(case.members[0]).post(page_of(case.answer_of(0), "saldo-wijkt-af"), form)
    assert response.status_code == 200
    assert state_of(case, 0) == AnswerState.OPEN


def test_the_second_decider_hears_who_was_first(case: Case) -> None:
    colleague = make_member(case.creditors[0], name="Anna Eerst")
    assert case.proposal is not None
    answer = case.answer_of(0)
    with act_as(creditor_scope(case.creditors[0], colleague)):
        accept(answer=answer, seen_hash=case.proposal.content_hash, user=colleague.user)
    client = login(case.members[0])
    seen = {"seen_hash": case.proposal.content_hash}
    for name, form in (("akkoord", seen), ("weigeren", {**seen, "code": "no_cooperation"})):
        response = client.post(page_of(answer, name), form)
        assert response.status_code == 409
        assert "Anna Eerst" in text(response)
    assert "Anna Eerst" in text(client.get(page_of(answer, "weigeren")))
    assert state_of(case, 0) == AnswerState.ACCEPTED


def test_an_answer_to_a_version_that_no_longer_counts_is_not_taken(case: Case) -> None:
    client = login(case.members[0])
    answer = case.answer_of(0)
    response = client.post(page_of(answer, "akkoord"), {"seen_hash": "0" * 64})
    assert response.status_code == 409
    assert "Gewijzigd, kijk opnieuw" in text(response)
    assert client.post(page_of(answer, "akkoord")).status_code == 409
    assert state_of(case, 0) == AnswerState.OPEN


def test_an_unanswered_proposal_can_still_be_accepted_but_not_refused(case: Case) -> None:
    answer = case.answer_of(0)
    with as_worker("test"):
        Answer.objects.filter(pk=answer.pk).update(state=AnswerState.UNANSWERED)
    client = login(case.members[0])
    shown = text(client.get(page_of(answer)))
    assert "Akkoord</button>" in shown
    assert page_of(answer, "weigeren") not in shown
    assert client.get(page_of(answer, "weigeren")).status_code == 409
    assert case.proposal is not None
    client.post(page_of(answer, "akkoord"), {"seen_hash": case.proposal.content_hash})
    assert state_of(case, 0) == AnswerState.ACCEPTED


def test_a_get_never_accepts(case: Case) -> None:
    assert login(case.members[0]).get(page_of(case.answer_of(0), "akkoord")).status_code == 405


def test_an_automatic_yes_says_which_conditions_held() -> None:
    made = make_case(3_000_00)
    manager = make_member(made.creditors[0], role="manager")
    with act_as(creditor_scope(made.creditors[0], manager)):
        set_policy(creditor=made.creditors[0], user=manager.user, minimum_basis_points=2_000)
    submitted(made)
    jobs.run_all()
    shown = text(login(made.members[0]).get(page_of(made.answer_of(0))))
    assert "uw beleid, versie 1" in shown
    assert "aangeboden 54,00 %, beleid vraagt ten minste 20,00 %: ja" in shown


# --- balances ----------------------------------------------------------------------------------------------------


def test_a_balance_is_confirmed_on_its_own_page() -> None:
    creditor = make_creditor()
    claim = named_claim(creditor)
    client = login(make_member(creditor))
    assert claim.reference in text(client.get(reverse("console:saldo")))
    where = reverse("console:saldo-bevestigen", kwargs={"claim": claim.public_id})
    assert "Vul een bedrag in" in text(client.post(where, {"amount": ""}))
    assert client.post(where, {"amount": "812,45"}).status_code == 302
    with act_as(creditor_scope(creditor)):
        claim.refresh_from_db()
    assert (claim.state, claim.confirmed_cents, claim.told_cents) == (ClaimState.CONFIRMED, 812_45, None)
    assert "Alles is bevestigd" in text(client.get(reverse("console:saldo")))
    assert "al: bevestigd" in text(client.get(where))


def test_a_balance_in_a_proposal_is_corrected_in_the_proposal(case: Case) -> None:
    with as_worker("test"):
        Claim.objects.filter(pk=case.claims[0].pk).update(state=ClaimState.DISPUTED)
    client = login(case.members[0])
    where = reverse("console:saldo-bevestigen", kwargs={"claim": case.claims[0].public_id})
    assert page_of(case.answer_of(0)) in text(client.get(where))
    client.post(where, {"amount": "1"})
    with act_as(creditor_scope(case.creditors[0])):
        case.claims[0].refresh_from_db()
    assert case.claims[0].confirmed_cents == 3_000_00


# --- policy ------------------------------------------------------------------------------------------------------


def test_a_manager_sets_replaces_and_stops_the_policy() -> None:
    creditor = make_creditor()
    client = login(make_member(creditor, role="manager", name="Mia Manager"))
    where = reverse("console:beleid")
    assert "Er staat geen beleid aan" in text(client.get(where))
    for wrong in ("", "abc", "101", "17,555", "１７"):
        assert "percentage" in text(client.post(where, {"minimum": wrong, "maximum_waived": ""}))
    assert client.post(where, {"minimum": "17,5", "maximum_waived": "5.000"}).status_code == 302
    assert client.post(where, {"minimum": "25", "maximum_waived": ""}).status_code == 302
    shown = text(client.get(where))
    assert "Versie 2 staat aan" in shown
    assert "17,50 %" in shown
    assert "Mia Manager" in shown
    assert client.post(reverse("console:beleid-stoppen")).status_code == 302
    assert "Er staat geen beleid aan" in text(client.get(where))
    with act_as(creditor_scope(creditor)):
        kept = AcceptancePolicy.objects.order_by("version").values_list(
            "version", "minimum_basis_points", "valid_until"
        )
        assert list(kept) == [(1, 1_750, clock.today()), (2, 2_500, clock.today())]


def test_a_clerk_cannot_set_or_stop_a_policy() -> None:
    creditor = make_creditor()
    client = login(make_member(creditor))
    assert client.get(reverse("console:beleid")).status_code == 403
    assert client.post(reverse("console:beleid"), {"minimum": "1"}).status_code == 403
    assert client.post(reverse("console:beleid-stoppen")).status_code == 403
    assert reverse("console:beleid") not in text(client.get(reverse("console:werkvoorraad")))


# --- claims ------------------------------------------------------------------------------------------------------


def test_a_file_is_uploaded_read_and_its_codes_can_be_downloaded() -> None:
    creditor = make_creditor()
    client = login(make_member(creditor))
    content = claims_file(claim_line())
    sent = client.post(reverse("console:upload"), {"file": SimpleUploadedFile("maart.csv", content)})
    assert sent.status_code == 302
    busy = client.get(sent.headers["Location"])
    assert busy.headers["Refresh"] == "3"
    assert "Ververs" in text(busy)
    jobs.run_all()
    done = client.get(sent.headers["Location"])
    assert "Refresh" not in done.headers
    assert "Alle 1 vorderingen zijn opgeslagen" in text(done)
    codes = text(client.get(reverse("console:codes")))
    assert re.search(r"K-1;F-1;[A-Z0-9]{4}-[A-Z0-9]{4};", codes)
    again = text(client.post(reverse("console:upload"), {"file": SimpleUploadedFile("maart.csv", content)}))
    assert "al opgestuurd" in again
    assert sent.headers["Location"] in again


def test_the_code_on_the_list_opens_the_claim() -> None:
    from arrangements.operations.collect_claims import open_by_invitation
    from tests.factories.people import citizen_scope, make_citizen

    creditor = make_creditor()
    member = make_member(creditor)
    imported(creditor, member, claims_file(claim_line()))
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text(login(member).get(reverse("console:codes"))))
    assert code is not None
    citizen = make_citizen(anchored=False)
    with act_as(citizen_scope(citizen)):
        assert open_by_invitation(citizen=citizen, code=code[0]).reference == "F-1"


def test_every_wrong_line_is_on_the_page_and_in_the_download() -> None:
    creditor = make_creditor()
    member = make_member(creditor)
    row = imported(creditor, member, claims_file(claim_line(Postcode="12345"), claim_line(Rente="=SOM(A1)")))
    client = login(member)
    shown = text(client.get(reverse("console:import", kwargs={"claim_import": row.public_id})))
    assert "Dit bestand is niet opgeslagen" in shown
    assert "Dit is geen postcode" in shown
    down = client.get(reverse("console:import-fouten", kwargs={"claim_import": row.public_id}))
    assert down.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in down.headers["Content-Security-Policy"]
    assert [line.split(";")[:2] for line in down.content.decode("utf-8-sig").splitlines()] == [
        ["Regel", "Kolom"],
        ["2", "Postcode"],
        ["3", "FactuurnummerSE"],
        ["3", "Rente"],
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "Dit bestand is leeg"), (b"PK\x03\x04", "Dit is een Excel-bestand"), (b"%PDF-1.7", "Dit is een PDF")],
)
def test_a_file_that_is_no_csv_is_refused_on_the_page(content: bytes, sentence: str) -> None:
    client = login(make_member(make_creditor()))
    response = client.post(reverse("console:upload"), {"file": SimpleUploadedFile("x.csv", content)})
    assert sentence in text(response)
    assert "<title>Fout: " in text(response)


def test_a_form_without_a_file_asks_for_one() -> None:
    client = login(make_member(make_creditor()))
    assert "Kies een bestand." in text(client.post(reverse("console:upload")))


def test_a_report_of_thousands_of_lines_shows_the_first_thousand() -> None:
    creditor = make_creditor()
    member = make_member(creditor)
    row = imported(creditor, member, claims_file(*["x"] * 1_500))
    client = login(member)
    shown = text(client.get(reverse("console:import", kwargs={"claim_import": row.public_id})))
    assert "1500 fouten" in shown.replace(".", "")
    assert shown.count(f"Het moeten er {len(COLUMNS)} zijn") == 1_000
    down = client.get(reverse("console:import-fouten", kwargs={"claim_import": row.public_id}))
    assert len(down.content.splitlines()) == 1_501


# --- arrangements and payouts ------------------------------------------------------------------------------------


def test_an_arrangement_shows_the_own_lines_and_the_extract() -> None:
    made = make_case(3_000_00, 1_000_00)
    agreed(made)
    arrangement = made.sign()
    jobs.run_all()
    client = login(made.members[0])
    assert made.claims[0].reference in text(client.get(reverse("console:regelingen")))
    shown = text(client.get(reverse("console:regeling", kwargs={"arrangement": arrangement.public_id})))
    assert made.claims[0].reference in shown
    assert made.claims[1].reference not in shown
    assert made.creditors[1].name not in shown
    with as_worker("test"):
        paper, _ = Document.objects.get_or_create(
            arrangement=arrangement,
            kind=Document.Kind.EXTRACT,
            creditor=made.creditors[0],
            defaults={
                "reference": "U-1",
                "content": {},
                "pdf": b"%PDF-1.7 extract",
                "sha256": "0" * 64,
                "made_on": clock.today(),
            },
        )
    where = reverse("console:document", kwargs={"document": paper.public_id})
    assert where in text(client.get(reverse("console:regeling", kwargs={"arrangement": arrangement.public_id})))
    down = client.get(where)
    assert down.content.startswith(b"%PDF")
    assert down.headers["Content-Disposition"].startswith("attachment")
    assert login(made.members[1]).get(where).status_code == 404


@pytest.fixture
def paid_out() -> tuple[Case, PayoutBatch]:
    made = make_case(3_000_00, 1_000_00)
    agreed(made)
    arrangement = made.sign()
    with as_worker("test"):
        batch = PayoutBatch.objects.create(
            creditor=made.creditors[0],
            run_date=clock.today(),
            number="P-TEST-1",
            total_cents=33_75,
            line_count=1,
            iban=made.creditors[0].iban,
            state="submitted",
        )
        PayoutLine.objects.create(
            batch=batch,
            creditor=made.creditors[0],
            claim=made.claims[0],
            arrangement=arrangement,
            amount_cents=33_75,
            reference="=1+1",
            end_to_end_id="E-1",
        )
    return made, batch


def test_a_payout_lists_its_cases_and_gives_both_files(paid_out: tuple[Case, PayoutBatch]) -> None:
    made, batch = paid_out
    client = login(made.members[0])
    assert "P-TEST-1" in text(client.get(reverse("console:uitbetalingen")))
    assert exact(33_75) in text(client.get(reverse("console:uitbetaling", kwargs={"payout": batch.public_id})))
    specification = client.get(reverse("console:specificatie", kwargs={"payout": batch.public_id}))
    last = specification.content.decode("utf-8-sig").splitlines()[-1]
    assert ";'=1+1;E-1;" in last
    assert last.endswith(";33,75")


def test_messages_to_the_organisation_are_on_their_page(case: Case) -> None:
    assert "Er staat een voorstel voor u klaar" in text(login(case.members[0]).get(reverse("console:berichten")))


# --- the walls ---------------------------------------------------------------------------------------------------


def test_somebody_elses_objects_do_not_exist(case: Case, paid_out: tuple[Case, PayoutBatch]) -> None:
    made, batch = paid_out
    stranger = login(make_member(make_creditor(), role="manager"))
    row = upload(case.creditors[0], case.members[0], claims_file(claim_line()))
    with act_as(creditor_scope(made.creditors[0])):
        arrangement = made.proposal.arrangement if made.proposal else None
    assert arrangement is not None
    answer = case.answer_of(0)
    addresses = [
        *(page_of(answer, name) for name in ("voorstel", "weigeren", "saldo-wijkt-af")),
        reverse("console:saldo-bevestigen", kwargs={"claim": case.claims[0].public_id}),
        reverse("console:import", kwargs={"claim_import": row.public_id}),
        reverse("console:import-fouten", kwargs={"claim_import": row.public_id}),
        reverse("console:regeling", kwargs={"arrangement": arrangement.public_id}),
        *(reverse(f"console:{name}", kwargs={"payout": batch.public_id}) for name in ("uitbetaling", "specificatie")),
        reverse("console:document", kwargs={"document": uuid4()}),
    ]
    for address in addresses:
        assert stranger.get(address).status_code == 404, address
    assert case.proposal is not None
    assert stranger.post(page_of(answer, "akkoord"), {"seen_hash": case.proposal.content_hash}).status_code == 404


def test_no_page_of_another_creditor_holds_anything_of_this_case(case: Case) -> None:
    imported(case.creditors[0], case.members[0], claims_file(claim_line(FactuurnummerSE="KANARIE-1")))
    stranger = login(make_member(make_creditor(), role="manager"))
    names = [pattern.name for pattern in console_urls if pattern.name]
    visited = 0
    for name in names:
        try:
            address = reverse(f"console:{name}")
        except NoReverseMatch:
            continue  # the address of one object; those are in the test above
        shown = text(stranger.get(address))
        visited += 1
        for marker in ("KANARIE-1", case.claims[0].reference, case.creditors[0].name):
            assert marker not in shown, (name, marker)
    assert visited >= 9


def test_the_console_is_closed_for_others() -> None:
    anonymous = Client().get(reverse("console:werkvoorraad"))
    assert anonymous.status_code == 302
    assert reverse("inloggen") in anonymous.headers["Location"]
    made = make_case(1_000_00)
    citizen = Client()
    assert made.citizen.user is not None
    citizen.force_login(made.citizen.user)
    assert citizen.get(reverse("console:werkvoorraad")).status_code == 403


def test_a_seat_that_was_taken_away_works_at_once_no_more() -> None:
    member = make_member(make_creditor())
    client = login(member)
    assert client.get(reverse("console:werkvoorraad")).status_code == 200
    with as_worker("test"):
        CreditorMember.objects.filter(pk=member.pk).update(active=False)
    assert client.get(reverse("console:werkvoorraad")).status_code == 403


def test_the_totals_of_a_proposal_are_only_told_to_who_takes_part(case: Case) -> None:
    assert case.proposal is not None
    with act_as(creditor_scope(make_creditor())), connection.cursor() as cursor:
        cursor.execute("SELECT claims, total_cents FROM proposal_totals(%s)", [case.proposal.pk])
        assert cursor.fetchone() == (0, None)


def test_paging_keeps_the_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creditors.console.views.frame.PER_PAGE", 1)
    creditor = make_creditor()
    member = make_member(creditor)
    imported(creditor, member, claims_file(claim_line(), claim_line(FactuurnummerSE="F-2")))
    client = login(member)
    assert "Pagina 1 van 2" in text(client.get(reverse("console:vorderingen")))
    assert "F-2" in text(client.get(reverse("console:vorderingen"), {"pagina": "2"}))
    assert "Pagina 2 van 2" in text(client.get(reverse("console:vorderingen"), {"pagina": "99"}))


def test_old_files_and_messages_do_not_load_their_contents(django_assert_max_num_queries: object) -> None:
    creditor = make_creditor()
    member = make_member(creditor)
    for number in range(3):
        imported(creditor, member, claims_file(claim_line(FactuurnummerSE=f"F-{number}")))
    with act_as(creditor_scope(creditor)):
        assert ClaimImport.objects.count() == UploadedClaim.objects.count() == 3
        assert Message.objects.count() == 0
    client = login(member)
    with django_assert_max_num_queries(25):  # type: ignore[operator]  # a fixture of pytest-django
        client.get(reverse("console:vorderingen"))


def test_a_deadline_is_counted_in_working_days() -> None:
    from creditors.console.presenters import deadline

    friday = clock.today().replace(year=2026, month=11, day=27)
    assert deadline(friday + timedelta(days=3), friday).text == "nog 1 werkdag"
    assert deadline(friday, friday + timedelta(days=1)).text == "termijn is voorbij"
    assert deadline(friday, friday + timedelta(days=3)).text == "1 werkdag te laat"
