import secrets
from collections.abc import Iterator

from django.db import transaction

from arrangements.domain.certify import Entry, certify
from arrangements.domain.proposal import PlanLine
from arrangements.models import CertificateList, EqualityCertificate, Proposal, ProposalLine
from arrangements.operations.make_proposal import plan_of
from infra import audit, clock, jobs, signing

SALT_BYTES = 32


def promise_certificates(proposal: Proposal) -> None:
    """Promise the certificates of a version that goes to its creditors. Part of the caller's transaction."""
    jobs.enqueue(
        "make_certificates",
        key=f"make_certificates:{proposal.pk}",
        arguments={"proposal": proposal.pk},
        citizen_id=proposal.citizen_id,
    )


@jobs.job("make_certificates")
def make_certificates_job(work: jobs.Work) -> None:
    """See `make_certificates`."""
    make_certificates(proposal_id=work.arguments["proposal"])


@transaction.atomic
def make_certificates(*, proposal_id: int) -> CertificateList:
    """Prove that every share in this version comes from the same rule: a signed statement for each creditor, and the list.

    Worker only: it looks at all creditors. Once per version; repeating gives the same list. Raises certify.NotEqual when a
    share follows from no rule: then nobody gets a certificate, and the job stays red until a person has looked.
    """
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    subject = f"voorstel:{proposal.public_id}"
    found = CertificateList.objects.filter(subject=subject).first()
    if found is not None:
        return found
    rows = list(ProposalLine.objects.filter(proposal=proposal).select_related("claim", "creditor").order_by("position"))
    entries = [
        Entry(line, str(row.creditor_id), row.creditor.name, row.claim.reference)
        for line, row in zip(plan_of(proposal).lines, rows, strict=True)
    ]
    made = certify(
        subject=subject,
        label=f"Voorstel, versie {proposal.version}",
        made_on=clock.today().isoformat(),
        entries=entries,
        salts=[secrets.token_hex(SALT_BYTES) for _ in {row.creditor_id for row in rows}],
        earlier=list(_before(proposal)),
    )
    document = made.full_list.as_json()
    signed = signing.sign(document)
    full_list = CertificateList.objects.create(
        subject=subject,
        label=made.full_list.heading.label,
        citizen_id=proposal.citizen_id,
        proposal=proposal,
        root=made.full_list.root,
        document=document,
        key_id=signed.key_id,
        signature=signed.signature,
        made_on=clock.today(),
    )
    EqualityCertificate.objects.bulk_create(
        _certificate(full_list, int(creditor), statement.as_json()) for creditor, statement in made.statements.items()
    )
    audit.record(
        "certificates_made",
        object_type="certificate_list",
        object_id=full_list.pk,
        citizen_id=proposal.citizen_id,
        details={"proposal": proposal.pk, "root": full_list.root},
    )
    return full_list


def _certificate(full_list: CertificateList, creditor_id: int, document: dict[str, object]) -> EqualityCertificate:
    signed = signing.sign(document)
    return EqualityCertificate(
        full_list=full_list,
        proposal_id=full_list.proposal_id,
        creditor_id=creditor_id,
        document=document,
        key_id=signed.key_id,
        signature=signed.signature,
        made_on=full_list.made_on,
    )


def _before(proposal: Proposal) -> Iterator[tuple[PlanLine, ...]]:
    """The versions this one took the place of, the newest first: an agreed share may come from one of them."""
    older = Proposal.objects.filter(replaced_by=proposal).first()
    while older is not None:
        yield plan_of(older).lines
        older = Proposal.objects.filter(replaced_by=older).first()
