"""The creditor's own proof of equal treatment: in words, as a file, and out of reach of everybody else."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from arrangements.models import EqualityCertificate
from arrangements.queries.certificates import check_file, file_of
from creditors.models import CreditorMember
from infra import jobs
from infra.scope import as_worker
from tests.factories.money import START, activate, at
from tests.factories.people import make_creditor, make_member
from tests.factories.plans import Case, agreed, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """45 a month for 36 months over 3.000, 1.000 (preferent) and 2.000."""
    at(START)
    made = make_case(3_000_00, 1_000_00, 2_000_00, preferent={1})
    submitted(made)
    return made


def login(member: CreditorMember) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def certificate_of(case: Case, number: int) -> EqualityCertificate:
    with as_worker("test"):
        return EqualityCertificate.objects.get(proposal=case.proposal, creditor=case.creditors[number])


def shown(response: Any) -> str:
    assert response.status_code == 200
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def page_of(certificate: EqualityCertificate, name: str = "bewijs") -> str:
    return reverse(f"console:{name}", kwargs={"certificate": certificate.public_id})


def test_the_proposal_links_to_the_proof_as_soon_as_it_is_there(case: Case) -> None:
    client, address = login(case.members[0]), reverse("console:voorstel", args=[case.answer_of(0).public_id])
    assert "Bewijs van gelijke behandeling" not in shown(client.get(address))
    jobs.run_all()
    page = shown(client.get(address))
    assert f'href="{page_of(certificate_of(case, 0))}">Bewijs van gelijke behandeling</a>' in page


def test_the_page_tells_the_own_share_and_of_the_others_the_totals(case: Case) -> None:
    jobs.run_all()
    page = shown(login(case.members[0]).get(page_of(certificate_of(case, 0))))
    assert "Dit bewijs klopt." in page
    # r = 1.620 / (6.000 + 1.000) = 81/350 = 23,14 %; the preferent twice.
    assert "Een gewone (concurrente) vordering krijgt 23,14 %, een preferente 46,29 %." in page
    assert "Precies: 81/350 en 81/175." in page
    assert "Er doen 2 andere organisaties mee." in page
    totals = re.search(r'data-check="totals">.*?</table>', page, re.DOTALL)
    assert totals is not None
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", totals[0], re.DOTALL)[1:]]
    told = [" ".join(row) for row in rows]
    assert told[0] == "U 1 1 € 0,00 € 3.000,00 € 694,28 23,14 %"
    assert told[1] == "De anderen samen 2 2 € 1.000,00 € 2.000,00 € 925,72 30,86 %"
    assert told[2] == "Allemaal samen 3 3 € 1.000,00 € 5.000,00 € 1.620,00 27,00 %"
    for other in (1, 2):
        assert case.claims[other].reference not in page
        assert case.creditors[other].name not in page


def test_the_download_is_the_signed_file(case: Case) -> None:
    jobs.run_all()
    certificate = certificate_of(case, 1)
    response = login(case.members[1]).get(page_of(certificate, "bewijs-bestand"))
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response.content == file_of(certificate)
    assert check_file(response.content).good


def test_the_button_hands_the_same_file_to_the_public_page(case: Case) -> None:
    jobs.run_all()
    client = login(case.members[0])
    page = client.get(page_of(certificate_of(case, 0))).content.decode()
    form = re.search(r'<form method="post" action="/controleer/">.*?name="text" value="(.*?)">', page, re.DOTALL)
    assert form is not None
    given = html.unescape(form[1])
    assert json.loads(given) == json.loads(file_of(certificate_of(case, 0)))
    assert "Dit bewijs klopt</h1>" in shown(client.post("/controleer/", {"text": given}))


def test_a_running_plan_keeps_its_proof() -> None:
    at(START)
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    arrangement = activate(case.sign())
    jobs.run_all()
    address = reverse("console:regeling", kwargs={"arrangement": arrangement.public_id})
    assert page_of(certificate_of(case, 1)) in shown(login(case.members[1]).get(address))


def test_somebody_else_gets_nothing(case: Case) -> None:
    jobs.run_all()
    certificate = certificate_of(case, 0)
    stranger = login(make_member(make_creditor(), role="manager"))
    for name in ("bewijs", "bewijs-bestand"):
        assert login(case.members[1]).get(page_of(certificate, name)).status_code == 404
        assert stranger.get(page_of(certificate, name)).status_code == 404
        assert Client().get(page_of(certificate, name)).status_code == 302
