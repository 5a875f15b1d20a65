"""Who is responsible, as people see it: the stand-in on every page, handing over, being away, the words of a mandate."""

import io
from datetime import date, timedelta

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.models import Absence, CaseWorker, HandOver, Mandate
from accounts.operations.end_mandate import end_mandate
from accounts.operations.invite_client import invite_client
from arrangements.models import CaseTask
from arrangements.operations.tasks_for_director import make_task
from infra import clock
from infra.scope import act_as, as_worker
from tests.accounts.test_directors import FRIDAY, MONDAY, away, coach_scope, colleague, mandated
from tests.factories.bewind import acting
from tests.factories.citizens import logged_in
from tests.factories.people import citizen_scope, login_of, make_citizen, make_director
from tests.factories.plans import make_case
from tests.factories.stages import running
from tests.support.addresses import answered_pages, values

pytestmark = pytest.mark.django_db
#: What was sent or given out stays as it was; paper names the director, with a last day for the stand-in.
KEPT = ("<uuid:message>", "<uuid:document>", "overeenkomst")


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(MONDAY)


def as_coach(coach: CaseWorker) -> Client:
    client = Client()
    client.force_login(coach.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def file_of(mandate: Mandate, rest: str = "") -> str:
    return f"/coach/clienten/{mandate.public_id}/{rest}"


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}_0": str(day.day), f"{name}_1": str(day.month), f"{name}_2": str(day.year)}


# --- the stand-in, as the citizen sees it ----------------------------------------------------------------------------


def test_every_page_of_the_case_names_the_stand_in_with_the_number(client: Client) -> None:
    case = running()
    bo = colleague("Bo Vos")
    away(case.citizen.director, bo)
    logged_in(client, case.citizen)
    with as_worker("test"):
        known = values()
    seen = 0
    for pattern, address, html in answered_pages(client, known):
        if not pattern.startswith("mijn/"):
            continue
        seen += 1
        help_line = html[html.index('class="help-line"') : html.index("</aside>", html.index('class="help-line"'))]
        assert "Noor Bakker is er nu niet. Bo Vos neemt waar:" in help_line, address
        assert bo.phone in help_line, address
        if not any(kept in pattern for kept in KEPT):
            assert "Bel Noor Bakker" not in html, address
    assert seen > 10
    clock.set_today(FRIDAY + timedelta(days=1))
    assert "Bel Noor Bakker" in client.get("/mijn/").content.decode()


# --- handing over ------------------------------------------------------------------------------------------------------


def test_a_coach_hands_a_client_over_to_the_desk_which_finds_the_tasks(client: Client) -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    mandate = mandated(citizen, sam)
    with act_as(citizen_scope(citizen)):
        make_task(citizen_id=citizen.pk, key="x", kind=CaseTask.Kind.CALL_BACK, text="Bel.")
    coach = as_coach(sam)
    assert "Draag over" in coach.get(file_of(mandate)).content.decode()
    form = coach.get(file_of(mandate, "overdragen/"))
    desk = make_director()
    assert form.context["form"].workers == {str(desk.public_id): desk}
    empty = coach.post(file_of(mandate, "overdragen/"), {"to": str(desk.public_id), "note": ""})
    assert "Schrijf op wat uw collega moet weten." in empty.content.decode()
    wrong = coach.post(file_of(mandate, "overdragen/"), {"to": str(sam.public_id), "note": "MARKNOTITIE"})
    assert "Kies een collega." in wrong.content.decode()
    assert "MARKNOTITIE" in wrong.content.decode()  # what was typed stays
    done = coach.post(
        file_of(mandate, "overdragen/"), {"to": str(desk.public_id), "note": "MARKNOTITIE"}, follow=True
    ).content.decode()
    assert f"{desk.name} is nu contactpersoon." in done
    assert desk.phone in done
    assert "MARKNOTITIE" not in done  # not for the one who wrote it, and not on the client's page
    assert "Draag over" not in done
    assert "U bent niet de contactpersoon" in coach.get(file_of(mandate, "overdragen/")).content.decode()
    with as_worker("test"):
        assert CaseTask.objects.get(key="x").assigned_to == desk
    logged_in(client, citizen)
    with as_worker("test"):
        known = values()
    for _, address, html in answered_pages(client, known):
        assert "MARKNOTITIE" not in html, address


