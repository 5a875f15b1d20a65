"""The made-up bank keeps messages, a balance and statements; and how far we have read a provider."""

import django.db.models.deletion
from django.db import migrations, models

from infra.db import rls


class Migration(migrations.Migration):
    dependencies = [
        ("arrangements", "0026_storno_amounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemoBankBalanceLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=160, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("amount_cents", models.BigIntegerField()),
                ("happened_on", models.DateField()),
                ("settlement", models.CharField(blank=True, help_text="in welke uitbetaling dit zat", max_length=40)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DemoBankEvent",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.CharField(max_length=100, unique=True)),
                ("kind", models.CharField(max_length=60)),
                ("body", models.BinaryField()),
                ("happened_on", models.DateField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="DemoBankStatement",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("day", models.DateField(unique=True)),
                ("opening_cents", models.BigIntegerField()),
                ("closing_cents", models.BigIntegerField()),
                ("content", models.BinaryField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="ProviderCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=20)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("events", "Berichten"),
                            ("settlements", "Uitbetalingen"),
                            ("statements", "Afschriften"),
                        ],
                        max_length=11,
                    ),
                ),
                ("cursor", models.CharField(blank=True, max_length=200)),
                ("moved_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveField(
            model_name="demobankpayment",
            name="settlement",
        ),
        migrations.AddField(
            model_name="demobankfault",
            name="hit",
            field=models.CharField(blank=True, help_text="wat het trof, als dat later gevolgen heeft", max_length=60),
        ),
        migrations.AddField(
            model_name="demobankpayment",
            name="dispute_fee_cents",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="demobankpayment",
            name="dispute_id",
            field=models.CharField(blank=True, help_text="naam van de storno", max_length=60),
        ),
        migrations.AddField(
            model_name="demobankpayment",
            name="opened_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="demobankpayment",
            name="won_on",
            field=models.DateField(help_text="de storno is teruggedraaid", null=True),
        ),
        migrations.AlterField(
            model_name="demobankpayment",
            name="fee_cents",
            field=models.BigIntegerField(
                help_text="ingehouden bij de uitbetaling; leeg zolang die er niet was", null=True
            ),
        ),
        migrations.AlterField(
            model_name="demobankpayment",
            name="reversed_on",
            field=models.DateField(help_text="teruggehaald door de betaler, of toch mislukt", null=True),
        ),
        migrations.AlterField(
            model_name="demobankpayment",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("pending", "Onderweg"),
                    ("paid", "Betaald"),
                    ("refused", "Geweigerd"),
                    ("expired", "Verlopen"),
                ],
                default="open",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="demobankpayment",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["opened_on"], name="demo_payment_is_open"
            ),
        ),
        migrations.AddField(
            model_name="demobankbalanceline",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="balance_lines",
                to="arrangements.demobankpayment",
            ),
        ),
        migrations.AddField(
            model_name="demobankevent",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="arrangements.demobankpayment"
            ),
        ),
        migrations.AddField(
            model_name="demobankmove",
            name="statement",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moves",
                to="arrangements.demobankstatement",
            ),
        ),
        migrations.AddIndex(
            model_name="demobankmove",
            index=models.Index(condition=models.Q(("statement", None)), fields=["id"], name="demo_move_not_told"),
        ),
        migrations.AddConstraint(
            model_name="providercursor",
            constraint=models.UniqueConstraint(fields=("provider", "what"), name="one_cursor_per_provider"),
        ),
        migrations.AddIndex(
            model_name="demobankbalanceline",
            index=models.Index(
                condition=models.Q(("settlement", "")), fields=["happened_on"], name="demo_line_not_paid_out"
            ),
        ),
        migrations.AddIndex(
            model_name="demobankbalanceline",
            index=models.Index(fields=["settlement"], name="demo_line_by_settlement"),
        ),
        rls.protect("arrangements_providercursor", read=(), write=()),
    ]
