"""With the peer's own interpreter, on a database of its own: `SOCKETS DATABASE`. Knows nothing of this product.

Receipts of twelve credits and one debit by django-hordak's best path: `bulk_create`, a thousand transactions at a time, each
batch committed. Accounts are made beforehand and not timed. It keeps no balances, no keys, no instalments, and pays nobody.
"""

import datetime as dt
import json
import sys
import time
from typing import Any

CLAIMS = 12
BATCH = 1_000
BATCHES = 4
ACCOUNTS = 200


def main() -> None:
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="bench",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": sys.argv[1],
                "NAME": sys.argv[2],
                "USER": "postgres",
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        CURRENCIES=("EUR",),
        DEFAULT_CURRENCY="EUR",
        HORDAK_INTERNAL_CURRENCY="EUR",
        HORDAK_CURRENCIES=["EUR"],
        HORDAK_DEFAULT_CURRENCY="EUR",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(measure()))


def measure() -> dict[str, Any]:
    from django.db import connection
    from hordak.models import Account, Leg  # type: ignore[import-not-found]  # of the peer's environment

    bank = Account.objects.create(name="bank", type="AS", code="1", currencies=["EUR"])
    claims = [
        Account.objects.create(name=f"claim {number}", type="LI", code=str(number + 2), currencies=["EUR"])
        for number in range(ACCOUNTS)
    ]
    seconds = [_batch(bank, claims, number) for number in range(BATCHES)]
    legs = Leg.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT transaction_id FROM hordak_leg GROUP BY 1 "
            "HAVING sum(coalesce(debit, 0)) <> sum(coalesce(credit, 0))) wrong"
        )
        wrong = cursor.fetchone()[0]
        cursor.execute("SELECT pg_total_relation_size('hordak_leg')")
        size = cursor.fetchone()[0]
    if wrong or legs != BATCHES * BATCH * (CLAIMS + 1):
        raise SystemExit(f"the peer's books are not right: {wrong} transactions, {legs} legs")
    per_batch = BATCH * (CLAIMS + 1)
    return {
        "legs": legs,
        "postings_per_second": round(per_batch / min(seconds)),
        "worst_postings_per_second": round(per_batch / max(seconds)),
        "bytes_per_posting": round(size / legs, 1),
    }


def _batch(bank: Any, claims: list[Any], number: int) -> float:
    from django.db import transaction
    from djmoney.money import Money  # type: ignore[import-not-found]  # of the peer's environment
    from hordak.models import Leg, Transaction

    one, all_of_it = Money("3.75", "EUR"), Money("45.00", "EUR")
    began = time.perf_counter()
    with transaction.atomic():
        rows = Transaction.objects.bulk_create(
            [Transaction(description="", date=dt.date(2027, 1, 5)) for _ in range(BATCH)]
        )
        Leg.objects.bulk_create(
            [
                leg
                for place, row in enumerate(rows)
                for leg in (
                    Leg(transaction=row, account=bank, debit=all_of_it),
                    *(
                        Leg(transaction=row, account=claims[(number + place + claim) % ACCOUNTS], credit=one)
                        for claim in range(CLAIMS)
                    ),
                )
            ]
        )
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
