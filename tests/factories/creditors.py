"""Claims files for tests."""

from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Claim
from arrangements.operations.application import give_consent, start_application
from creditors.models import ClaimImport, Creditor, CreditorMember
from creditors.operations.import_claims import upload_claims
from creditors.policies.claims_file import COLUMNS, HEADER
from infra import clock, jobs
from infra.scope import act_as
from tests.factories.people import citizen_scope, creditor_scope, make_citizen

GOOD = {
    "KlantnummerSE": "K-1",
    "FactuurnummerSE": "F-1",
    "Achternaam": "Jansen",
    "Geboortedatum": "03-12-1985",
    "Postcode": "1234 AB",
    "Huisnummer": "5",
    "OorspronkelijkeVordering": "1.234,56",
    "Rente": "12,00",
    "Kosten": "",
    "ActueelVorderingsbedrag": "1246.56",
    "VorderingsType": "concurrent",
    "GrondPreferentie": "",
    "Kwijtscheldbaar": "ja",
    "GrondNietKwijtscheldbaar": "",
    "Ontstaansdatum": "2025-02-15",
    "IBAN": "NL91 ABNA 0417 1643 00",
    "SoortVordering": "",
    "Incassobureau": "",
    "KenmerkIncassobureau": "",
    "Deurwaarder": "",
    "KenmerkDeurwaarder": "",
}


def claim_line(**cells: str) -> str:
    """One line of a claims file, good unless a cell is given that is not."""
    return ";".join({**GOOD, **cells}[column.name] for column in COLUMNS)


def claims_file(*lines: str, header: str = HEADER) -> bytes:
    """A claims file, UTF-8, with the line ends of a spreadsheet."""
    return "\r\n".join([header, *lines, ""]).encode()


def upload(creditor: Creditor, member: CreditorMember, content: bytes, name: str = "vorderingen.csv") -> ClaimImport:
    """Upload by the operation, as the member; the job waits."""
    with act_as(creditor_scope(creditor, member)):
        return upload_claims(creditor=creditor, user=member.user, file_name=name, content=content)


def imported(creditor: Creditor, member: CreditorMember, content: bytes) -> ClaimImport:
    """Upload, and let the job do its work."""
    row = upload(creditor, member, content)
    jobs.run_all()
    with act_as(creditor_scope(creditor, member)):
        row.refresh_from_db()
    return row


def named_claim(creditor: Creditor, *, told_cents: int | None = None, state: ClaimState = ClaimState.REPORTED) -> Claim:
    """A claim a citizen named; its balance has not been confirmed."""
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        give_consent(application=start_application(citizen=citizen))
        return Claim.objects.create(
            citizen=citizen,
            creditor=creditor,
            state=state,
            reference=f"zelf-{citizen.pk}",
            debtor_name=citizen.full_name,
            told_cents=told_cents,
            reported_on=clock.today(),
        )
