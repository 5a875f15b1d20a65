"""The made-up bank keeps the contract of every provider, and has nothing to excuse itself for."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from arrangements.models import DemoBankEvent
from arrangements.payments import demobank
from arrangements.payments.signatures import sign
from infra import clock
from kernel.working_days import add_working_days
from tests.arrangements.payments.contract import CollectionContract, collection
from tests.factories.money import START, at

pytestmark = pytest.mark.django_db


class DemoBankRig:
    """The other side of the made-up bank, through its own functions."""

    def __init__(self) -> None:
        self.provider = demobank.DemoBank()

    def pays(self, provider_id: str) -> None:
        if self.provider.read(provider_id).state == "pending":
            demobank.succeed(provider_id)
        else:
            demobank.pay(provider_id)

    def thinks(self, provider_id: str) -> None:
        demobank.think(provider_id)

    def refuses(self, provider_id: str) -> None:
        demobank.refuse(provider_id)

    def disputes(self, provider_id: str) -> None:
        demobank.reverse_payment(provider_id)

    def wins(self, provider_id: str) -> None:
        demobank.win_dispute(provider_id)

    def fails_afterwards(self, provider_id: str) -> None:
        demobank.reverse_payment(provider_id, failed=True)

    def settles(self) -> None:
        at(add_working_days(clock.today(), 1))
        demobank.close_day(clock.today())

    def messages(self, provider_id: str) -> Sequence[tuple[bytes, Mapping[str, str]]]:
        bodies = DemoBankEvent.objects.filter(payment_id=provider_id).order_by("number").values_list("body", flat=True)
        return [(bytes(body), self.signed(bytes(body))) for body in bodies]

    def signed(self, body: bytes, *, seconds_ago: int = 0, forged: bool = False) -> Mapping[str, str]:
        secret = "another" if forged else "tests-only-webhook"
        return {demobank.HEADER: sign(body, secret=secret, at=int(time.time()) - seconds_ago)}


class TestDemoBank(CollectionContract):
    @pytest.fixture
    def rig(self) -> DemoBankRig:
        at(START)
        return DemoBankRig()


def test_where_the_clock_decides_the_bank_refuses_every_call(settings: object) -> None:
    settings.BUSINESS_DATE_SOURCE = "clock"  # type: ignore[attr-defined]  # pytest-django's wrapper
    bank = demobank.DemoBank()
    for call in (
        lambda: bank.open_link(collection()),
        lambda: bank.refund("x", 1, "y"),
        lambda: bank.events_since(""),
        lambda: bank.settlements_since(""),
        lambda: bank.submit("x", b""),
        lambda: bank.read_status("x"),
        lambda: bank.statements_since(""),
        lambda: demobank.close_day(START + timedelta(days=1)),
        lambda: demobank.set_fault("storno"),
        lambda: demobank.transfer_in(iban="NL02ABNA0123456789", name="A", amount_cents=1),
    ):
        with pytest.raises(ImproperlyConfigured):
            call()
