"""Money that came in in bulk and waits for the division, as an import of a statement books it. Set-up only."""

from datetime import date

from django.db import transaction

from arrangements.domain import postings
from arrangements.models import Arrangement, Receipt
from arrangements.operations.post_entries import post_entries
from infra import clock
from infra.scope import as_worker


def receives(
    arrangement: Arrangement, *amounts: int, key: str = "bulk", kind: str = "installment", on: date | None = None
) -> list[Receipt]:
    """Transfers of `amounts` cents for this arrangement, booked and not divided."""
    with as_worker("test"), transaction.atomic():
        rows = Receipt.objects.bulk_create(
            [
                Receipt(
                    kind=kind,
                    source=Receipt.Source.TRANSFER,
                    arrangement=arrangement,
                    citizen_id=arrangement.citizen_id,
                    key=f"{key}:{arrangement.pk}:{number}",
                    amount_cents=amount,
                    divided_cents=0,
                    received_on=on or clock.today(),
                )
                for number, amount in enumerate(amounts)
            ]
        )
        post_entries(
            postings.receipt_transfer(row.key, arrangement=arrangement.pk, amount=row.amount_cents) for row in rows
        )
    return rows
