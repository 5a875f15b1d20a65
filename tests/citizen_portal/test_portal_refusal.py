"""After a no or silence, by an ordinary client: the choice before it is made, and what each party sees of it."""

import io
from datetime import date

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.models import Citizen, Mandate, User
from arrangements.domain.lifecycle import ClaimState, ProposalState, RefusalCode
from arrangements.models import CaseTask, Claim, CreditorInvitation, Document, MunicipalRoute, Proposal
from arrangements.operations.invite_creditor import code_of
from creditors.models import CreditorMember
from infra import clock, jobs
from infra.models import Message
from infra.scope import as_worker
from tests.factories import refusals
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.norms import make_desk
from tests.factories.people import make_creditor
from tests.factories.plans import Case, make_case, submitted
from tests.support import reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def text(response: object) -> str:
    body = response.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined]  # a test response
    return " ".join(body.split())


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def coach_of(citizen: Citizen) -> tuple[Client, Mandate]:
    """A coach who works for this citizen."""
    client = Client()
    return client, acting_coach(client, citizen)


def staff(member: CreditorMember) -> Client:
    return browser(member.user)


def refused() -> Case:
    """Three organisations, 40 euro a month; the third, half of everything, says no."""
    case = make_case(1_000_00, 1_000_00, 2_000_00)
    submitted(case, declared=40_00)
    case.say_yes(0)
    refusals.say_no(case, 2, RefusalCode.BELOW_OUR_NORM, "Wij vragen 80 %.")
    jobs.run_all()
    return case


def choice_of(case: Case, number: int) -> str:
    return f"/mijn/voorstel/keuze/{case.answer_of(number).public_id}/"


# --- the choice ----------------------------------------------------------------------------------------------------


def test_the_consequences_stand_there_before_anything_is_chosen(client: Client) -> None:
    case = refused()
    logged_in(client, case.citizen)
    assert choice_of(case, 2) in text(client.get("/mijn/voorstel/"))
    page = text(client.get(choice_of(case, 2)))
    for told in (
        "Deze organisatie vindt het bedrag te laag.",
        "Wij vragen 80 %.",
        "50 procent",
        "1 van de 3 organisaties zegt ja",
        "€ 20</strong> per maand",
        "Nu is dat € 40",
        "zelf geld vragen",
        "deurwaarder",
        "Wachten mag altijd",
        "/mijn/voorstel/gemeente/",
        "/mijn/voorstel/stoppen/",
    ):
        assert told in page, told
    with as_worker("test"):
        assert Proposal.objects.count() == 1


def test_between_the_choice_and_the_new_version_the_page_says_so_and_offers_nothing(client: Client) -> None:
    case = refused()
    logged_in(client, case.citizen)
    address = choice_of(case, 2)
    client.post(f"/mijn/voorstel/zonder/{case.answer_of(2).public_id}/")
    page = text(client.get(address))
    assert "Wij maken het nieuwe voorstel" in page
    assert "<button" not in page.split("<main")[1].split("</main>")[0]
    assert "U gaat verder zonder hen." in text(client.get("/mijn/voorstel/"))
    assert "U kunt iets kiezen" not in text(client.get("/mijn/"))
    jobs.run_all()
    assert client.get(address)["Location"] == "/mijn/voorstel/"


def test_a_choice_about_somebody_who_says_yes_is_no_choice(client: Client) -> None:
    case = refused()
    logged_in(client, case.citizen)
    assert client.get(choice_of(case, 0))["Location"] == "/mijn/voorstel/"


def test_without_anybody_else_going_on_is_not_offered_but_the_other_ways_are(client: Client) -> None:
    case = make_case(1_000_00)
    submitted(case)
    refusals.say_no(case, 0)
    jobs.run_all()
    logged_in(client, case.citizen)
    page = text(client.get(choice_of(case, 0)))
    assert "Dit kan nu niet." in page
    assert "Ga verder zonder hen" not in page
    assert "/mijn/voorstel/gemeente/" in page


