"""A storm of messages (reliability.md G12): doubled, shuffled and forged; the books end where the quiet order ends."""

import random
import threading
import time
from collections.abc import Sequence
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client

from arrangements.models import Arrangement, ArrangementLine, DemoBankEvent, Payment, ProviderEvent, Receipt, Storno
from arrangements.operations.check_books import check_books
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.payments import demobank
from arrangements.payments.provider import Collection
from arrangements.payments.signatures import sign
from infra import jobs
from infra.models import Job
from infra.scope import as_worker
from tests.factories.money import running_case

ADDRESS = "/betalen/webhook/demobank/"
SECRET = "tests-only-webhook"
DOUBLED, FORGED = 0.3, 0.05


def told(plans: Sequence[Arrangement], count: int, seed: int) -> tuple[list[Payment], list[bytes]]:
    """Payments at the bank that are thought about, paid, refused and now and then taken back, with all their messages."""
    chance = random.Random(seed)
    payments: list[Payment] = []
    for number in range(count):
        plan = plans[number % len(plans)]
        with as_worker("test"), transaction.atomic():
            payment = Payment.objects.create(
                arrangement=plan, citizen_id=plan.citizen_id, amount_cents=1_00 + number, provider="demobank"
            )
            link = demobank.DemoBank().open_link(
                Collection(f"storm:{uuid4()}", payment.amount_cents, "storm", "http://testserver/")
            )
            payment.provider_id = link.provider_id
            payment.save(update_fields=["provider_id"])
        fate = chance.random()
        if fate < 0.5:
            demobank.think(link.provider_id, notify=False)
            demobank.succeed(link.provider_id)
        elif fate < 0.8:
            demobank.pay(link.provider_id, notify=False)
        else:
            demobank.refuse(link.provider_id)
        if fate < 0.05:
            demobank.reverse_payment(link.provider_id, failed=True)
        payments.append(payment)
    with as_worker("test"), transaction.atomic():
        Job.objects.filter(kind="demobank_webhook").delete()
        rows = DemoBankEvent.objects.filter(payment__in=[one.provider_id for one in payments]).order_by("number")
        return payments, [bytes(row.body) for row in rows]


def knock(body: bytes, *, forged: bool = False) -> int:
    header = sign(body, secret="another" if forged else SECRET, at=int(time.time()))
    client = Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, body, content_type="application/json", headers={demobank.HEADER: header}).status_code


def storm(bodies: Sequence[bytes], seed: int) -> list[tuple[bytes, bool]]:
    """Every message, 30 % of them twice, and 5 % with a signature of somebody else, in any order."""
    chance = random.Random(seed)
    sent = [(body, False) for body in bodies]
    sent += [(body, False) for body in bodies if chance.random() < DOUBLED]
    sent += [(body.replace(b"evt_", b"evt_f_"), True) for body in bodies if chance.random() < FORGED]
    chance.shuffle(sent)
    return sent


def end_state(payments: Sequence[Payment], plans: Sequence[Arrangement]) -> dict[str, object]:
    """All that a message may change, in cents."""
    with as_worker("test"), transaction.atomic():
        states = dict(Payment.objects.filter(pk__in=[one.pk for one in payments]).values_list("amount_cents", "state"))
        return {
            "states": states,
            "received": [Arrangement.objects.get(pk=plan.pk).received_cents for plan in plans],
            "paid": [
                ArrangementLine.objects.filter(arrangement=plan).aggregate(sum=Sum("paid_cents"))["sum"]
                for plan in plans
            ],
            "receipts": Receipt.objects.filter(payment__in=payments).count(),
            "stornos": Storno.objects.filter(receipt__payment__in=payments).count(),
        }


def work_off() -> None:
    while jobs.sweep():
        pass


def plans_for_a_storm() -> list[Arrangement]:
    with transaction.atomic():
        return [running_case(10_000_00, 20_000_00, declared=200_00)[1] for _ in range(4)]


def weather(payments: int, *, threads: int) -> None:
    """The same story twice, payment after payment without any message, and as a storm: the same end."""
    quiet, loud = plans_for_a_storm(), plans_for_a_storm()
    work_off()
    in_order, _bodies = told(quiet, payments, seed=7)
    with as_worker("test"):
        for payment in in_order:
            refresh_payment(payment_id=payment.pk)
    shaken, bodies = told(loud, payments, seed=7)
    before = _events()
    sent = storm(bodies, seed=11)
    answers = _send(sent, threads)
    work_off()
    assert sorted(answers) == sorted([400 if forged else 200 for _body, forged in sent])
    assert _events() - before == len(bodies)
    assert end_state(shaken, loud) == end_state(in_order, quiet)
    with as_worker("test"):
        assert not ProviderEvent.objects.filter(handled_at=None).exists()
        assert check_books() == []


def _events() -> int:
    with as_worker("test"), transaction.atomic():
        return ProviderEvent.objects.count()


def _send(sent: Sequence[tuple[bytes, bool]], threads: int) -> list[int]:
    answers: list[int] = []
    if threads == 1:
        return [knock(body, forged=forged) for body, forged in sent]

    def some(part: Sequence[tuple[bytes, bool]]) -> None:
        try:
            for body, forged in part:
                answers.append(knock(body, forged=forged))
        finally:
            connection.close()

    workers = [threading.Thread(target=some, args=(sent[number::threads],)) for number in range(threads)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(300)
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_six_hundred_messages_from_eight_sides_end_as_the_quiet_order() -> None:
    weather(300, threads=8)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(3 * 60 * 60)
def test_ten_thousand_messages_end_as_the_quiet_order() -> None:
    weather(5_000, threads=8)
