"""Equality certificates: finding one's own, handing it out as a file, and checking any such file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from arrangements.domain.certificate import FullList, Statement
from arrangements.domain.certificate_check import Check, check_paper, same_commitment
from arrangements.domain.certificate_file import Signed, read_certificate
from arrangements.models import CertificateList, EqualityCertificate
from infra import signing

FILE_TYPE = "application/json"


def certificate_of(proposal_id: int) -> EqualityCertificate | None:
    """The creditor's certificate for one version of a proposal; None while the worker is still at it. Scope: creditor's."""
    return EqualityCertificate.objects.filter(proposal_id=proposal_id).first()


def certificate(public_id: UUID) -> EqualityCertificate | None:
    """One certificate of the creditor. Scope: the creditor's."""
    return EqualityCertificate.objects.filter(public_id=public_id).first()


def newest_list() -> CertificateList | None:
    """The list of the citizen's newest version, without what is in it. Scope: the citizen's."""
    return CertificateList.objects.defer("document").order_by("-id").first()


def file_of(row: EqualityCertificate | CertificateList) -> bytes:
    """The signed paper as the file that people download, and that `check_file` reads."""
    envelope = {"document": row.document, "sleutel": row.key_id, "handtekening": row.signature}
    return json.dumps(envelope, ensure_ascii=False, indent=1).encode()


def paper_of(row: EqualityCertificate | CertificateList) -> Statement | FullList:
    """The paper itself. certificate_file.Unreadable when what is stored is none."""
    return read_certificate(file_of(row)).paper


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate that was looked at, and everything that was checked, the signature first."""

    paper: Statement | FullList
    checks: tuple[Check, ...]

    @property
    def good(self) -> bool:
        """Whether nothing was wrong."""
        return all(check.good for check in self.checks)

    @property
    def whole_list(self) -> bool:
        """Whether this is the list for an auditor, not the statement of one creditor."""
        return isinstance(self.paper, FullList)


def check_file(content: bytes, *, public_key: str = "") -> Checked:
    """Check one file from scratch: nothing of ours is looked up but the public keys. Keeps nothing.

    `public_key` (hex): whose signature it must be, instead of one of ours. Raises certificate_file.Unreadable for anything
    that is no certificate, ValueError for a public key that is none.
    """
    signed = read_certificate(content)
    return Checked(signed.paper, (_signature_check(signed, public_key), *check_paper(signed.paper)))


def check_together(checked: Sequence[Checked]) -> Check:
    """Whether several certificates are about one and the same plan."""
    return same_commitment([one.paper for one in checked])


def _signature_check(signed: Signed, public_key: str) -> Check:
    title = "De handtekening is van Eén Plan"
    try:
        signing.verify(signed.document, signing.Signature(signed.key_id, signed.signature), public_key=public_key)
    except signing.UnknownKey:
        return Check(title, ("De sleutel van deze handtekening kennen wij niet.",))
    except signing.BadSignature:
        return Check(title, ("De handtekening past niet bij dit bestand.",))
    return Check(title, ())
