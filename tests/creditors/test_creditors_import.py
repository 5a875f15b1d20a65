"""The import of claims on a real database."""

import time

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts import codes
from creditors.models import ClaimImport, Creditor, CreditorMember, UploadedClaim
from creditors.operations.forget_claims import forget_expired_claims
from creditors.operations.import_claims import AlreadyUploaded, FileUnusable, upload_claims
from creditors.operations.invitations import invitation_hash
from infra import clock, jobs
from infra.models import Job
from infra.scope import act_as, as_worker
from tests.factories.creditors import claim_line, claims_file, imported, upload
from tests.factories.people import creditor_scope, make_creditor, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def creditor() -> Creditor:
    return make_creditor("Waterbedrijf Noord")


@pytest.fixture
def member(creditor: Creditor) -> CreditorMember:
    return make_member(creditor)


def stored() -> int:
    with as_worker("test"), transaction.atomic():
        return UploadedClaim.objects.count()


def test_a_good_file_is_stored_whole_with_a_hash_instead_of_the_person(
    creditor: Creditor, member: CreditorMember
) -> None:
    row = imported(
        creditor,
        member,
        claims_file(
            claim_line(),
            claim_line(
                FactuurnummerSE="F-2",
                VorderingsType="preferent",
                GrondPreferentie="Iw 1990 art. 21",
                Kwijtscheldbaar="nee",
                GrondNietKwijtscheldbaar="boete",
                Ontstaansdatum="",
                IBAN="",
            ),
        ),
    )
    assert (row.state, row.rows_done, row.rows_total, row.error_count) == ("stored", 2, 2, 0)
    assert bytes(row.content) == b""
    with act_as(creditor_scope(creditor, member)), transaction.atomic():
        first, second = UploadedClaim.objects.order_by("reference")
    assert (first.principal_cents, first.interest_cents, first.costs_cents, first.outstanding_cents) == (
        123_456,
        1_200,
        0,
        124_656,
    )
    assert first.match_key == codes.match_key(
        family_name="Jansen", birth_date="1985-12-03", postcode="1234AB", house_number="5"
    )
    assert first.invitation_hash == invitation_hash(creditor_id=creditor.pk, reference="F-1")
    assert (first.expires_on - clock.today()).days == 30
    assert (second.is_preferent, second.dischargeable, second.origin_date) == (True, False, None)


def test_one_wrong_line_keeps_every_line_out_and_is_named(creditor: Creditor, member: CreditorMember) -> None:
    imported(creditor, member, claims_file(claim_line(FactuurnummerSE="F-0")))
    before = stored()
    row = imported(
        creditor,
        member,
        claims_file(
            claim_line(),
            claim_line(FactuurnummerSE="F-2", ActueelVorderingsbedrag="-5,00", Geboortedatum="31-02-1985"),
            claim_line(),
            claim_line(FactuurnummerSE="F-0"),
            claim_line(FactuurnummerSE="F-5", IBAN="NL91 ABNA 0417 1643 01"),
        ),
    )
    assert row.state == "refused"
    assert [(one["line"], one["column"]) for one in row.errors] == [
        (3, "Geboortedatum"),
        (3, "ActueelVorderingsbedrag"),
        (4, "FactuurnummerSE"),
        (5, "FactuurnummerSE"),
        (6, "IBAN"),
    ]
    assert row.errors[2]["reason"] == "Dit kenmerk staat ook op regel 2."
    assert "vorderingen.csv" in row.errors[3]["reason"]
    assert row.error_count == 5
    assert bytes(row.content) == b""
    assert stored() == before == 1


def test_the_same_file_twice_is_one_import(creditor: Creditor, member: CreditorMember) -> None:
    content = claims_file(claim_line())
    first = imported(creditor, member, content)
    with pytest.raises(AlreadyUploaded) as caught:
        upload(creditor, member, content, name="anders.csv")
    assert caught.value.claim_import.pk == first.pk
    assert stored() == 1


def test_a_refused_file_may_come_again(creditor: Creditor, member: CreditorMember) -> None:
    content = claims_file(claim_line(Postcode="0000"))
    assert imported(creditor, member, content).state == "refused"
    assert imported(creditor, member, content).state == "refused"


def test_another_creditor_may_use_the_same_reference(creditor: Creditor, member: CreditorMember) -> None:
    content = claims_file(claim_line())
    assert imported(creditor, member, content).state == "stored"
    other = make_creditor()
    assert imported(other, make_member(other), content).state == "stored"
    assert stored() == 2


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rest", b"%PDF-1.7", b"x" * (30 * 1024 * 1024 + 1)])
def test_what_is_no_csv_at_all_is_refused_at_the_door(
    creditor: Creditor, member: CreditorMember, content: bytes
) -> None:
    with pytest.raises(FileUnusable):
        upload(creditor, member, content)


