"""The made-up bank: a payment page, books of its own, an account with statements, and faults to choose from."""

from arrangements.payments.demobank.account import transfer_in
from arrangements.payments.demobank.day import close_day, next_day
from arrangements.payments.demobank.faults import NothingToHit, set_fault
from arrangements.payments.demobank.gate import NAME, allowed
from arrangements.payments.demobank.messages import HEADER, event_body
from arrangements.payments.demobank.payments import (
    AlreadyDecided,
    expire,
    pay,
    refuse,
    reverse_payment,
    succeed,
    think,
    win_dispute,
)
from arrangements.payments.demobank.provider import DemoBank

__all__ = [
    "HEADER",
    "NAME",
    "AlreadyDecided",
    "DemoBank",
    "NothingToHit",
    "allowed",
    "close_day",
    "event_body",
    "expire",
    "next_day",
    "pay",
    "refuse",
    "reverse_payment",
    "set_fault",
    "succeed",
    "think",
    "transfer_in",
    "win_dispute",
]
