"""Who a claim goes to may be unknown yet; a claim in an arrangement is frozen; what a correction would do is foreseen."""

import django.db.models.deletion
from django.db import migrations, models

from infra.db import rls

FROZEN = """
-- Only an explicit correction with its reason moves a claim that stands in an arrangement (features.md S9).
CREATE FUNCTION claim_is_frozen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM arrangements_arrangementline l WHERE l.claim_id = OLD.id)
       AND NOT (NEW.is_preferent = OLD.is_preferent AND NEW.dischargeable = OLD.dischargeable AND EXISTS (
            SELECT 1 FROM arrangements_claimcorrection c
            WHERE c.claim_id = OLD.id AND c.after_cents = NEW.confirmed_cents AND c.refused_on IS NULL))
    THEN
        RAISE EXCEPTION 'claim % stands in an arrangement and is frozen', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_is_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_is_frozen BEFORE UPDATE ON arrangements_claim FOR EACH ROW
    WHEN ((OLD.confirmed_cents, OLD.principal_cents, OLD.interest_cents, OLD.costs_cents, OLD.is_preferent,
           OLD.dischargeable) IS DISTINCT FROM
          (NEW.confirmed_cents, NEW.principal_cents, NEW.interest_cents, NEW.costs_cents, NEW.is_preferent,
           NEW.dischargeable))
    EXECUTE FUNCTION claim_is_frozen();
"""
UNFROZEN = "DROP TRIGGER claim_is_frozen ON arrangements_claim;\nDROP FUNCTION claim_is_frozen();\n"

CREDITOR = rls.setting("creditor_id")
# Of the others in a running plan a creditor learns the totals by which a share follows: never a line, never a name.
PLAN_TOTALS = (
    "SELECT l.is_preferent, sum(l.outstanding_cents)::bigint, sum(l.share_cents)::bigint, "
    "sum(l.paid_cents + l.parked_cents + l.returned_cents)::bigint FROM arrangements_arrangementline l "
    f"WHERE l.arrangement_id = p_arrangement AND l.creditor_id <> {CREDITOR} AND l.closed_on IS NULL "
    "AND EXISTS (SELECT 1 FROM arrangements_arrangementline m WHERE m.arrangement_id = p_arrangement "
    f"AND m.creditor_id = {CREDITOR}) GROUP BY l.is_preferent ORDER BY l.is_preferent"
)


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0013_variations"), ("creditors", "0003_who_collects")]

    operations = [
        migrations.RemoveConstraint(model_name="claimtransfer", name="applied_transfer_has_the_new_claim"),
        migrations.AddField(
            model_name="claimtransfer",
            name="to_name",
            field=models.CharField(default="", max_length=100, verbose_name="naam van de nieuwe eigenaar"),
        ),
        migrations.AlterField(
            model_name="claimtransfer",
            name="to_creditor",
            field=models.ForeignKey(
                help_text="de nieuwe eigenaar, als die meedoet",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="creditors.creditor",
            ),
        ),
        migrations.AddConstraint(
            model_name="claimtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applied_on__isnull", True),
                    models.Q(("new_claim__isnull", False), ("to_creditor__isnull", False)),
                    _connector="OR",
                ),
                name="applied_transfer_has_the_new_claim",
            ),
        ),
        migrations.RunSQL(FROZEN, UNFROZEN),
        rls.definer_function(
            "plan_totals",
            "p_arrangement bigint",
            "TABLE (is_preferent boolean, outstanding_cents bigint, share_cents bigint, settled_cents bigint)",
            PLAN_TOTALS,
        ),
    ]
