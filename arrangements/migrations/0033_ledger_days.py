"""Days of the ledgers that are over, and a small index to find the entries of a day."""

import django.utils.timezone
from django.db import migrations, models

from infra.db import rls


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0031_remittance")]

    operations = [
        migrations.CreateModel(
            name="LedgerDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("entry_count", models.BigIntegerField()),
                ("posting_count", models.BigIntegerField()),
                ("totals", models.JSONField()),
                ("day_hash", models.CharField(max_length=64)),
                ("chain_hash", models.CharField(help_text="van deze dag en van alle dagen ervoor", max_length=64)),
                ("closed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "afgesloten dag",
                "verbose_name_plural": "afgesloten dagen",
                "ordering": ["day"],
            },
        ),
        rls.protect("arrangements_ledgerday", read=(), write=()),
        rls.append_only("arrangements_ledgerday"),
        # Entries come in by date: a few pages of index for millions of rows.
        migrations.RunSQL(
            "CREATE INDEX ledger_entry_by_day ON arrangements_ledgerentry USING brin (booked_on)",
            "DROP INDEX ledger_entry_by_day",
        ),
    ]
