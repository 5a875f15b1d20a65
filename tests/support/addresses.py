"""Every address of the resolver, with its holes filled in for one visitor: a new page cannot escape the page tests."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from django.test import Client

from accounts.checks import all_views
from accounts.models import Absence, BewindConsent, Mandate, MandateInvitation
from arrangements.models import (
    Answer,
    Arrangement,
    Assessment,
    Beslag,
    CaseTask,
    CertificateList,
    Claim,
    Consent,
    CreditorInvitation,
    CreditorTask,
    DemoBankPayment,
    Document,
    EqualityCertificate,
    Installment,
    OfficialFigure,
    Payment,
    PayoutBatch,
)
from creditors.models import ClaimImport, IbanChange
from infra.models import Job, Message

_HOLE: Final = re.compile(r"<(?:\w+:)?(\w+)>")
#: Not ours to look at: the admin is Django's, static files are no pages.
_NOT_PAGES: Final = ("beheer/", "static/")

_VALUES: Final = {
    "absence": (Absence, "public_id"),
    "answer": (Answer, "public_id"),
    "arrangement": (Arrangement, "public_id"),
    "assessment": (Assessment, "public_id"),
    "beslag": (Beslag, "public_id"),
    "certificate": (EqualityCertificate, "public_id"),
    "certificate_list": (CertificateList, "public_id"),
    "claim": (Claim, "public_id"),
    "claim_import": (ClaimImport, "public_id"),
    "client": (Mandate, "public_id"),
    "creditor_task": (CreditorTask, "public_id"),
    "bewind_consent": (BewindConsent, "public_id"),
    "consent": (Consent, "public_id"),
    "document": (Document, "public_id"),
    "figure": (OfficialFigure, "public_id"),
    "helper": (Mandate, "public_id"),
    "invitation": (MandateInvitation, "public_id"),
    "invited": (CreditorInvitation, "public_id"),
    "iban_change": (IbanChange, "public_id"),
    "job": (Job, "id"),
    "mandate": (Mandate, "public_id"),
    "message": (Message, "id"),
    "payment": (Payment, "public_id"),
    "payment_id": (DemoBankPayment, "id"),
    "payout": (PayoutBatch, "public_id"),
    "task": (CaseTask, "public_id"),
    "token": (Installment, "pay_token"),
}
#: Holes that are filled by what a page offers, not by a row.
_WORDS: Final = {"code": ["ACDE-FGHJ"], "persona": ["robin"], "provider": ["demobank"], "pk": ["1"]}


def patterns() -> list[str]:
    """Every path of the resolver that can lead to a page."""
    found = {pattern for pattern, _ in all_views()}
    return sorted(one for one in found if not one.startswith(_NOT_PAGES) and not any(sign in one for sign in "^$\\("))


def values() -> dict[str, list[str]]:
    """What can stand in a hole, by the name of the hole. Scope: everything."""
    rows = {
        name: [str(one) for one in model._base_manager.values_list(column, flat=True)]
        for name, (model, column) in _VALUES.items()
    }
    return rows | _WORDS


def addresses(pattern: str, known: dict[str, list[str]]) -> Iterator[str]:
    """The pattern with every combination of known values. KeyError for a hole nobody told us about."""
    holes = _HOLE.findall(pattern)
    for chosen in product(*(known[name] for name in holes)):
        address = pattern
        for one in chosen:
            address = _HOLE.sub(one, address, count=1)
        yield f"/{address}"


def answered_pages(client: Client, known: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """(pattern, address, html) of every page this visitor gets: the first address of each pattern that answers with one."""
    for pattern in patterns():
        for address in addresses(pattern, known):
            response = client.get(address)
            if response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html"):
                yield pattern, address, response.content.decode()
                break
            if response.status_code in (403, 405):
                break  # a matter of who one is, or of the method: another id makes no difference