def test_a_hostile_file_name_is_only_a_name(creditor: Creditor, member: CreditorMember) -> None:
    row = upload(creditor, member, claims_file(claim_line()), name="..\\..\\etc/pass\u202ewd\x00.csv")
    assert row.file_name == "passwd.csv"


def test_a_number_like_a_bsn_is_only_a_warning(creditor: Creditor, member: CreditorMember) -> None:
    row = imported(creditor, member, claims_file(claim_line(KlantnummerSE="111222333")))
    assert row.state == "stored"
    assert [(one["line"], one["column"], one["warning"]) for one in row.errors] == [(2, "KlantnummerSE", True)]
    assert "111222333" not in row.errors[0]["reason"]


def test_a_worker_that_finds_the_file_half_read_starts_again(creditor: Creditor, member: CreditorMember) -> None:
    row = upload(creditor, member, claims_file(claim_line()))
    with as_worker("test"), transaction.atomic():
        ClaimImport.objects.filter(pk=row.pk).update(state=ClaimImport.State.CHECKING, rows_done=1)
        Job.objects.filter(creditor_id=creditor.pk).update(state=Job.State.RUNNING)
    jobs.run_all()
    with act_as(creditor_scope(creditor, member)), transaction.atomic():
        row.refresh_from_db()
    assert row.state == "stored"
    assert stored() == 1


def test_a_file_we_gave_up_on_can_be_uploaded_again(creditor: Creditor, member: CreditorMember) -> None:
    content = claims_file(claim_line())
    first = upload(creditor, member, content)
    with as_worker("test"), transaction.atomic():
        Job.objects.filter(creditor_id=creditor.pk).update(state=Job.State.FAILED)
    second = imported(creditor, member, content)
    assert second.state == "stored"
    with act_as(creditor_scope(creditor, member)), transaction.atomic():
        first.refresh_from_db()
    assert first.state == "refused"


def test_unmatched_claims_are_forgotten_after_their_last_day(creditor: Creditor, member: CreditorMember) -> None:
    imported(creditor, member, claims_file(claim_line(), claim_line(FactuurnummerSE="F-2")))
    with as_worker("test"), transaction.atomic():
        UploadedClaim.objects.filter(reference="F-2").update(matched_at=clock.now())
        last_day = UploadedClaim.objects.get(reference="F-1").expires_on
        assert forget_expired_claims(on=last_day) == 0
        assert forget_expired_claims(on=last_day.replace(year=last_day.year + 1)) == 1
        assert [claim.reference for claim in UploadedClaim.objects.all()] == ["F-2"]


def test_the_web_role_cannot_see_what_another_creditor_uploaded(creditor: Creditor, member: CreditorMember) -> None:
    imported(creditor, member, claims_file(claim_line()))
    other = make_creditor()
    with act_as(creditor_scope(other)), transaction.atomic(), connection.cursor() as cursor:
        for table in ("creditors_uploadedclaim", "creditors_claimimport"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == 0


def test_a_hundred_thousand_lines_go_through_the_job(creditor: Creditor, member: CreditorMember) -> None:
    lines = [claim_line(FactuurnummerSE=f"F-{number}") for number in range(100_000)]
    row = upload(creditor, member, claims_file(*lines))
    started = time.monotonic()
    jobs.run_all()
    took = time.monotonic() - started
    with act_as(creditor_scope(creditor, member)), transaction.atomic():
        row.refresh_from_db()
    assert (row.state, row.rows_done) == ("stored", 100_000)
    assert stored() == 100_000
    # Generous: the machine may be busy. Without other work it takes about ten seconds.
    assert took < 60, took


def test_the_wrong_line_among_a_hundred_thousand_is_found(creditor: Creditor, member: CreditorMember) -> None:
    lines = [claim_line(FactuurnummerSE=f"F-{number}") for number in range(20_000)]
    lines[15_000] = claim_line(FactuurnummerSE="F-15000", Kosten="=1+1")
    row = imported(creditor, member, claims_file(*lines))
    assert [(one["line"], one["column"]) for one in row.errors] == [(15_002, "Kosten")]
    assert stored() == 0


def test_progress_is_told_while_the_file_is_read(
    creditor: Creditor, member: CreditorMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(jobs.Work, "progress", lambda work, done, total, text="": told.append((done, total)))
    row = upload(creditor, member, claims_file(*[claim_line(FactuurnummerSE=f"F-{number}") for number in range(5_000)]))
    jobs.run_all()
    assert told[:3] == [(2_000, 5_000), (4_000, 5_000), (5_000, 5_000)]
    assert row.state == "waiting"


def test_uploading_needs_the_creditors_own_scope(creditor: Creditor, member: CreditorMember) -> None:
    other = make_creditor()
    with (
        act_as(creditor_scope(other)),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        upload_claims(creditor=creditor, user=member.user, file_name="a.csv", content=claims_file(claim_line()))