def test_the_new_coach_reads_the_note_until_the_client_stops_it() -> None:
    citizen = make_citizen()
    sam, bo = colleague("Sam", kind="coach", organisation="Hulp"), colleague("Bo", kind="coach", organisation="Elders")
    to_bo = mandated(citizen, bo)
    to_sam = mandated(citizen, sam)
    as_coach(sam).post(file_of(to_sam, "overdragen/"), {"to": str(bo.public_id), "note": "MARKNOTITIE"})
    theirs = as_coach(bo)
    assert "MARKNOTITIE" in theirs.get(file_of(to_bo)).content.decode()
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=to_bo, user=login_of(citizen))
    assert "MARKNOTITIE" not in theirs.get(file_of(to_bo)).content.decode()
    with act_as(coach_scope(bo)):
        assert not HandOver.objects.exists()


def test_a_coach_without_a_mandate_hands_nothing_over() -> None:
    citizen = make_citizen()
    sam, bo = colleague("Sam", kind="coach", organisation="Hulp"), colleague("Bo", kind="coach", organisation="Hulp")
    mandate = mandated(citizen, sam)
    assert as_coach(bo).post(file_of(mandate, "overdragen/"), {"note": "x"}).status_code == 404


# --- being away --------------------------------------------------------------------------------------------------------


def test_a_coach_says_to_be_away_and_comes_back() -> None:
    make_director()
    sam, bo = colleague("Sam", kind="coach", organisation="Hulp"), colleague("Bo", kind="coach", organisation="Hulp")
    coach = as_coach(sam)
    given = {**parts("from_date", MONDAY), **parts("until_date", FRIDAY), "stand_in": str(bo.public_id)}
    wrong = coach.post("/coach/afwezig/", {**given, **parts("until_date", MONDAY - timedelta(days=1))}).content.decode()
    assert "Deze dag is al voorbij." in wrong
    before = {**parts("from_date", FRIDAY), **parts("until_date", MONDAY + timedelta(days=1))}
    assert "ligt voor de eerste dag" in coach.post("/coach/afwezig/", {**given, **before}).content.decode()
    assert "Kies een collega." in coach.post("/coach/afwezig/", {**given, "stand_in": "niemand"}).content.decode()
    page = coach.post("/coach/afwezig/", given, follow=True).content.decode()
    assert "neemt Bo waar" in page
    assert "U bent al afwezig" in coach.post("/coach/afwezig/", given).content.decode()
    theirs = as_coach(bo)
    assert "U neemt waar voor" in theirs.get("/coach/afwezig/").content.decode()
    other_way = theirs.post("/coach/afwezig/", {**given, "stand_in": str(sam.public_id)}).content.decode()
    assert "Deze collega is er dan ook niet." in other_way
    with act_as(coach_scope(sam)):
        absence = Absence.objects.get()
    assert theirs.post(f"/coach/afwezig/{absence.public_id}/terug/").status_code == 404
    assert coach.post(f"/coach/afwezig/{absence.public_id}/terug/").status_code == 302
    with act_as(coach_scope(sam)):
        assert not Absence.objects.exists()