def test_a_coach_sees_the_choice_and_leaves_it_to_the_client() -> None:
    case = refused()
    coach, mandate = coach_of(case.citizen)
    answer = case.answer_of(2).public_id
    page = text(coach.get(f"/namens/{mandate.public_id}/voorstel/keuze/{answer}/"))
    assert "Uw cliënt kiest dit zelf" in page
    assert "€ 20</strong> per maand" in page
    assert "Ga verder zonder hen" not in page
    assert coach.post(f"/namens/{mandate.public_id}/voorstel/zonder/{answer}/").status_code == 403
    assert coach.post(f"/namens/{mandate.public_id}/voorstel/gemeente/", {"body_kind": "unknown"}).status_code == 403
    with as_worker("test"):
        assert not MunicipalRoute.objects.exists()


def test_somebody_elses_choice_is_not_there(client: Client) -> None:
    case = refused()
    logged_in(client, make_case(1_000_00).citizen)
    assert client.get(choice_of(case, 2)).status_code == 404


# --- the municipal route -------------------------------------------------------------------------------------------


def test_the_municipal_route_says_what_we_are_not_and_gives_one_file_with_everything(client: Client) -> None:
    case = refused()
    logged_in(client, case.citizen)
    before = text(client.get("/mijn/voorstel/gemeente/"))
    assert "Die vraagt eerst om hulp van een erkende organisatie." in before
    assert "Wij zijn dat niet." in before
    answer = client.post("/mijn/voorstel/gemeente/", {"body_kind": "gemeente", "body_name": "Gemeente Bronveen"})
    assert answer["Location"] == "/mijn/voorstel/gemeente/"
    page = text(client.get("/mijn/voorstel/gemeente/"))
    assert "Gemeente Bronveen" in page
    assert "Wij kijken nog na of deze organisatie erkend is." in page
    with as_worker("test"):
        document = Document.objects.get(kind=Document.Kind.MUNICIPAL)
        route = MunicipalRoute.objects.get()
        task = CaseTask.objects.get(kind=CaseTask.Kind.MUNICIPAL_ROUTE)
    assert f"/mijn/documenten/{document.public_id}.pdf" in page
    assert (route.body_kind, route.is_recognised, route.chosen_on) == ("gemeente", "unknown", date(2026, 11, 23))
    assert task.assigned_to_id == case.citizen.director_id
    pdf = client.get(f"/mijn/documenten/{document.public_id}.pdf").content
    told = " ".join("".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages).split())
    for creditor in case.creditors:
        assert creditor.name in told
    for word in (
        "Netto inkomen per maand",
        "1.900,00",
        "artikel 475da Rv",
        "2.208,48",  # a norm with its source
        "36,00 %",  # what everybody is offered
        "Deze organisatie vindt het bedrag te laag.",
        "Wij vragen 80 %.",
        "Versie 1: wie zei wat",
        "18 maanden",
        "Gemeente Bronveen",
        "Wij zijn dat niet.",
        "Noor Bakker",
    ):
        assert word in told, word


def test_the_file_holds_every_version_and_every_answer(client: Client) -> None:
    case = refused()
    refusals.without(case, 2)
    refusals.say_no(case, 1, RefusalCode.NO_COOPERATION)
    jobs.run_all()
    refusals.to_municipality(case)
    logged_in(client, case.citizen)
    with as_worker("test"):
        content = Document.objects.get(kind=Document.Kind.MUNICIPAL).content
    one, two = (section for section in content["sections"] if section["key"].startswith("versie-"))
    assert "vervangen door een nieuwe versie" in one["paragraphs"][0]
    assert [row[4] for row in sorted(one["table"]["rows"])] == ["ja", "nog open", "nee"]
    assert any("Zonder deze organisatie verder op 23-11-2026." in row[6] for row in one["table"]["rows"])
    assert [row[4] for row in sorted(two["table"]["rows"])] == ["ja", "nee"]


