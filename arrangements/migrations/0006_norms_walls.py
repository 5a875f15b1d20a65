"""Who may write norms and reruns: the desk its drafts, a second person the approval, the worker the reruns; nobody else."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from infra.db import rls

USER = rls.setting("user_id")

# A draft carries the name of whoever wrote it last; an approval that of whoever gives it. The web role cannot write another.
DRAFT = f"({rls.DESK}) AND approved_at IS NULL AND entered_by_id = {USER}"
APPROVAL = f"({rls.DESK}) AND approved_at IS NOT NULL AND approved_by_id = {USER} AND entered_by_id <> {USER}"

WALLS = f"""
DROP POLICY arrangements_normsentry_insert ON arrangements_normsentry;
DROP POLICY arrangements_normsentry_update ON arrangements_normsentry;
CREATE POLICY arrangements_normsentry_insert ON arrangements_normsentry FOR INSERT TO eenplan_app WITH CHECK ({DRAFT});
CREATE POLICY arrangements_normsentry_update ON arrangements_normsentry FOR UPDATE TO eenplan_app
    USING ({rls.DESK}) WITH CHECK (({DRAFT}) OR ({APPROVAL}));
REVOKE DELETE, TRUNCATE ON arrangements_normsentry FROM eenplan_app, eenplan_worker, eenplan_read;
REVOKE DELETE, TRUNCATE ON arrangements_normsrerun FROM eenplan_app, eenplan_worker, eenplan_read;
REVOKE DELETE, TRUNCATE ON arrangements_normsrerunline FROM eenplan_app, eenplan_worker, eenplan_read;
CREATE TRIGGER arrangements_normsentry_no_truncate BEFORE TRUNCATE ON arrangements_normsentry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Norms begin as a draft, whoever writes the row: what is approved at birth was never looked at by a second person.
CREATE FUNCTION norms_begin_as_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'norms of % must be entered before they are approved', NEW.starts
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER norms_begin_as_draft BEFORE INSERT ON arrangements_normsentry
    FOR EACH ROW EXECUTE FUNCTION norms_begin_as_draft();
"""

UNDO = """
DROP TRIGGER norms_begin_as_draft ON arrangements_normsentry;
DROP FUNCTION norms_begin_as_draft();
DROP TRIGGER arrangements_normsentry_no_truncate ON arrangements_normsentry;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("arrangements", "0005_affordability_walls"),
        ("accounts", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Approved norms are everybody's; a draft is the desk's.
        rls.protect("arrangements_normsentry", read=("approved_at IS NOT NULL",), write=()),
        rls.protect("arrangements_normsrerun", read=(), write=()),
        migrations.RunSQL(WALLS, UNDO),
        # Names for /beheer/; nothing changes in the database.
        migrations.AlterModelOptions(
            name="normsentry",
            options={
                "ordering": ["-starts"],
                "verbose_name": "normen van een halfjaar",
                "verbose_name_plural": "normen",
            },
        ),
        migrations.AlterField(
            model_name="normsentry",
            name="approved_at",
            field=models.DateTimeField(null=True, verbose_name="goedgekeurd op"),
        ),
        migrations.AlterField(
            model_name="normsentry",
            name="approved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="goedgekeurd door",
            ),
        ),
        migrations.AlterField(
            model_name="normsentry",
            name="entered_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="ingevoerd op"),
        ),
        migrations.AlterField(
            model_name="normsentry",
            name="entered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="ingevoerd door",
            ),
        ),
        migrations.AlterField(
            model_name="normsrerun",
            name="finished_at",
            field=models.DateTimeField(null=True, verbose_name="klaar op"),
        ),
        migrations.AlterField(
            model_name="normsrerun",
            name="norms_hash",
            field=models.CharField(max_length=64, verbose_name="vingerafdruk van de normen"),
        ),
        migrations.AlterField(
            model_name="normsrerun",
            name="on_date",
            field=models.DateField(verbose_name="getoetst op"),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="arrangement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="arrangements.arrangement",
                verbose_name="regeling",
            ),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.citizen",
                verbose_name="burger",
            ),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="monthly_cents",
            field=models.BigIntegerField(verbose_name="per maand, in centen"),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="new_capacity_cents",
            field=models.BigIntegerField(null=True, verbose_name="zeker te missen nu, in centen"),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="new_verdict",
            field=models.CharField(
                choices=[("green", "Past"), ("amber", "Eerst meer weten"), ("red", "Te veel")],
                max_length=5,
                verbose_name="toets nu",
            ),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="old_capacity_cents",
            field=models.BigIntegerField(null=True, verbose_name="zeker te missen eerder, in centen"),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="old_verdict",
            field=models.CharField(
                choices=[("green", "Past"), ("amber", "Eerst meer weten"), ("red", "Te veel")],
                max_length=5,
                verbose_name="toets eerder",
            ),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="rerun",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="arrangements.normsrerun",
                verbose_name="hertoets",
            ),
        ),
        migrations.AlterField(
            model_name="normsrerunline",
            name="touched",
            field=models.BooleanField(verbose_name="geraakt"),
        ),
    ]
