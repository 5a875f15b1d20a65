"""Equality certificates, with their walls: a creditor reads its own statement, the citizen the full list."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from infra.db import rls


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("arrangements", "0018_municipal_route"),
        ("creditors", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="CertificateList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("subject", models.CharField(max_length=80, unique=True, verbose_name="onderwerp")),
                ("label", models.CharField(max_length=80, verbose_name="naam")),
                ("root", models.CharField(max_length=64, verbose_name="vastlegging")),
                ("document", models.JSONField()),
                ("key_id", models.CharField(max_length=16, verbose_name="sleutel")),
                ("signature", models.CharField(max_length=128, verbose_name="handtekening")),
                ("made_on", models.DateField(verbose_name="gemaakt op")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "citizen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.citizen"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="arrangements.proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "bewijs van gelijke behandeling",
                "verbose_name_plural": "bewijzen van gelijke behandeling",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="EqualityCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("document", models.JSONField()),
                ("key_id", models.CharField(max_length=16)),
                ("signature", models.CharField(max_length=128)),
                ("made_on", models.DateField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "creditor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="creditors.creditor"
                    ),
                ),
                (
                    "full_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="arrangements.certificatelist",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="arrangements.proposal",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("full_list", "creditor"), name="one_certificate_per_creditor")
                ],
            },
        ),
        rls.protect("arrangements_certificatelist", read=(rls.CITIZEN,), write=()),
        rls.protect("arrangements_equalitycertificate", read=(rls.CREDITOR,), write=()),
        rls.append_only("arrangements_certificatelist"),
        rls.append_only("arrangements_equalitycertificate"),
    ]
