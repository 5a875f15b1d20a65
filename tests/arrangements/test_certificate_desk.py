"""The desk takes the full list out for an auditor, and the command checks it as a program of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.models import CertificateList, EqualityCertificate
from arrangements.queries.certificates import check_file, file_of
from infra import jobs, signing
from infra.models import AuditLine
from infra.scope import as_worker
from tests.factories.money import START, at
from tests.factories.people import make_user
from tests.factories.plans import Case, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    at(START)
    made = make_case(3_000_00, 1_000_00, 2_000_00, 400_00, preferent={1})
    submitted(made)
    jobs.run_all()
    return made


def list_of(case: Case) -> CertificateList:
    with as_worker("test"):
        return CertificateList.objects.get(citizen=case.citizen)


def desk() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("desk@voorbeeld.example", is_staff=True))
    return client


def address(case: Case) -> str:
    return reverse("admin:arrangements_certificatelist_file", args=[list_of(case).public_id])


# --- the desk ------------------------------------------------------------------------------------------------------------


def test_the_desk_downloads_the_full_list_and_that_is_written_down(case: Case) -> None:
    client = desk()
    overview = client.get(reverse("admin:arrangements_certificatelist_changelist")).content.decode()
    assert address(case) in overview
    response = client.get(address(case))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment;")
    assert check_file(response.content).good
    for claim in case.claims:
        assert claim.reference in response.content.decode()
    with as_worker("test"):
        line = AuditLine.objects.get(action="certificate_list_opened")
    assert line.object_id == str(list_of(case).pk)
    assert line.citizen_id == case.citizen.pk


def test_the_page_of_one_list_says_what_the_check_says_and_shows_no_salt(case: Case) -> None:
    row = list_of(case)
    page = desk().get(reverse("admin:arrangements_certificatelist_change", args=[row.pk])).content.decode()
    assert "goed: Elk deel volgt de regel" in page
    assert row.root in page
    assert not [party for party in row.document["organisaties"] if party["zout"] in page]


def test_nobody_else_gets_the_list(case: Case) -> None:
    for user in (make_user(), case.members[0].user, case.citizen.user):
        client = Client()
        assert user is not None
        client.force_login(user)
        assert client.get(address(case)).status_code in (302, 403)
    unknown = reverse("admin:arrangements_certificatelist_file", args=["00000000-0000-0000-0000-000000000007"])
    assert desk().get(unknown).status_code == 404


# --- the command -----------------------------------------------------------------------------------------------------------


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, without any database."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.test", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def files(case: Case, tmp_path: Path) -> list[str]:
    """The list, and the statement of every creditor."""
    with as_worker("test"):
        rows: list[Any] = [list_of(case), *EqualityCertificate.objects.order_by("pk")]
    paths = []
    for number, row in enumerate(rows):
        path = tmp_path / f"bewijs-{number}.json"
        path.write_bytes(file_of(row))
        paths.append(str(path))
    return paths


def test_honest_papers_end_with_zero(files: list[str]) -> None:
    done = run("verify_certificate", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fout" not in done.stdout
    assert done.stdout.count("goed  De handtekening is van Eén Plan") == 5
    assert "goed  Elk deel volgt de regel" in done.stdout
    assert "goed  Alle bestanden hebben dezelfde code" in done.stdout
    assert done.stdout.rstrip().endswith("Alles klopt.")


def test_one_cent_ends_with_one_and_names_the_line(files: list[str]) -> None:
    paper = json.loads(Path(files[0]).read_bytes())
    paper["document"]["organisaties"][2]["regels"][0]["deel"] += 1
    Path(files[0]).write_text(json.dumps(paper))
    done = run("verify_certificate", files[0])
    assert done.returncode == 1
    assert "fout  De handtekening is van Eén Plan" in done.stdout
    assert "Regel 3: de bedragen tellen niet op." in done.stdout
    assert "niet alles klopt" in done.stderr


def test_another_key_and_no_certificate_and_no_file_end_with_one(files: list[str], tmp_path: Path) -> None:
    (mine,) = signing.public_keys().values()
    assert run("verify_certificate", files[1], "--key", mine).returncode == 0
    strange = run("verify_certificate", files[1], "--key", signing.public_half(signing.new_private_key()))
    assert strange.returncode == 1
    assert "De sleutel van deze handtekening kennen wij niet." in strange.stdout
    assert "64 tekens" in run("verify_certificate", files[1], "--key", "kort").stderr
    nonsense = tmp_path / "iets.json"
    nonsense.write_text("onzin")
    refused = run("verify_certificate", files[1], str(nonsense))
    assert refused.returncode == 1
    assert "Deze tekst is niet heel." in refused.stdout
    assert run("verify_certificate", str(tmp_path / "weg.json")).returncode == 1


def test_the_public_keys_can_be_printed_and_a_new_key_made(files: list[str]) -> None:
    (mine,) = signing.public_keys().items()
    old = "ab" * 32
    printed = run("signing_keys", SIGNING_OLD_KEYS=old).stdout
    assert printed.splitlines() == ["  ".join(mine), f"{signing.key_id_of(bytes.fromhex(old))}  {old}"]
    private, public = (line.split()[1] for line in run("signing_keys", "--new").stdout.splitlines())
    assert signing.public_half(private) == public
