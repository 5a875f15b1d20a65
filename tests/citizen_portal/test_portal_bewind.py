"""Under bewind: said while filling in, explained before sending and signing, put on file by the coach."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Bewind, BewindConsent, CaseWorker, Citizen, Mandate
from arrangements.models import CaseTask, Proposal
from arrangements.queries.bewind import bewind_of
from infra import clock
from infra.scope import act_as, as_worker
from tests.accounts.test_directors import MONDAY, colleague, mandated
from tests.factories.bewind import acting, bewindvoerder_agrees, put_under_bewind
from tests.factories.citizens import fill_in_pages, logged_in
from tests.factories.papers import JPEG
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import agreed, make_case

pytestmark = pytest.mark.django_db
SPECIAL = "/mijn/aanvraag/bijzonder/"
WHO = "/mijn/aanvraag/bewindvoerder/"
STATUS = "/mijn/bewindvoerder/"
ADA = {"name": "Ada de Waard", "organisation": "Kantoor Rust", "phone": "030 123 45 67", "email": ""}


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(MONDAY)


def filled_in(client: Client) -> Citizen:
    citizen = logged_in(client, make_case(1_000_00, 2_000_00).citizen)
    fill_in_pages(client)
    return citizen


def bewinden(citizen: Citizen) -> list[Bewind]:
    with as_worker("test"):
        return list(Bewind.objects.filter(citizen=citizen))


def press_send(client: Client) -> str:
    seen = client.get("/mijn/aanvraag/controle/").context["proposal"].content_hash
    return str(client.post("/mijn/aanvraag/versturen/", {"gezien": seen})["Location"])


def coach_of(citizen: Citizen) -> tuple[Client, Mandate, CaseWorker]:
    sam = colleague("Sam Visser", kind="coach", organisation="Hulp")
    mandate = mandated(citizen, sam)
    coach = Client()
    coach.force_login(sam.user, backend="django.contrib.auth.backends.ModelBackend")
    return coach, mandate, sam


def test_the_box_leads_to_who_it_is_and_on_to_the_next_question(client: Client) -> None:
    citizen = logged_in(client, make_case(1_000_00).citizen)
    client.post("/mijn/aanvraag/huishouden/", {"situation": "alleenstaand"})
    assert client.post(SPECIAL, {"bewind": "on"})["Location"] == WHO
    assert [one.name for one in bewinden(citizen)] == [""]  # leaving now loses nothing
    wrong = client.post(WHO, {**ADA, "phone": "bel maar"}).content.decode()
    assert "Dit nummer klopt niet." in wrong
    assert "Ada de Waard" in wrong
    assert client.post(WHO, ADA)["Location"] == "/mijn/aanvraag/inkomen/"
    (bewind,) = bewinden(citizen)
    assert (bewind.name, bewind.organisation, bewind.phone, bewind.told_by) == (*list(ADA.values())[:3], "citizen")
    page = client.get(SPECIAL)
    assert page.context["form"]["bewind"].value() is True
    assert client.post(SPECIAL, {"bewind": "on"})["Location"] == "/mijn/aanvraag/inkomen/"


def test_a_box_ticked_by_mistake_can_be_cleared(client: Client) -> None:
    citizen = logged_in(client, make_case(1_000_00).citizen)
    client.post(SPECIAL, {"bewind": "on"})
    client.post(SPECIAL, {})
    assert [one.ended_on for one in bewinden(citizen)] == [MONDAY]
    assert client.get(WHO)["Location"] == SPECIAL
    assert client.get(STATUS)["Location"] == "/mijn/"


def test_what_a_bewindvoerder_agreed_to_is_not_cleared_by_a_box(client: Client) -> None:
    citizen = logged_in(client, make_case(1_000_00).citizen)
    put_under_bewind(citizen)
    bewindvoerder_agrees(citizen)
    page = client.post(SPECIAL, {}, follow=True).content.decode()
    assert "Is uw bewind gestopt? Bel Noor Bakker." in page
    with act_as(citizen_scope(citizen)):
        assert bewind_of(citizen.pk) is not None
    assert client.get(WHO)["Location"] == STATUS
    assert "Uw bewindvoerder zegt ja" in client.get(STATUS).content.decode()


def test_sending_says_who_calls_whom_and_by_when_and_goes_through_after_the_consent(client: Client) -> None:
    citizen = filled_in(client)
    put_under_bewind(citizen)
    assert 'data-check="bewind-waits"' in client.get("/mijn/aanvraag/controle/").content.decode()
    assert press_send(client) == STATUS
    assert press_send(client) == STATUS
    page = client.get(STATUS).content.decode()
    assert "Ada de Waard regelt uw geld." in page
    assert "Noor Bakker belt uw bewindvoerder uiterlijk woensdag 25 november 2026." in page
    with act_as(citizen_scope(citizen)):
        assert CaseTask.objects.filter(kind=CaseTask.Kind.BEWIND).count() == 1
        assert Proposal.objects.get().state == "draft"
    bewindvoerder_agrees(citizen)
    assert 'data-check="bewind-waits"' not in client.get("/mijn/aanvraag/controle/").content.decode()
    assert press_send(client) == "/mijn/aanvraag/verstuurd/"


def test_signing_waits_for_the_consent_too(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    put_under_bewind(case.citizen)
    logged_in(client, case.citizen)
    page = client.get("/mijn/regeling/overeenkomst/")
    assert 'data-check="bewind-waits"' in page.content.decode()
    yes = {"gezien": page.context["hash"], "read": "on"}
    assert client.post("/mijn/regeling/overeenkomst/tekenen/", yes)["Location"] == STATUS
    with act_as(citizen_scope(case.citizen)):
        assert CaseTask.objects.filter(kind=CaseTask.Kind.BEWIND, done_on=None).count() == 1
    bewindvoerder_agrees(case.citizen)
    assert client.post("/mijn/regeling/overeenkomst/tekenen/", yes)["Location"] == "/mijn/"


def test_a_coach_puts_the_consent_on_file_with_a_photo_and_takes_it_back(client: Client) -> None:
    citizen = make_citizen()
    coach, mandate, sam = coach_of(citizen)
    file = f"/coach/clienten/{mandate.public_id}/"
    assert "Mijn cliënt heeft een bewindvoerder" in coach.get(file).content.decode()
    assert coach.get(f"{file}bewindvoerder/toestemming/")["Location"] == f"{file}bewindvoerder/"
    assert "Vul de naam van de bewindvoerder in." in coach.post(f"{file}bewindvoerder/", {"name": ""}).content.decode()
    since = {"since_0": "1", "since_1": "2", "since_2": "2020"}
    assert coach.post(f"{file}bewindvoerder/", {**ADA, **since}).status_code == 302
    (bewind,) = bewinden(citizen)
    assert (bewind.told_by, bewind.since) == (f"coach:{sam.pk}", date(2020, 2, 1))
    assert "nog geen toestemming" in coach.get(file).content.decode()
    paper = coach.get(f"{file}bewindvoerder/toestemming.pdf")
    assert paper.content.startswith(b"%PDF")
    dated = {"consent_on_0": "20", "consent_on_1": "11", "consent_on_2": "2026"}
    unseen = coach.post(f"{file}bewindvoerder/toestemming/", dated).content.decode()
    assert "Zonder papier kan het niet." in unseen
    no_photo = SimpleUploadedFile("virus.exe", b"MZ\x90\x00" * 10)
    wrong = coach.post(f"{file}bewindvoerder/toestemming/", {**dated, "seen": "on", "photo": no_photo}).content.decode()
    assert "Dit is geen foto of pdf." in wrong
    photo = SimpleUploadedFile("papier.jpg", JPEG)
    done = coach.post(f"{file}bewindvoerder/toestemming/", {**dated, "seen": "on", "photo": photo}, follow=True)
    assert "Toestemming van vrijdag 20 november 2026." in done.content.decode()
    with as_worker("test"):
        consent = BewindConsent.objects.get()
    assert (consent.recorded_by, bytes(consent.photo or b"")) == (sam, JPEG)
    picture = f"{file}bewindvoerder/toestemming/{consent.public_id}/foto/"
    assert coach.get(picture).content == JPEG
    logged_in(client, citizen)
    assert client.get(picture).status_code == 403
    coach.post(f"{file}bewindvoerder/", {"ingetrokken": "1"})
    assert "Er is nog geen toestemming" in coach.get(f"{file}bewindvoerder/").content.decode()
    coach.post(f"{file}bewindvoerder/", {"gestopt": "1"})
    with act_as(acting(sam, citizen)):
        assert bewind_of(citizen.pk) is None


def test_another_coach_sees_nothing_of_it() -> None:
    citizen = make_citizen()
    _, mandate, _ = coach_of(citizen)
    put_under_bewind(citizen)
    consent = bewindvoerder_agrees(citizen, photo=JPEG)
    bo = Client()
    bo.force_login(
        colleague("Bo", kind="coach", organisation="Hulp").user, backend="django.contrib.auth.backends.ModelBackend"
    )
    for rest in ("", "toestemming/", "toestemming.pdf", f"toestemming/{consent.public_id}/foto/"):
        assert bo.get(f"/coach/clienten/{mandate.public_id}/bewindvoerder/{rest}").status_code == 404
