"""The public page that checks a certificate: no login, nothing kept, and a sentence for whatever is no certificate."""

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from arrangements.domain.certificate_file import EMPTY, MAX_BYTES, NOT_OURS, NOT_WHOLE, TOO_LARGE
from arrangements.models import CertificateList, EqualityCertificate
from arrangements.queries.certificates import file_of
from citizen_portal.forms.certificate import NOTHING_GIVEN
from infra import jobs, signing
from infra.models import AuditLine
from infra.scope import as_worker
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.money import START, at
from tests.factories.plans import Case, make_case, submitted
from tests.support.reading import read

pytestmark = pytest.mark.django_db
ADDRESS = "/controleer/"


@pytest.fixture
def case() -> Case:
    at(START)
    made = make_case(3_000_00, 1_000_00, 2_000_00, preferent={1})
    submitted(made)
    jobs.run_all()
    return made


def statement(case: Case, number: int = 0) -> bytes:
    with as_worker("test"):
        return file_of(EqualityCertificate.objects.get(creditor=case.creditors[number]))


def whole_list(case: Case) -> bytes:
    with as_worker("test"):
        return file_of(CertificateList.objects.get(citizen=case.citizen))


def shown(response: Any) -> str:
    assert response.status_code == 200
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def as_file(content: bytes) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("bewijs.json", content, "application/json")}


def one_cent_off(content: bytes) -> str:
    file = json.loads(content)
    file["document"]["organisatie"]["regels"][0]["deel"] += 1
    return json.dumps(file)


def test_an_honest_statement_is_good_pasted_and_as_a_file(client: Client, case: Case) -> None:
    for given in ({"text": statement(case).decode()}, as_file(statement(case))):
        page = shown(client.post(ADDRESS, given))
        assert '<h1 class="utrecht-heading-1">Dit bewijs klopt</h1>' in page
        assert page.count("badge--yes") == 7
        assert "badge--no" not in page
        assert f"{case.creditors[0].name} krijgt € 694,28 van € 3.000,00." in page
        assert "Voor de 2 andere organisaties geldt dezelfde regel." in page


def test_the_whole_list_is_checked_line_by_line(client: Client, case: Case) -> None:
    page = shown(client.post(ADDRESS, as_file(whole_list(case))))
    assert "Dit bewijs klopt</h1>" in page
    assert "Dit is de hele lijst, met alle organisaties." in page
    assert "Elk deel volgt de regel." in page


def test_one_cent_more_is_told_with_its_line(client: Client, case: Case) -> None:
    page = shown(client.post(ADDRESS, {"text": one_cent_off(statement(case))}))
    assert "Dit bewijs klopt niet</h1>" in page
    assert "Regel 1: de bedragen tellen niet op." in page
    assert "De code past niet bij regel 1: er is iets veranderd." in page
    assert "De handtekening past niet bij dit bestand." in page
    assert "krijgt €" not in page


def test_somebody_elses_signature_is_told_apart_from_a_broken_one(client: Client, case: Case, settings: Any) -> None:
    content = json.loads(statement(case))
    settings.SIGNING_KEY = signing.new_private_key()
    assert "De sleutel van deze handtekening kennen wij niet." in shown(
        client.post(ADDRESS, {"text": json.dumps(content)})
    )


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({}, "file", NOTHING_GIVEN),
        ({"text": "  "}, "file", NOTHING_GIVEN),
        ({"text": "onzin"}, "text", NOT_WHOLE),
        ({"text": '{"a": 1}'}, "text", NOT_OURS),
        (as_file(b""), "file", EMPTY),
        (as_file(b"\x89PNG\r\n"), "file", NOT_WHOLE),
        (as_file(b"x" * (MAX_BYTES + 1)), "file", TOO_LARGE),
        ({"text": "x" * (MAX_BYTES + 1)}, "text", TOO_LARGE),
    ],
)
def test_nonsense_gets_a_sentence_at_the_field_it_came_in_by(
    client: Client, given: dict[str, Any], field: str, sentence: str
) -> None:
    page = shown(client.post(ADDRESS, given))
    assert "<title>Fout: " in page
    found = re.search(rf'id="id_{field}_error">(.*?)</p>', page, re.DOTALL)
    assert found is not None
    assert sentence in found[1]
    assert page.count(sentence) == 2
    assert read(page).too_long() == []
    if len(given.get("text", "").strip()) in range(1, 100):
        assert given["text"] in page


def test_a_file_goes_before_what_was_pasted(client: Client, case: Case) -> None:
    page = shown(client.post(ADDRESS, {"text": one_cent_off(statement(case)), **as_file(statement(case))}))
    assert "Dit bewijs klopt</h1>" in page


def test_nothing_of_it_is_kept(client: Client, case: Case) -> None:
    with as_worker("test"):
        before = AuditLine.objects.count()
    client.post(ADDRESS, {"text": statement(case).decode()})
    client.post(ADDRESS, {"text": "onzin"})
    assert list(client.session.keys()) == []
    with as_worker("test"):
        assert AuditLine.objects.count() == before


def test_what_stands_in_a_file_is_shown_as_text_and_never_as_part_of_the_page(client: Client, case: Case) -> None:
    file = json.loads(statement(case))
    file["document"]["organisatie"]["naam"] = "<script>alert(1)</script>"
    file["document"]["kop"]["naam"] = "<b>x</b>"
    file["document"]["kop"]["gemaakt_op"] = "gisteren"
    response = client.post(ADDRESS, {"text": json.dumps(file)})
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "Dit bewijs klopt niet</h1>" in page


def test_the_public_keys_stand_on_the_page(client: Client, settings: Any) -> None:
    old = signing.public_half(signing.new_private_key())
    settings.SIGNING_OLD_KEYS = [old]
    page = shown(client.get(ADDRESS))
    for key in signing.public_keys().values():
        assert key in page
    assert settings.SIGNING_KEY not in page


# --- the citizen's own list -----------------------------------------------------------------------------------------


def test_a_citizen_takes_the_own_list_home_and_it_verifies(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    link = re.search(r'href="(/mijn/documenten/bewijs/[^"]+)"', shown(client.get("/mijn/documenten/")))
    assert link is not None
    response = client.get(link[1])
    assert response["Content-Disposition"].startswith("attachment;")
    assert json.loads(response.content) == json.loads(whole_list(case))
    assert "Dit bewijs klopt</h1>" in shown(client.post(ADDRESS, as_file(response.content)))
    stranger = Client()
    logged_in(stranger, make_case(500_00).citizen)
    assert stranger.get(link[1]).status_code == 404


def test_a_coach_who_takes_the_list_is_written_down(client: Client, case: Case) -> None:
    mandate = acting_coach(client, case.citizen)
    with as_worker("test"):
        row = CertificateList.objects.get(citizen=case.citizen)
    assert client.get(f"/namens/{mandate.public_id}/documenten/bewijs/{row.public_id}.json").status_code == 200
    with as_worker("test"):
        line = AuditLine.objects.get(action="certificate_list_opened")
    assert line.actor_coach_id == mandate.coach_id
