"""What a file of the bank says, before anybody decides what it means. Amounts are whole cents, + is in."""

from dataclasses import dataclass
from datetime import date


class FileRefused(Exception):
    """The file is not used, nothing of it. The message is the Dutch sentence for the desk: what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement on the account. A batch of the bank that tells its parts gives one per part.

    `position`: place in the statement, from 1. `part`: place in the batch, from 1; 0 when it is no part.
    `return_reason`: an ISO code of four signs when this is money that comes back, else "".
    """

    position: int
    part: int
    booked_on: date
    amount_cents: int
    counterparty_name: str = ""
    counterparty_iban: str = ""
    structured_reference: str = ""
    text: str = ""
    end_to_end_id: str = ""
    batch_id: str = ""
    bank_reference: str = ""
    return_reason: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that closes: opening + movements = closing. `account` is an IBAN, or what the bank gives instead."""

    account: str
    identification: str
    number: int | None
    opening_cents: int
    closing_cents: int
    opened_on: date
    closed_on: date
    movements: tuple[Movement, ...]
