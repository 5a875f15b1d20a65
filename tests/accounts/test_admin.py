"""/beheer/: the desk sees everything with row level security on, and cannot touch money."""

from datetime import date

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client

from accounts.models import Absence, Bewind, BewindConsent, CaseWorker, Citizen, HandOver, User
from arrangements.models import CreditorInvitation, MunicipalRoute, NormsEntry, Withholder
from creditors.models import Creditor, CreditorMember
from infra import clock, jobs, scope
from infra.models import AuditLine
from infra.read_only_admin import DeskAdmin, ReadOnlyAdmin
from tests.factories.people import make_citizen, make_creditor, make_director, make_user
from tests.factories.world import make_world

pytestmark = pytest.mark.django_db

OURS = [
    (model, shown)
    for model, shown in sorted(admin.site._registry.items(), key=lambda one: one[0].__name__)
    if isinstance(shown, DeskAdmin)
]
CHANGEABLE = {User, CaseWorker, Creditor, CreditorMember, NormsEntry, Withholder}
#: Made by citizens; the desk writes down what it found out about them.
FOLLOWED_UP = {CreditorInvitation, MunicipalRoute}
# Added by an operation, afterwards only read.
ADDED = {Absence, HandOver, Bewind, BewindConsent}


def _desk() -> Client:
    clock.set_today(date(2026, 11, 23))
    worker = make_director()
    User.objects.filter(pk=worker.user_id).update(is_staff=True)
    client = Client()
    client.force_login(User.objects.get(pk=worker.user_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _address(model: type[models.Model], name: str, *parts: object) -> str:
    from django.urls import reverse

    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=parts)


def test_the_desk_sees_the_rows_of_every_table() -> None:
    client = _desk()
    make_world()
    assert client.get("/beheer/").status_code == 200
    empty = []
    for model, _shown in OURS:
        page = client.get(_address(model, "changelist"))
        assert page.status_code == 200, model
        rows = page.context["cl"].result_list
        if not rows:
            empty.append(model.__name__)
            continue
        assert client.get(_address(model, "change", rows[0].pk)).status_code == 200, model
    # Nothing was paid in this world, nobody uploaded a file, nobody has to be called and no norms were entered.
    assert set(empty) <= {
        "AcceptancePolicy",
        "BankFile",
        "BankLine",
        "BankStatement",
        "CaseTask",
        "ClaimImport",
        "CreditorInvitation",
        "IbanChange",
        "Kwijtschelding",
        "MoneyRun",
        "MunicipalRoute",
        "NormsEntry",
        "NormsRerun",
        "NormsRerunLine",
        "Payment",
        "PayoutBatch",
        "ProviderCall",
        "ProviderEvent",
        "Receipt",
        "Reconciliation",
        "RunApproval",
        "RunChunk",
        "Storno",
        "Refund",
        "UploadedClaim",
        "Withholder",
        "WithholdingFile",
    }


@pytest.mark.parametrize(("model", "shown"), OURS)
def test_only_people_organisations_and_norms_can_be_changed(model: type[models.Model], shown: DeskAdmin) -> None:
    client = _desk()
    assert isinstance(shown, ReadOnlyAdmin) != (model in CHANGEABLE | ADDED | FOLLOWED_UP)
    expected = 200 if model in CHANGEABLE | ADDED else 403
    assert client.get(_address(model, "add")).status_code == expected


def test_nothing_can_be_deleted_not_even_by_a_superuser() -> None:
    creditor = make_creditor()
    root = User.objects.create_superuser("root@eenplan.example", password="a long enough password 1")
    client = Client()
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(_address(Creditor, "delete", creditor.pk)).status_code == 403
    assert client.post(_address(Creditor, "delete", creditor.pk), {"post": "yes"}).status_code == 403


def test_the_desk_brings_in_an_organisation_with_its_first_person() -> None:
    client = _desk()
    facts = {"name": "Nieuwe Stichting", "kind": "other", "participates": "on", "email": "a@b.example", "phone": ""}
    wrong = client.post(_address(Creditor, "add"), facts | {"iban": "NL91ABNA0417164301"})
    assert "Deze IBAN bestaat niet" in wrong.content.decode()
    assert client.post(_address(Creditor, "add"), facts | {"iban": "NL91 ABNA 0417 1643 00"}).status_code == 302
    creditor = Creditor.objects.get(name="Nieuwe Stichting")
    assert creditor.iban == "NL91ABNA0417164300"
    assert client.post(_address(User, "add"), {"email": "Balie@Nieuw.example", "is_active": "on"}).status_code == 302
    user = User.objects.get(email="balie@nieuw.example")
    assert not user.has_usable_password()
    answer = client.post(
        _address(CreditorMember, "add"),
        {"user": user.pk, "creditor": creditor.pk, "name": "Bo Balie", "role": "clerk", "active": "on"},
    )
    assert answer.status_code == 302
    with scope.as_worker("test"):
        assert CreditorMember.objects.get(user=user).creditor_id == creditor.pk
        actions = set(AuditLine.objects.values_list("action", flat=True))
    assert {"creditor_saved", "user_saved", "creditor_member_saved"} <= actions


def test_somebody_of_the_desk_cannot_make_colleagues_or_change_their_login() -> None:
    client = _desk()
    client.post(_address(User, "add"), {"email": "collega@eenplan.example", "is_active": "on", "is_staff": "on"})
    assert not User.objects.get(email="collega@eenplan.example").is_staff
    colleague = make_user("chef@eenplan.example")
    User.objects.filter(pk=colleague.pk).update(is_staff=True)
    client.post(_address(User, "change", colleague.pk), {"email": "mij@eenplan.example", "is_active": "on"})
    assert User.objects.get(pk=colleague.pk).email == "chef@eenplan.example"


def test_nobody_else_gets_in() -> None:
    client = Client()
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(_address(Creditor, "changelist"))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


# --- who is responsible, and who decides beside the citizen -----------------------------------------------------------


def _colleague() -> CaseWorker:
    return make_director(default=False, name="Bo Vos")


def _days(first: str, last: str) -> dict[str, str]:
    return {"from_date": first, "until_date": last}


def test_the_desk_says_that_somebody_is_away_and_two_colleagues_cannot_cover_each_other() -> None:
    client = _desk()
    noor, bo = make_director(), _colleague()
    days = _days("2026-11-23", "2026-11-27")
    assert client.post(_address(Absence, "add"), {"case_worker": noor.pk, "stand_in": bo.pk, **days}).status_code == 302
    refused = client.post(_address(Absence, "add"), {"case_worker": bo.pk, "stand_in": noor.pk, **days}, follow=True)
    assert "Deze collega kan niet waarnemen" in refused.content.decode()
    past = client.post(
        _address(Absence, "add"), {"case_worker": bo.pk, "stand_in": noor.pk, **_days("2026-11-10", "2026-11-12")}
    )
    assert "al voorbij" in past.content.decode()
    with scope.as_worker("test"):
        assert [(one.case_worker, one.stand_in) for one in Absence.objects.all()] == [(noor, bo)]


def test_the_desk_hands_a_case_over_and_only_the_new_director_reads_the_note() -> None:
    client = _desk()
    citizen, bo = make_citizen(), _colleague()
    asked = {"citizen": citizen.pk, "to_worker": bo.pk, "note": "MARKNOTITIE"}
    assert client.post(_address(HandOver, "add"), asked).status_code == 302
    with scope.as_worker("test"):
        row = HandOver.objects.get()
        assert (row.to_worker, row.reason, row.note) == (bo, "by_hand", "MARKNOTITIE")
    page = client.get(_address(HandOver, "change", row.pk))
    assert page.status_code == 200
    assert "MARKNOTITIE" not in page.content.decode()
    User.objects.filter(pk=bo.user_id).update(is_staff=True)
    theirs = Client()
    theirs.force_login(User.objects.get(pk=bo.user_id), backend="django.contrib.auth.backends.ModelBackend")
    assert "MARKNOTITIE" in theirs.get(_address(HandOver, "change", row.pk)).content.decode()
    far = make_director(kind="coach", default=False, name="Sam")
    refused = client.post(_address(HandOver, "add"), {**asked, "to_worker": far.pk}, follow=True)
    assert "een coach heeft een machtiging" in refused.content.decode()


def test_the_desk_puts_the_consent_of_a_bewindvoerder_on_file() -> None:
    client = _desk()
    citizen = make_citizen()
    told = {"citizen": citizen.pk, "name": "Ada de Waard", "organisation": "", "phone": "", "email": "", "since": ""}
    assert client.post(_address(Bewind, "add"), told).status_code == 302
    with scope.as_worker("test"):
        bewind = Bewind.objects.get()
        assert bewind.told_by == f"coach:{make_director().pk}"
    add = _address(BewindConsent, "add")
    assert (
        "Zonder papier kan het niet"
        in client.post(add, {"bewind": bewind.pk, "consent_on": "2026-11-20"}).content.decode()
    )
    late = client.post(add, {"bewind": bewind.pk, "consent_on": "2026-11-24", "seen": "on"})
    assert "moet nog komen" in late.content.decode()
    assert client.post(add, {"bewind": bewind.pk, "consent_on": "2026-11-20", "seen": "on"}).status_code == 302
    with scope.as_worker("test"):
        consent = BewindConsent.objects.get()
        assert (consent.recorded_by, consent.recorded_on) == (make_director(), date(2026, 11, 23))
    assert client.get(_address(BewindConsent, "change", consent.pk)).status_code == 200


def test_switching_somebody_off_gives_their_cases_to_the_desk() -> None:
    client = _desk()
    citizen, bo = make_citizen(), _colleague()
    client.post(_address(HandOver, "add"), {"citizen": citizen.pk, "to_worker": bo.pk, "note": "x"})
    facts = {"user": bo.user_id, "kind": "desk", "name": bo.name, "organisation": "Eén Plan", "phone": bo.phone}
    assert client.post(_address(CaseWorker, "change", bo.pk), facts).status_code == 302
    jobs.run_all()
    with scope.as_worker("test"):
        assert Citizen.objects.get(pk=citizen.pk).director == make_director()


def test_whoever_gets_all_new_cases_cannot_be_switched_off() -> None:
    client, noor = _desk(), make_director()
    facts = {"user": noor.user_id, "kind": "desk", "name": noor.name, "organisation": "Eén Plan", "phone": noor.phone}
    page = client.post(_address(CaseWorker, "change", noor.pk), {**facts, "is_default_director": "on"})
    assert "Wijs eerst een ander aan" in page.content.decode()
