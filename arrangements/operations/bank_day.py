from datetime import date

from arrangements.payments import demobank


def close_bank_day(*, today: date) -> int:
    """The made-up bank has its day: payouts, transfers, statement, and whatever goes wrong there. Nothing elsewhere.

    Real banks need nobody to tell them. Worker only, outside a transaction. How many things happened there.
    """
    return demobank.close_day(today) if demobank.allowed() else 0
