"""A month writes less: every index here costs more to write, for every claim or payment of a month, than it brings a reader.

* Lines of payouts are found by batch or by claim; an end-to-end id ends with its claim and is unique with its batch.
* Instalments: nothing a payment changes stands in an index or its condition, so the indexes stay as they are (HOT).
* Beginnings of keys are looked for nowhere: the indexes for that (`_like`) go.
* Two guards ask first whether there is anything to look at, and one counts: EXISTS is planned for the first row it finds, and
  here there is none.
"""

import django.db.models.deletion
from django.db import migrations, models

LIKES = """
DO $$
DECLARE found text;
BEGIN
    FOR found IN SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE '%key%_like'
        AND tablename IN ('arrangements_ledgerentry', 'arrangements_receipt', 'infra_message', 'infra_job')
    LOOP
        EXECUTE format('DROP INDEX public.%I', found);
    END LOOP;
END $$;
"""

GUARDS = """
-- The same rule as before. Of a month's postings hardly any is of an arrangement that is waived: those are looked up first,
-- once per arrangement.
CREATE OR REPLACE FUNCTION books_of_waived_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE waived bigint[];
BEGIN
    SELECT array_agg(a.id) INTO waived
    FROM (SELECT DISTINCT arrangement_id FROM new_postings WHERE arrangement_id IS NOT NULL) p
    JOIN arrangements_arrangement a ON a.id = p.arrangement_id AND a.state = 'waived';
    IF waived IS NOT NULL AND EXISTS (
        SELECT 1 FROM new_postings p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        JOIN arrangements_arrangement a ON a.id = p.arrangement_id
        WHERE a.id = ANY(waived)
            AND ((e.ledger = 'owed' AND e.kind NOT IN ('released', 'claim_changed')) OR e.booked_on < a.waived_on)
    ) THEN
        RAISE EXCEPTION 'the books of an arrangement that is over are closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'books_of_waived_stay';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION waived_lines_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE waived bigint[]; which bigint;
BEGIN
    SELECT array_agg(a.id) INTO waived FROM (SELECT DISTINCT arrangement_id FROM lines_after) n
    JOIN arrangements_arrangement a ON a.id = n.arrangement_id AND a.state = 'waived';
    IF waived IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT n.arrangement_id INTO which
    FROM lines_after n JOIN lines_before o ON o.id = n.id
    WHERE n.arrangement_id = ANY(waived) AND (n.arrangement_id <> o.arrangement_id OR n.claim_id <> o.claim_id
        OR n.creditor_id <> o.creditor_id OR n.citizen_id <> o.citizen_id OR n.outstanding_cents <> o.outstanding_cents
        OR n.share_cents <> o.share_cents OR n.waived_cents <> o.waived_cents OR n.remains_cents <> o.remains_cents
        OR n.dischargeable <> o.dischargeable OR n.is_preferent <> o.is_preferent OR n.paid_cents < o.paid_cents
        OR n.paid_cents + n.parked_cents + n.returned_cents <> o.paid_cents + o.parked_cents + o.returned_cents)
    LIMIT 1;
    IF which IS NOT NULL THEN
        RAISE EXCEPTION 'arrangement % is over', which USING ERRCODE = 'check_violation', CONSTRAINT = 'waived_stays';
    END IF;
    RETURN NULL;
END $$;
"""

COUNTED = """
-- The references of payout lines, as before.
CREATE OR REPLACE FUNCTION payout_lines_belong() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE wrong bigint;
BEGIN
    SELECT count(*) INTO wrong FROM new_lines p
    LEFT JOIN arrangements_arrangementline l ON l.claim_id = p.claim_id
    LEFT JOIN arrangements_payoutbatch b ON b.id = p.batch_id
    WHERE l.arrangement_id IS DISTINCT FROM p.arrangement_id OR l.creditor_id IS DISTINCT FROM p.creditor_id
        OR b.creditor_id IS DISTINCT FROM p.creditor_id;
    IF wrong > 0 THEN
        RAISE EXCEPTION 'a payout line is of no claim in an arrangement, or of another creditor than its payout'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'payout_lines_belong';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0034_kinds_of_tasks"), ("infra", "0003_audit_access")]

    operations = [
        migrations.AlterField(
            "payoutline",
            "creditor",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="creditors.creditor",
            ),
        ),
        migrations.AlterField(
            "payoutline",
            "arrangement",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payout_lines",
                to="arrangements.arrangement",
            ),
        ),
        migrations.AlterField(
            "payoutline",
            "end_to_end_id",
            models.CharField(
                help_text="van het nummer van de doorbetaling en van de vordering; zie PayoutLine.named", max_length=35
            ),
        ),
        migrations.RemoveIndex("installment", "installment_due"),
        migrations.AddIndex("installment", models.Index(fields=["due_date"], name="installment_due")),
        migrations.RemoveConstraint("installment", "moved_installment_says_when_and_why"),
        migrations.AddConstraint(
            "installment",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("state", "moved"), _negated=True), ("moved_on", None)),
                    models.Q(
                        ("moved_on__isnull", False), ("state", "moved"), models.Q(("moved_ground", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="moved_installment_says_when_and_why",
            ),
        ),
        migrations.RemoveConstraint("installment", "one_installment_per_number"),
        migrations.AddConstraint(
            "installment",
            models.UniqueConstraint(
                condition=models.Q(("moved_on", None)),
                fields=("arrangement", "number"),
                name="one_installment_per_number",
            ),
        ),
        migrations.AddIndex(
            "claim", models.Index(condition=models.Q(("state", "disputed")), fields=["id"], name="claim_disputed")
        ),
        migrations.RunSQL(LIKES),
        migrations.RunSQL(GUARDS),
        migrations.RunSQL(COUNTED),
    ]