def test_the_work_list_of_a_stand_in_says_whom_to_call_and_what_for_only_with_a_mandate() -> None:
    near, far = make_citizen(family_name="Dichtbij"), make_citizen(family_name="Verweg")
    sam, bo = colleague("Sam", kind="coach", organisation="Hulp"), colleague("Bo", kind="coach", organisation="Hulp")
    own = mandated(near, bo)
    mandated(near, sam)
    mandated(far, sam)
    tasks = {}
    for citizen in (near, far):
        with act_as(citizen_scope(citizen)):
            text = f"MARKTAAK{citizen.family_name}"
            make_task(citizen_id=citizen.pk, key=text, kind=CaseTask.Kind.CALL_BACK, text=text)
            tasks[citizen.family_name] = CaseTask.objects.get(key=text)
    theirs = as_coach(bo)
    assert "U neemt waar" not in theirs.get("/coach/").content.decode()
    away(sam, bo)
    page = theirs.get("/coach/").content.decode()
    assert page.count('data-check="stand-in-task"') == 2
    assert "Jo Verweg" in page
    assert "MARKTAAKDichtbij" in page
    assert "MARKTAAKVerweg" not in page
    # finishing: the own client's task, not the other
    assert theirs.post(f"/coach/taken/{tasks['Verweg'].public_id}/klaar/").status_code == 404
    assert "Dit is gedaan" in theirs.get(file_of(own)).content.decode()
    assert theirs.post(f"/coach/taken/{tasks['Dichtbij'].public_id}/klaar/").status_code == 302
    with as_worker("test"):
        assert CaseTask.objects.get(pk=tasks["Dichtbij"].pk).done_on == MONDAY
        assert CaseTask.objects.get(pk=tasks["Verweg"].pk).done_on is None


# --- the words of a mandate --------------------------------------------------------------------------------------------


def test_the_words_on_the_screen_are_the_words_that_are_kept_and_printed(client: Client) -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    with act_as(coach_scope(sam)):
        _, code = invite_client(coach=sam, label="x")
    logged_in(client, citizen)
    asked = client.post("/mijn/coachcode/", {"code": code})
    words = asked.context["words"]
    for line in words.text.splitlines()[1:]:
        if line != "# Hoe lang":
            assert line.removeprefix("# ").removeprefix("- ") in asked.content.decode()
    again = client.post("/mijn/coachcode/", {"code": code, "akkoord": "1", "gezien": "0" * 64})
    assert "De tekst is gewijzigd" in again.content.decode()
    done = client.post("/mijn/coachcode/", {"code": code, "akkoord": "1", "gezien": words.hash})
    assert done["Location"] == "/mijn/helpers/"
    with act_as(citizen_scope(citizen)):
        mandate = Mandate.objects.get()
    for reader, address in (
        (client, f"/mijn/helpers/{mandate.public_id}/tekst"),
        (as_coach(sam), file_of(mandate, "machtiging")),
    ):
        assert words.hash in reader.get(f"{address}/").content.decode()
        pdf = reader.get(f"{address}.pdf")
        assert pdf["Content-Type"] == "application/pdf"
        printed = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf.content)).pages)
        assert "Mag Sam Visser u helpen?" in printed
        assert "Ja zeggen en tekenen." in printed


def test_nobody_else_reads_the_words_of_a_mandate(client: Client) -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    mandate = mandated(citizen, sam)
    logged_in(client, make_citizen(family_name="Ander"))
    bo = as_coach(colleague("Bo", kind="coach", organisation="Hulp"))
    for reader, address in ((client, f"/mijn/helpers/{mandate.public_id}/tekst"), (bo, file_of(mandate, "machtiging"))):
        assert reader.get(f"{address}/").status_code == 404
        assert reader.get(f"{address}.pdf").status_code == 404


def test_documents_name_the_director_and_the_last_day_of_the_stand_in(client: Client) -> None:
    from arrangements.documents.contact import contact_lines

    case = make_case(1_000_00)
    desk, bo = make_director(), colleague("Bo Vos")
    away(desk, bo)
    with act_as(acting(desk, case.citizen)):
        assert contact_lines(case.citizen, about="over deze regeling") == [
            f"Vragen over deze regeling? Bel {desk.name} van {desk.organisation}: {desk.phone}.",
            f"Tot en met 27 november 2026 neemt Bo Vos waar: {bo.phone}.",
        ]
