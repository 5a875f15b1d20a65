"""The bank says that an account is wrong: nothing goes there any more until somebody has looked (payments.md 5.4)."""

from django.db import transaction

from accounts.models import User
from arrangements.documents.content import money
from arrangements.domain.payouts import ACCOUNT_IS_WRONG
from arrangements.models import PayoutBatch
from arrangements.operations.tell import tell_creditor
from arrangements.operations.tell_desk import tell_desk
from creditors.models import Creditor
from infra import audit, clock, jobs


class NotBlocked(Exception):
    """Payments to this creditor are not held up (any more)."""


def block_iban(*, batch: PayoutBatch, reason: str, total_cents: int) -> bool:
    """Hold up payments to the creditor of `batch` when `reason` (ISO 20022) says that the account is wrong.

    Tells the desk and the creditor, once per batch. Whether it was blocked. An account that was changed after the batch was
    built is not blamed. Part of the caller's transaction. Worker only.
    """
    if not reason:
        return False
    creditor = Creditor.objects.select_for_update(no_key=True).get(pk=batch.creditor_id)
    blocks = reason in ACCOUNT_IS_WRONG and creditor.iban == batch.iban
    if blocks and creditor.iban_blocked_on is None:
        creditor.iban_blocked_on = clock.today()
        creditor.save(update_fields=["iban_blocked_on"])
        audit.record(
            "iban_blocked",
            object_type="creditor",
            object_id=creditor.pk,
            creditor_id=creditor.pk,
            details={"code": reason},
        )
    tell_desk(
        key=f"payout_back:{batch.pk}:{reason}",
        kind="payout_back",
        subject="Een doorbetaling is niet aangekomen",
        body=(
            f"Doorbetaling {batch.number} aan {creditor.name} kwam (voor een deel) niet aan: {money(total_cents)}. "
            f"De bank geeft als reden {reason}."
            + (" Er gaat niets meer naar deze rekening. Bel de organisatie." if blocks else "")
        ),
        where="/beheer/creditors/ibanchange/" if blocks else f"/beheer/arrangements/payoutbatch/{batch.pk}/change/",
    )
    tell_creditor(
        creditor,
        key=f"payout_back:{batch.pk}:{reason}",
        kind="payout_back",
        subject="Een betaling aan u is niet gelukt",
        body=(
            f"Van doorbetaling {batch.number} is {money(total_cents)} niet bij u aangekomen.\n"
            + (
                "De bank zegt dat de rekening niet klopt. Wij betalen pas weer als het rekeningnummer is nagekeken.\n"
                "Kijk het na onder Uitbetalingen, en geef daar zo nodig een ander rekeningnummer door."
                if blocks
                else "Wij betalen het bij de volgende keer weer aan u."
            )
        ),
    )
    return blocks


@transaction.atomic
def ask_unblock(*, creditor: Creditor, user: User, how_checked: str) -> None:
    """Somebody of the desk says that the account is right after all, and how that was checked. The worker lifts the block.

    Raises NotBlocked; ValueError without `how_checked`. Scope: the desk.
    """
    if not how_checked.strip():
        raise ValueError("say how it was checked")
    if creditor.iban_blocked_on is None:
        raise NotBlocked
    audit.record(
        "iban_confirmed",
        object_type="creditor",
        object_id=creditor.pk,
        creditor_id=creditor.pk,
        reason=how_checked.strip()[:200],
        details={"user": user.pk},
    )
    jobs.enqueue(
        "unblock_iban",
        key=f"unblock_iban:{creditor.pk}:{creditor.iban_blocked_on.isoformat()}:{clock.now():%Y%m%d%H%M%S}",
        arguments={"creditor": creditor.pk},
        creditor_id=creditor.pk,
    )


@jobs.job("unblock_iban")
def unblock_iban(work: jobs.Work) -> None:
    """Payments go on. The next run takes what was held up along."""
    creditor = Creditor.objects.select_for_update(no_key=True).get(pk=work.arguments["creditor"])
    if creditor.iban_blocked_on is not None:
        creditor.iban_blocked_on = None
        creditor.save(update_fields=["iban_blocked_on"])
        audit.record("iban_unblocked", object_type="creditor", object_id=creditor.pk, creditor_id=creditor.pk)