def test_the_proposal_goes_on_until_the_citizen_stops_it(client: Client) -> None:
    case = refusals.at_municipality()
    logged_in(client, case.citizen)
    assert refusals.newest(case).state == ProposalState.SUBMITTED
    assert "Stop uw voorstel" in text(client.get("/mijn/voorstel/gemeente/"))
    client.post("/mijn/voorstel/stoppen/")
    page = text(client.get("/mijn/voorstel/gemeente/"))
    assert "Download uw dossier" in page
    assert "Stop uw voorstel" not in page


def test_choosing_a_body_without_its_name_is_asked_about(client: Client) -> None:
    case = refused()
    logged_in(client, case.citizen)
    page = text(client.post("/mijn/voorstel/gemeente/", {"body_kind": "kredietbank", "body_name": ""}))
    assert "Vul de naam in. Of kies: Dat weet ik nog niet." in page
    client.post("/mijn/voorstel/gemeente/", {"body_kind": "unknown", "body_name": ""})
    with as_worker("test"):
        assert MunicipalRoute.objects.get().body_name == ""


def test_a_coach_records_whether_the_body_is_recognised_and_on_what_ground(client: Client) -> None:
    case = refusals.at_municipality()
    coach, mandate = coach_of(case.citizen)
    assert "Leg vast wie helpt" in text(coach.get(f"/coach/clienten/{mandate.public_id}/"))
    address = f"/coach/clienten/{mandate.public_id}/gemeente/"
    given = {"body_kind": "gemeente", "body_name": "Gemeente Bronveen", "is_recognised": "yes", "ground": ""}
    assert "Schrijf op waar dat uit blijkt." in text(coach.post(address, given))
    coach.post(address, given | {"ground": "artikel 48 lid 1 onder b Wck"})
    with as_worker("test"):
        route = MunicipalRoute.objects.get()
    assert (route.is_recognised, route.ground) == ("yes", "artikel 48 lid 1 onder b Wck")
    assert route.recorded_on == date(2026, 11, 23)
    assert route.recorded_by is not None
    logged_in(client, case.citizen)
    assert "Deze organisatie is erkend." in text(client.get("/mijn/voorstel/gemeente/"))


def test_the_desk_records_it_too_and_the_choice_itself_cannot_be_touched() -> None:
    refusals.at_municipality()
    desk = browser(make_desk())
    with as_worker("test"):
        route = MunicipalRoute.objects.get()
    address = f"/beheer/arrangements/municipalroute/{route.pk}/change/"
    assert "Gekozen op" in text(desk.get(address))
    given = {"body_kind": "other", "body_name": "Bureau Rood", "is_recognised": "no", "ground": ""}
    assert "Schrijf op waar dat uit blijkt." in text(desk.post(address, given))
    assert desk.post(address, given | {"ground": "geen besluit"}).status_code == 302
    with as_worker("test"):
        again = MunicipalRoute.objects.get()
    assert (again.body_name, again.is_recognised, again.chosen_on) == ("Bureau Rood", "no", route.chosen_on)


# --- the end -------------------------------------------------------------------------------------------------------


def test_when_everybody_said_no_the_next_steps_are_named(client: Client) -> None:
    case = refusals.refused_by_everybody()
    logged_in(client, case.citizen)
    assert "Bekijk wat nu kan" in text(client.get("/mijn/"))
    page = text(client.get("/mijn/voorstel/"))
    assert "Alle organisaties zeggen nee." in page
    assert "/mijn/voorstel/gemeente/" in page
    assert "/mijn/voorstel/opnieuw/" in page
    assert "Kijk straks nog eens" not in page
    assert client.get(choice_of(case, 0))["Location"] == "/mijn/voorstel/"
    client.post("/mijn/voorstel/gemeente/", {"body_kind": "unknown", "body_name": ""})
    assert "Download uw dossier" in text(client.get("/mijn/voorstel/gemeente/"))
    assert client.post("/mijn/voorstel/opnieuw/").status_code == 302


