"""Runs are released by two people; a batch per creditor and run; who took a bank file out."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from infra.db import rls


class Migration(migrations.Migration):
    dependencies = [
        ("arrangements", "0026_storno_amounts"),
        ("creditors", "0005_iban_change_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PayoutExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(help_text="de hoeveelste keer, vanaf 1")),
                ("exported_on", models.DateField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "download van een betaalbestand",
                "verbose_name_plural": "downloads van betaalbestanden",
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="payoutbatch",
            name="one_payout_per_creditor_and_run",
        ),
        migrations.RemoveConstraint(
            model_name="payoutbatch",
            name="payout_is_positive",
        ),
        migrations.RemoveConstraint(
            model_name="payoutline",
            name="payout_line_is_positive",
        ),
        migrations.AddField(
            model_name="payoutbatch",
            name="account_name",
            field=models.CharField(blank=True, help_text="de naam toen de doorbetaling werd gemaakt", max_length=100),
        ),
        migrations.AddField(
            model_name="payoutline",
            name="returned_after_booking",
            field=models.BooleanField(
                default=False, help_text="kwam terug nadat het was overgemaakt; anders weigerde de bank het vooraf"
            ),
        ),
        migrations.AddField(
            model_name="runapproval",
            name="names_checked",
            field=models.BooleanField(
                default=False, help_text="naam en rekening zijn nagekeken waar iets nieuw is (payments.md 3.1)"
            ),
        ),
        migrations.AlterField(
            model_name="payoutbatch",
            name="state",
            field=models.CharField(
                choices=[
                    ("built", "Wacht op vrijgave"),
                    ("submitted", "Aangeboden aan de bank"),
                    ("booked", "Overgemaakt"),
                    ("rejected", "Geweigerd door de bank"),
                    ("withdrawn", "Ingetrokken voor het naar de bank ging"),
                ],
                default="built",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="payoutbatch",
            name="total_cents",
            field=models.BigIntegerField(help_text="wat de bank overmaakt, zonder de regels die zij weigerde"),
        ),
        migrations.AddConstraint(
            model_name="payoutbatch",
            constraint=models.UniqueConstraint(fields=("creditor", "run"), name="one_payout_per_creditor_and_run"),
        ),
        migrations.AddConstraint(
            model_name="payoutbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("total_cents__gt", 0), models.Q(("set_off_cents__gt", 0), ("total_cents", 0)), _connector="OR"
                ),
                name="payout_is_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_cents__gte", 0),
                    ("set_off_cents__gte", 0),
                    models.Q(("amount_cents__gt", 0), ("set_off_cents__gt", 0), _connector="OR"),
                ),
                name="payout_line_is_positive",
            ),
        ),
        migrations.AddField(
            model_name="payoutexport",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="exports", to="arrangements.payoutfile"
            ),
        ),
        migrations.AddField(
            model_name="payoutexport",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutexport",
            constraint=models.UniqueConstraint(fields=("file", "number"), name="one_export_per_number"),
        ),
        rls.protect("arrangements_payoutexport", read=(), write=(), insert=(rls.DESK,)),
        rls.append_only("arrangements_payoutexport"),
    ]
