"""Walls round the new tables of money: the worker writes; the desk reads, and writes only what a person decides."""

from django.db import migrations

from infra.db import rls

DESK = (rls.DESK,)
WORKER_ONLY = (
    "bankstatement",
    "bankline",
    "knowniban",
    "moneyrun",
    "runchunk",
    "payoutfile",
    "payoutskip",
    "providersettlement",
    "providermove",
    "reconciliation",
)

FILL = """
-- What was handed in before: a file of its own per payout.
INSERT INTO arrangements_payoutfile
    (public_id, message_id, content, sha256, total_cents, line_count, state, made_on, submitted_on, created_at)
SELECT gen_random_uuid(), number, own_file, sha256, total_cents, line_count, 'submitted', run_date, run_date, created_at
FROM arrangements_payoutbatch;
UPDATE arrangements_payoutbatch b SET file_id = f.id FROM arrangements_payoutfile f WHERE f.message_id = b.number;
UPDATE arrangements_arrangementline l SET remitted_cents = r.total FROM (
    SELECT claim_id, sum(amount_cents) AS total FROM arrangements_payoutline GROUP BY claim_id) r WHERE r.claim_id = l.claim_id;
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0023_money")]

    operations = [
        *(rls.protect(f"arrangements_{table}", read=(), write=()) for table in WORKER_ONLY),
        rls.append_only("arrangements_reconciliation"),
        # A person of the desk hands in files, and decides; the worker carries it out.
        rls.protect("arrangements_bankfile", read=(), write=(), insert=DESK),
        rls.protect("arrangements_withholder", read=(), write=DESK),
        rls.protect("arrangements_withholdingfile", read=(), write=DESK),
        rls.protect("arrangements_withholdingline", read=(rls.CITIZEN,), write=(), insert=DESK),
        rls.protect("arrangements_refund", read=(rls.CITIZEN,), write=DESK),
        rls.protect("arrangements_moneydecision", read=(), write=DESK),
        rls.protect("arrangements_runapproval", read=(), write=(), insert=DESK),
        rls.append_only("arrangements_runapproval"),
        rls.protect("arrangements_storno", read=(rls.CITIZEN,), write=()),
        # The call stands here before it is made, also when a citizen presses the button; nothing in it tells about people.
        rls.protect("arrangements_providercall", read=(rls.EVERYBODY,), write=(rls.EVERYBODY,)),
        migrations.RunSQL(FILL),
    ]