def test_before_stopping_the_consequences_are_told_and_after_it_there_are_ways_on(client: Client) -> None:
    case = refused()
    logged_in(client, case.citizen)
    page = text(client.get("/mijn/voorstel/stoppen/"))
    assert "Uw schulden blijven staan." in page
    assert "/mijn/voorstel/gemeente/" in page
    client.post("/mijn/voorstel/stoppen/")
    page = text(client.get("/mijn/"))
    assert "Opnieuw beginnen" in page
    assert "Hulp van uw gemeente" in page
    client.post("/mijn/voorstel/opnieuw/")
    assert 'value="1.900"' in text(client.get("/mijn/aanvraag/inkomen/"))


# --- joining later -------------------------------------------------------------------------------------------------


def test_who_was_left_out_sees_it_and_joins_with_one_button(client: Client) -> None:
    case = refused()
    refusals.without(case, 2)
    console = staff(case.members[2])
    listed = text(console.get("/schuldeiser/?tab=zonder-u"))
    address = f"/schuldeiser/voorstellen/{refusals.left_out(case, 2).public_id}/"
    assert address in listed
    page = text(console.get(address))
    assert "Toch meedoen" in page
    assert "€ 720,00" in page  # half of 1.440
    assert console.post(f"{address}meedoen/")["Location"] == address
    assert "U vroeg op" in text(console.get(address))
    jobs.run_all()
    newest = refusals.newest(case)
    assert newest.version == 3
    assert "Versie 3 telt nu" in text(console.get(address))
    assert address not in text(console.get("/schuldeiser/?tab=zonder-u"))
    logged_in(client, case.citizen)
    assert case.creditors[2].name in text(client.get("/mijn/voorstel/"))


def test_the_others_cannot_press_it_and_do_not_see_the_list() -> None:
    case = refused()
    refusals.without(case, 2)
    console = staff(case.members[0])
    address = f"/schuldeiser/voorstellen/{refusals.left_out(case, 2).public_id}/"
    assert address not in text(console.get("/schuldeiser/?tab=zonder-u"))
    assert console.post(f"{address}meedoen/").status_code == 404
    own = case.answer_of(0, refusals.newest(case)).public_id
    assert console.post(f"/schuldeiser/voorstellen/{own}/meedoen/").status_code == 409


# --- organisations nobody knows ------------------------------------------------------------------------------------


def named() -> tuple[Case, Claim, CreditorInvitation]:
    case = make_case(1_000_00)
    return case, *refusals.names_unknown(case)


def test_from_a_typed_name_to_an_organisation_that_is_asked_for_the_balance(client: Client) -> None:
    case, claim, invitation = named()
    desk_user = make_desk()
    desk = browser(desk_user)
    logged_in(client, case.citizen)
    assert "wij nodigen deze organisatie uit" in text(client.get("/mijn/"))
    detail = f"/beheer/arrangements/creditorinvitation/{invitation.pk}/"
    letter = desk.get(f"{detail}brief/")
    words = " ".join("".join(one.extract_text() for one in PdfReader(io.BytesIO(letter.content)).pages).split())
    code = code_of(invitation)
    assert f"{code[:4]}-{code[4:]}" in words
    assert "Garage Vliegensvlug" in words
    assert case.citizen.family_name not in words
    assert "300" not in words
    assert desk.post(f"{detail}change/", {"letter_sent": "on", "takes_part_as": ""}).status_code == 302
    assert "uitgenodigd op 23 november 2026" in text(client.get("/mijn/"))
    assert "Uitgenodigd op 23 november 2026." in text(client.get("/mijn/aanvraag/organisaties/"))

    nobody = Client()
    form = nobody.get(f"/organisaties/meedoen/{code[:4]}-{code[4:].lower()}/")
    assert 'value="Garage Vliegensvlug"' in text(form)
    assert case.citizen.family_name not in text(form)
    given = {"organisation": "Garage Vliegensvlug BV", "contact_name": "Bo Smit", "email": "bo@vlug.example"}
    done = nobody.post(f"/organisaties/meedoen/{code}/", given | {"kvk_number": "12 34 56 78"})
    assert "Uw aanmelding is binnen" in text(done)
    jobs.run_all()
    with as_worker("test"):
        row = CreditorInvitation.objects.get()
        assert Message.objects.filter(kind="invitation_answered", to_address=desk_user.email).count() == 1
        assert CaseTask.objects.filter(kind=CaseTask.Kind.UNKNOWN_CREDITOR).count() == 2
    assert (row.organisation, row.kvk_number, row.answered_on) == (
        "Garage Vliegensvlug BV",
        "12345678",
        date(2026, 11, 23),
    )
    assert "wil meedoen" in text(client.get("/mijn/"))

    real = make_creditor("Garage Vliegensvlug BV")
    assert desk.post(f"{detail}change/", {"letter_sent": "on", "takes_part_as": real.pk}).status_code == 302
    jobs.run_all()
    with as_worker("test"):
        moved = Claim.objects.get(pk=claim.pk)
        told = Message.objects.get(kind="balance_asked")
        assert Message.objects.filter(kind="creditor_linked", citizen_id=case.citizen.pk).count() == 1
    assert (moved.creditor_id, moved.state) == (real.pk, ClaimState.REPORTED)
    assert told.creditor_id == real.pk
    assert case.citizen.family_name not in told.body


