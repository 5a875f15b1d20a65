"""The load of a drill: people who have paid at the bank, whose messages come in while machines fail."""

import random
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from arrangements.models import LedgerEntry, Payment, ProviderEvent, Receipt
from arrangements.operations.check_books import check_books
from arrangements.operations.store_event import store_event
from arrangements.payments import demobank
from arrangements.payments.provider import Verified
from infra import jobs
from infra.scope import as_worker
from tests.factories.money import next_open, open_link, running_case


def people_who_paid(count: int) -> list[str]:
    """So many arrangements with a first instalment paid at the bank, whose message has not come. The bank's ids."""
    found = []
    for number in range(count):
        with transaction.atomic():
            _case, arrangement = running_case(1_000_00 + number, 2_000_00, 333_33)
            payment = open_link(arrangement.citizen, next_open(arrangement))
            demobank.pay(payment.provider_id, notify=False)
        found.append(payment.provider_id)
    return found


@dataclass
class Sender:
    """The provider: sends every message until it is acknowledged, some twice. It keeps what was acknowledged."""

    waiting: list[str]
    draw: random.Random
    acknowledged: list[str] = field(default_factory=list)
    errors: int = 0

    def send_next(self) -> bool:
        """Send one message, again and again until the answer is there. False when none is left."""
        if not self.waiting:
            return False
        provider_id = self.waiting.pop()
        times = 2 if self.draw.random() < 0.3 else 1
        for _ in range(times):
            self._send(Verified(f"evt_{provider_id}", "collection.succeeded", provider_id))
        self.acknowledged.append(provider_id)
        return True

    def _send(self, event: Verified) -> None:
        while True:
            try:
                with as_worker("oefening"):
                    store_event(provider=demobank.NAME, event=event, raw=b"{}")
            except (OperationalError, InterfaceError, DatabaseError):
                self.errors += 1
                connection.close()
                time.sleep(0.05)
            else:
                return


def all_booked(count: int) -> bool:
    """Whether every payment is booked and every message handled."""
    try:
        with as_worker("oefening"), transaction.atomic():
            return (
                Receipt.objects.count() >= count and not ProviderEvent.objects.filter(handled_at__isnull=True).exists()
            )
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def outcome(sender: Sender) -> dict[str, object]:
    """What the tables say, read alone: nothing lost, nothing twice, the books right."""
    while jobs.sweep():
        pass
    with as_worker("oefening"), transaction.atomic():
        stored = set(ProviderEvent.objects.values_list("provider_payment_id", flat=True))
        receipts = list(Receipt.objects.values_list("payment__provider_id", flat=True))
        divided = list(LedgerEntry.objects.filter(kind="distribution", ledger="cash").values_list("key", flat=True))
        pending = Payment.objects.filter(state="pending", provider_id__in=sender.acknowledged).count()
        findings = [f"{one.check}: {one.text}" for one in check_books()]
    return {
        "acknowledged": len(sender.acknowledged),
        "acknowledged_and_lost": len(set(sender.acknowledged) - stored),
        "receipts": len(receipts),
        "receipts_twice": len(receipts) - len(set(receipts)),
        "divided": len(divided),
        "divided_twice": len(divided) - len(set(divided)),
        "still_pending": pending,
        "connections_lost": sender.errors,
        "findings": findings,
    }
