"""Lines of the segregated account, as a statement of the bank brings them, for tests."""

from datetime import date
from hashlib import sha256
from itertools import count

from arrangements.models import BankFile, BankLine, BankStatement, Withholder
from infra import clock
from infra.scope import as_worker

MUNICIPALITY_IBAN = "NL91ABNA0417164300"
SENDER_IBAN = "NL20INGB0001234567"
_number = count(1)


def make_withholder(name: str = "Gemeente Veldhoven", iban: str = MUNICIPALITY_IBAN) -> Withholder:
    with as_worker("test"):
        return Withholder.objects.create(name=name, iban=iban)


def bank_line(
    amount_cents: int,
    *,
    text: str = "",
    iban: str = SENDER_IBAN,
    name: str = "A. Afzender",
    booked_on: date | None = None,
) -> BankLine:
    """One line on a statement of its own, not placed; nothing is posted for it."""
    number = next(_number)
    day = booked_on or clock.today()
    with as_worker("test"):
        file = BankFile.objects.create(
            name=f"{number}.xml", content=b"x", sha256=sha256(f"{number}".encode()).hexdigest(), state="read"
        )
        statement = BankStatement.objects.create(
            file=file,
            iban="NL02ABNA0123456789",
            identification=f"S{number}",
            opening_cents=0,
            closing_cents=amount_cents,
            opened_on=day,
            closed_on=day,
        )
        return BankLine.objects.create(
            statement=statement,
            position=1,
            key=f"NL02ABNA0123456789:S{number}:1",
            booked_on=day,
            amount_cents=amount_cents,
            counterparty_name=name,
            counterparty_iban=iban,
            text=text,
        )