def test_the_coach_prints_the_letter_and_says_it_is_sent() -> None:
    case, _claim, invitation = named()
    coach, mandate = coach_of(case.citizen)
    address = f"/coach/clienten/{mandate.public_id}/brief/{invitation.public_id}/"
    assert address in text(coach.get(f"/coach/clienten/{mandate.public_id}/"))
    assert coach.get(address).content.startswith(b"%PDF")
    assert coach.post(f"{address}verstuurd/").status_code == 302
    with as_worker("test"):
        assert CreditorInvitation.objects.get().sent_on == date(2026, 11, 23)


def test_a_coach_cannot_print_the_letter_of_somebody_elses_client() -> None:
    _case, _claim, invitation = named()
    coach, mandate = coach_of(make_case(1_000_00).citizen)
    assert coach.get(f"/coach/clienten/{mandate.public_id}/brief/{invitation.public_id}/").status_code == 404


def test_the_page_of_the_letter_says_what_is_wrong_at_the_field_and_keeps_what_was_typed() -> None:
    _case, _claim, invitation = named()
    address = f"/organisaties/meedoen/{code_of(invitation)}/"
    nobody = Client()
    typed = {"organisation": "Garage", "contact_name": "", "email": "bo", "kvk_number": "12"}
    page = text(nobody.post(address, typed))
    for sentence in ("Vul de naam in van een contactpersoon.", "Dit e-mailadres klopt niet.", "8 cijfers"):
        assert sentence in page
    assert 'value="Garage"' in page
    assert 'value="bo"' in page
    assert reading.faults(nobody.get(address).content.decode(), {"Garage Vliegensvlug"}) == []
    assert "Vul de naam van uw organisatie in." in text(nobody.post(address, {}))


def test_a_code_nobody_got_opens_nothing_and_guessing_stops() -> None:
    nobody = Client()
    page = nobody.get("/organisaties/meedoen/AAAA-AAAA/")
    assert page.status_code == 404
    assert reading.faults(page.content.decode()) == []
    for _ in range(40):
        page = nobody.get("/organisaties/meedoen/AAAA-AAAA/")
    assert page.status_code == 429
    assert reading.faults(page.content.decode()) == []


def test_linking_to_an_organisation_where_a_debt_stands_already_does_not_count_it_twice() -> None:
    case, claim, invitation = named()
    desk = browser(make_desk())
    given = {"letter_sent": "", "takes_part_as": case.creditors[0].pk}
    desk.post(f"/beheer/arrangements/creditorinvitation/{invitation.pk}/change/", given)
    jobs.run_all()
    with as_worker("test"):
        assert Claim.objects.get(pk=claim.pk).state == ClaimState.WITHDRAWN
        assert Claim.objects.get(pk=case.claims[0].pk).state == ClaimState.CONFIRMED
        task = CaseTask.objects.get(key=f"linked:{invitation.pk}")
    assert "dezelfde" in task.text
