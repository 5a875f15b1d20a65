"""What organisations pay us, on our own account."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories.books import balances

pytestmark = pytest.mark.django_db


def _book(invoice: str, amount: str) -> str:
    out = StringIO()
    call_command("book_revenue", "--invoice", invoice, "--amount", amount, stdout=out)
    return out.getvalue()


def test_an_invoice_is_booked_once() -> None:
    assert "€ 1.250,00 is geboekt" in _book("2027-1", "1.250,00").replace("\u00a0", " ")
    assert "al geboekt" in _book("2027-1", "1.250,00")
    assert balances() == {1010: 1_250_00, 4000: -1_250_00}


@pytest.mark.parametrize("amount", ["0", "-5", "12,345", "veel"])
def test_an_amount_that_cannot_be_is_refused_and_nothing_is_booked(amount: str) -> None:
    with pytest.raises(CommandError):
        call_command("book_revenue", "--invoice", "2027-2", f"--amount={amount}", stdout=StringIO())
    assert balances() == {}
