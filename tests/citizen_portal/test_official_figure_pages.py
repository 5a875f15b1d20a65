"""The pages of the official figure: the citizen's, the coach's under /namens/ and in /coach/, and the photo behind it."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import Mandate
from accounts.operations.end_mandate import end_mandate
from arrangements.models import Application, Assessment, CaseTask, OfficialFigure, Proposal
from infra import clock
from infra.scope import act_as, as_worker
from tests.factories.citizens import acting_coach, fill_in_pages, logged_in
from tests.factories.papers import JPEG, PDF, paper_form, png, uploaded
from tests.factories.people import citizen_scope, login_of, make_director, make_user
from tests.factories.plans import Case, fill_in, make_case
from tests.support import reading

pytestmark = pytest.mark.django_db

PAGE = "/mijn/aanvraag/officieel-bedrag/"
LETTER_DAY = date(2026, 9, 3)


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def text(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]  # a test response


@pytest.fixture
def case(client: Client) -> Case:
    """Amber, because of other income; the citizen is logged in with `client`."""
    made = make_case(1_000_00, 2_000_00)
    logged_in(client, made.citizen)
    onward = fill_in_pages(
        client, bijzonder={"uncertain": "other_income"}, missen={"declared_cents": "400", "months": "36"}
    )
    assert onward == "/mijn/aanvraag/nog-even/"
    return made


def figure_of(case: Case) -> OfficialFigure:
    with as_worker("test"):
        return OfficialFigure.objects.filter(citizen=case.citizen).latest("pk")


def none_entered(case: Case) -> bool:
    with as_worker("test"):
        return not OfficialFigure.objects.filter(citizen=case.citizen).exists()


# --- the citizen -----------------------------------------------------------------------------------------------------


def test_a_photo_of_a_letter_turns_amber_into_a_proposal(client: Client, case: Case) -> None:
    page = text(client.get(PAGE))
    assert "Vul uw officiële bedrag in" in page
    assert "Ik heb het papier zelf gezien" not in page
    assert (
        client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded()))["Location"] == "/mijn/aanvraag/voorstel/"
    )
    assert "€ 400" in text(client.get("/mijn/aanvraag/voorstel/"))
    with act_as(citizen_scope(case.citizen)):
        assert Assessment.objects.first().verdict == "green"  # type: ignore[union-attr]  # there is one
        assert Assessment.objects.count() == 2  # one when it became amber, one for the paper
        assert not CaseTask.objects.filter(done_on=None).exists()
    listed = text(client.get(PAGE))
    assert "Dit bedrag telt nu." in listed
    assert "€ 1.450,00" in listed
    assert "uzelf" in listed


@pytest.mark.parametrize(
    ("amount", "declared", "onward"),
    [("1.890", "400", "let-op"), ("1.450", "0", "niets-missen"), ("1.450", "400", "voorstel")],
)
def test_after_saving_comes_the_page_that_tells_the_outcome(
    client: Client, case: Case, amount: str, declared: str, onward: str
) -> None:
    client.post("/mijn/aanvraag/missen/", {"declared_cents": declared, "months": "36"})
    answer = client.post(PAGE, paper_form(amount, LETTER_DAY, photo=uploaded()))
    assert answer["Location"] == f"/mijn/aanvraag/{onward}/"


def test_without_a_balance_there_is_still_nothing_to_divide(client: Client) -> None:
    logged_in(client)
    client.post("/mijn/begin/")
    fill_in_pages(client, bijzonder={"uncertain": "other_income"})
    answer = client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded()))
    assert answer["Location"] == "/mijn/aanvraag/geen-bedragen/"


def test_a_paper_that_comes_first_leads_to_the_question_that_is_open(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    answer = client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded(PDF, "brief.pdf")))
    assert answer["Location"] == "/mijn/aanvraag/huishouden/"
    assert figure_of(case).photo_type == "application/pdf"


def test_a_sheet_of_the_municipality_is_a_vtlb_and_stands_apart(client: Client, case: Case) -> None:
    client.post(PAGE, paper_form("1.450", LETTER_DAY, paper="vtlb_sheet", photo=uploaded()))
    with act_as(citizen_scope(case.citizen)):
        row = Application.objects.get()
    assert (row.vtlb_cents, row.official_beslagvrije_voet_cents) == (1_450_00, None)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"amount": ""}, "Vul het bedrag van het papier in."),
        ({"amount": "0"}, "Vul een bedrag in dat hoger is dan 0."),
        ({"amount": "1000000"}, "Dit bedrag is hoger dan € 10.000."),
        ({"amount": "12,345"}, "Bedoelt u"),
        ({"amount": "-5"}, "Een bedrag kan niet lager zijn dan 0. Vul 0 of meer in."),
        ({"paper": ""}, "Kies het papier."),
        ({"paper": "krant"}, "Kies het papier."),
        ({"paper_date_0": ""}, "Vul de datum van het papier in."),
        ({"paper_date_0": "31", "paper_date_1": "2"}, "Deze datum bestaat niet."),
        ({"paper_date_2": "26"}, "Vul het jaar in met 4 cijfers."),
        ({"paper_date_2": "1890"}, "Dit papier is ouder dan 12 maanden."),
        ({"paper_date_2": "2025"}, "Dit papier is ouder dan 12 maanden."),
        ({"paper_date_1": "12"}, "Deze datum moet nog komen."),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_everything_typed_stays(
    client: Client, case: Case, changed: dict[str, str], sentence: str
) -> None:
    sent = paper_form("1.450", LETTER_DAY, photo=uploaded()) | changed
    response = client.post(PAGE, sent)
    assert response.status_code == 200
    page = text(response)
    assert page.count(sentence) == 2  # in the summary and at the field
    assert page.count("Kies de foto nog een keer. Wij konden hem nog niet bewaren.") == 2
    assert "<title>Fout: " in page
    for name in ("amount", "paper_date_0", "paper_date_1", "paper_date_2"):
        assert not sent[name] or f'value="{sent[name]}"' in page
    assert none_entered(case)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "Kies een foto van het papier."),
        (uploaded(b"", "foto.jpg"), "Dit bestand is leeg."),
        (uploaded(b"<html><script>alert(1)</script>", "foto.jpg"), "Dit is geen foto of pdf."),
        (uploaded(b"PK\x03\x04", "foto.png"), "Dit is geen foto of pdf."),
        (uploaded(JPEG + b"\x00" * (8 * 1024 * 1024)), "Dit bestand is te groot. Het mag hoogstens 8 MB zijn."),
    ],
)
def test_a_file_that_cannot_be_kept_says_why_and_the_answers_stay(
    client: Client, case: Case, file: object, sentence: str
) -> None:
    sent = paper_form("1.450", LETTER_DAY, paper="website") | ({"photo": file} if file else {})
    page = text(client.post(PAGE, sent))
    assert page.count(sentence) == 2
    assert 'value="1.450"' in page
    assert 'value="website" checked' in page.replace(' id="id_paper_1"', "")
    assert none_entered(case)


def test_the_largest_file_that_is_allowed_is_kept(client: Client, case: Case) -> None:
    content = JPEG + b"\x00" * (8 * 1024 * 1024 - len(JPEG))
    assert client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded(content))).status_code == 302
    assert bytes(figure_of(case).photo or b"") == content


def test_a_citizen_cannot_say_that_somebody_saw_the_paper(client: Client, case: Case) -> None:
    page = text(client.post(PAGE, paper_form("1.450", LETTER_DAY, seen="on")))
    assert "Kies een foto van het papier." in page
    assert none_entered(case)


def test_a_low_amount_is_asked_about_once_more_and_the_yes_is_about_that_amount_only(
    client: Client, case: Case
) -> None:
    asked = text(client.post(PAGE, paper_form("134,85", LETTER_DAY, photo=uploaded())))
    assert asked.count("Dit bedrag is lager dan wij verwachten. Klopt het?") == 2
    assert 'name="asked_about" value="13485"' in asked
    assert "Ja, dit bedrag staat op het papier" in asked
    assert "Kies de foto nog een keer." in asked
    assert none_entered(case)
    # a yes to one amount is no yes to another
    other = paper_form("13,48", LETTER_DAY, photo=uploaded(), sure="on", asked_about="13485")
    assert 'name="asked_about" value="1348"' in text(client.post(PAGE, other))
    # nor is the question itself a yes
    assert client.post(PAGE, paper_form("134,85", LETTER_DAY, photo=uploaded(), asked_about="13485")).status_code == 200
    assert none_entered(case)
    # without the photo the box stays, with what was ticked
    again = text(client.post(PAGE, paper_form("134,85", LETTER_DAY, sure="on", asked_about="13485")))
    assert 'name="sure"' in again
    assert "checked" in again.split('name="sure"')[1].split(">")[0]
    # and it goes away with the amount it was about
    assert 'name="sure"' not in text(client.post(PAGE, paper_form("1.450", LETTER_DAY, asked_about="13485")))
    yes = paper_form("134,85", LETTER_DAY, photo=uploaded(), sure="on", asked_about="13485")
    assert client.post(PAGE, yes).status_code == 302
    assert figure_of(case).amount_cents == 134_85


def faults(client: Client) -> list[str]:
    """Less the one word that stands on the paper itself."""
    found = reading.faults(client.get(PAGE).content.decode())
    return [one for one in found if one != "a word we do not use: beslagvrije voet"]


def test_the_page_speaks_in_short_sentences_also_with_a_list_and_with_the_question(client: Client, case: Case) -> None:
    assert faults(client) == []
    client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded()))
    clock.set_today(date(2027, 9, 4))
    page = text(client.get(PAGE))
    assert "Dit papier is te oud." in page
    assert "telt nu" not in page
    assert faults(client) == []


def test_without_an_application_there_is_nothing_to_enter(client: Client) -> None:
    logged_in(client)
    assert client.get(PAGE)["Location"] == "/mijn/begin/"


def test_the_payslip_too_ends_the_doubt_closes_the_task_and_makes_the_draft(client: Client) -> None:
    made = make_case(1_000_00)
    logged_in(client, made.citizen)
    fill_in(made, declared=400_00, taxable_income_cents=None, taxable_income_unknown=True)
    assert client.post("/mijn/aanvraag/missen/", {"declared_cents": "400", "months": "36"}).status_code == 302
    with act_as(citizen_scope(made.citizen)):
        assert CaseTask.objects.get().done_on is None
    answers = {"taxable_income_cents": "26.000", "taxable_period": "year"}
    assert client.post("/mijn/aanvraag/belastbaar/?terug=controle", answers).status_code == 302
    with act_as(citizen_scope(made.citizen)):
        assert CaseTask.objects.get().done_on == clock.today()
        assert Proposal.objects.get().monthly_cents == 400_00


# --- who helps -------------------------------------------------------------------------------------------------------


def amber_with_coach(client: Client) -> tuple[Case, Mandate]:
    made = make_case(1_000_00)
    fill_in(made, declared=400_00, uncertain=["other_income"])
    return made, acting_coach(client, made.citizen)


def test_a_coach_who_works_for_the_client_may_say_that_they_saw_the_paper(client: Client) -> None:
    made, mandate = amber_with_coach(client)
    page_of_client = f"/namens/{mandate.public_id}/aanvraag/officieel-bedrag/"
    assert "Ik heb het papier zelf gezien" in text(client.get(page_of_client))
    neither = text(client.post(page_of_client, paper_form("1.450", LETTER_DAY)))
    assert neither.count("Kies een foto. Of kruis aan dat u het papier zag.") == 2
    answer = client.post(page_of_client, paper_form("1.450", LETTER_DAY, seen="on"))
    assert answer["Location"] == f"/namens/{mandate.public_id}/aanvraag/voorstel/"
    figure = figure_of(made)
    assert (figure.seen_by_id, figure.entered_by) == (mandate.coach_id, f"coach:{mandate.coach_id}")
    assert "Gezien door Sam Visser" in text(client.get(page_of_client))


def test_a_coach_may_send_a_photo_as_well_and_the_client_page_says_what_came_of_it(client: Client) -> None:
    made, mandate = amber_with_coach(client)
    page = f"/coach/clienten/{mandate.public_id}/beslagvrije-voet/"
    assert "Hoeveel mag uw cliënt houden per maand" in text(client.get(page))
    low = text(client.post(page, paper_form("135", LETTER_DAY, photo=uploaded())))
    assert "Klopt het?" in low
    red = client.post(page, paper_form("1.890", LETTER_DAY, photo=uploaded(png(), "x.png")), follow=True)
    assert "De toets is rood" in text(red)
    assert figure_of(made).seen_by is None
    assert f"/beslagvrije-voet/{figure_of(made).public_id}/" in text(client.get(page))


def test_a_paper_before_the_answers_is_kept_for_later(client: Client) -> None:
    made = make_case(1_000_00)
    mandate = acting_coach(client, made.citizen)
    page = f"/coach/clienten/{mandate.public_id}/beslagvrije-voet/"
    answer = client.post(page, paper_form("1.450", LETTER_DAY, seen="on"), follow=True)
    assert "De toets volgt als alles is ingevuld." in text(answer)


def test_green_without_a_balance_promises_no_proposal(client: Client) -> None:
    made = make_case()
    fill_in(made, declared=400_00, uncertain=["other_income"])
    page = f"/coach/clienten/{acting_coach(client, made.citizen).public_id}/beslagvrije-voet/"
    answer = text(client.post(page, paper_form("1.450", LETTER_DAY, seen="on"), follow=True))
    assert "nog een bedrag van een organisatie nodig" in answer
    assert "het voorstel staat klaar" not in answer


# --- the photo -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "media_type", "disposition"),
    [(JPEG, "image/jpeg", "inline"), (png(), "image/png", "inline"), (PDF, "application/pdf", "attachment")],
)
def test_a_photo_comes_back_as_it_came_in_a_sandbox_and_is_never_kept(
    client: Client, case: Case, content: bytes, media_type: str, disposition: str
) -> None:
    client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded(content, "x.html")))
    response = client.get(f"{PAGE}{figure_of(case).public_id}/")
    assert response.content == content
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"].startswith(disposition)
    assert ".html" not in response["Content-Disposition"]
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_a_photo_opens_for_nobody_else(client: Client, case: Case) -> None:
    client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded()))
    figure = figure_of(case).public_id
    stranger, creditor, new = Client(), Client(), Client()
    logged_in(stranger)
    backend = "django.contrib.auth.backends.ModelBackend"
    creditor.force_login(case.members[0].user, backend=backend)
    new.force_login(make_user(), backend=backend)
    assert stranger.get(f"{PAGE}{figure}/").status_code == 404
    assert creditor.get(f"{PAGE}{figure}/").status_code == 403
    assert new.get(f"{PAGE}{figure}/").status_code == 302
    assert Client().get(f"{PAGE}{figure}/").status_code == 302
    assert creditor.get(f"/beheer/arrangements/officialfigure/{figure}/foto/").status_code == 302


def test_a_coach_sees_the_photo_for_as_long_as_the_mandate_lives(client: Client, case: Case) -> None:
    client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded()))
    figure = figure_of(case).public_id
    coach, other = Client(), Client()
    mandate = acting_coach(coach, case.citizen)
    foreign = acting_coach(other, make_case(1_000_00).citizen)
    photo = f"/coach/clienten/{mandate.public_id}/beslagvrije-voet/{figure}/"
    while_acting = f"/namens/{mandate.public_id}/aanvraag/officieel-bedrag/{figure}/"
    assert coach.get(photo).content == JPEG
    assert coach.get(while_acting).content == JPEG
    assert "no-store" in coach.get(photo)["Cache-Control"]
    assert other.get(photo).status_code == 404
    assert other.get(f"/coach/clienten/{foreign.public_id}/beslagvrije-voet/{figure}/").status_code == 404
    with act_as(citizen_scope(case.citizen)):
        end_mandate(mandate=mandate, user=login_of(case.citizen))
    assert coach.get(photo).status_code == 404
    assert coach.get(while_acting).status_code == 404
    assert JPEG not in coach.get(photo).content


def test_the_desk_sees_the_photo_in_its_own_pages(client: Client, case: Case) -> None:
    client.post(PAGE, paper_form("1.450", LETTER_DAY, photo=uploaded()))
    figure = figure_of(case)
    worker = make_director().user
    with as_worker("test"):
        worker.is_staff = True
        worker.save()
    desk = Client()
    desk.force_login(worker, backend="django.contrib.auth.backends.ModelBackend")
    listed = desk.get("/beheer/arrangements/officialfigure/")
    assert f"/beheer/arrangements/officialfigure/{figure.public_id}/foto/" in text(listed)
    assert desk.get(f"/beheer/arrangements/officialfigure/{figure.pk}/change/").status_code == 200
    response = desk.get(f"/beheer/arrangements/officialfigure/{figure.public_id}/foto/")
    assert response.content == JPEG
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in response["Cache-Control"]
