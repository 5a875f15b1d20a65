"""Organisations with a letter out, and waiting for what the worker does. The worker has to run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from arrangements.models import Answer, Arrangement, Proposal
from creditors.models import ClaimImport, Creditor, CreditorMember
from creditors.operations.invitations import invitation_code
from infra.scope import as_worker
from tests.factories.creditors import claim_line, claims_file, upload
from tests.factories.people import make_creditor, make_member
from tests.support.waiting import eventually

#: What Robin Vermeer types about himself, and what his creditors wrote down.
ROBIN = {"Achternaam": "Vermeer", "Geboortedatum": "12-04-1990", "Postcode": "2345 BC", "Huisnummer": "17"}


@contextmanager
def everything() -> Iterator[None]:
    """Read and write all parties' rows, committed at the end: the scope only reaches the database in a transaction."""
    with transaction.atomic(), as_worker("test"):
        yield


@dataclass
class Party:
    """One organisation with somebody at its desk, and the reference of its claim."""

    creditor: Creditor
    member: CreditorMember
    reference: str

    @property
    def code(self) -> str:
        """The code in its letter."""
        return invitation_code(creditor_id=self.creditor.pk, reference=self.reference)


def make_party(name: str, reference: str, outstanding: str, *, role: str = "clerk", **cells: str) -> Party:
    """An organisation that uploaded one claim on Robin; the worker has read the file. `outstanding` as people write it."""
    amounts = {
        "OorspronkelijkeVordering": outstanding,
        "Rente": "",
        "Kosten": "",
        "ActueelVorderingsbedrag": outstanding,
    }
    content = claims_file(claim_line(**{"FactuurnummerSE": reference, **ROBIN, **amounts, **cells}))
    with transaction.atomic():
        creditor = make_creditor(name)
        member = make_member(creditor, role=role, name=f"Kees van {name}")
        row = upload(creditor, member, content)

    def stored() -> bool:
        with everything():
            return ClaimImport.objects.get(pk=row.pk).state == ClaimImport.State.STORED

    eventually(stored, message=f"the claims file of {name} was not stored")
    return Party(creditor, member, reference)


def wait_for_proposal(state: str) -> None:
    """The newest version has this state."""

    def there() -> bool:
        with everything():
            return Proposal.objects.order_by("-pk")[0].state == state

    eventually(there, message=f"no proposal became {state}")


def wait_for_answer(creditor: Creditor, state: str) -> None:
    """An answer of this creditor has this state."""

    def there() -> bool:
        with everything():
            return Answer.objects.filter(creditor=creditor, state=state).exists()

    eventually(there, message=f"no answer of {creditor.name} became {state}")


def wait_for_arrangement(state: str) -> None:
    """An arrangement has this state."""

    def there() -> bool:
        with everything():
            return Arrangement.objects.filter(state=state).exists()

    eventually(there, message=f"no arrangement became {state}")
