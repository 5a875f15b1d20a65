"""Changes that were reported, and the yearly review, with its walls."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from infra.db import rls


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("arrangements", "0008_joint_household"),
    ]

    operations = [
        migrations.CreateModel(
            name="YearlyReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_on", models.DateField(help_text="de dag waarop de regeling weer een jaar loopt")),
                ("asked_on", models.DateField()),
                ("task_made_on", models.DateField(help_text="niet op tijd gedaan: de contactpersoon belt", null=True)),
                ("done_on", models.DateField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "jaarlijkse controle",
                "verbose_name_plural": "jaarlijkse controles",
                "ordering": ["-due_on"],
            },
        ),
        migrations.AddField(
            model_name="application",
            name="reported_on",
            field=models.DateField(help_text="op deze dag is de wijziging of controle doorgegeven", null=True),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reported_on__isnull", True),
                    models.Q(models.Q(("purpose", "first"), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="only_a_closed_change_was_reported",
            ),
        ),
        migrations.AddField(
            model_name="yearlyreview",
            name="application",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="review",
                to="arrangements.application",
            ),
        ),
        migrations.AddField(
            model_name="yearlyreview",
            name="arrangement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="arrangements.arrangement"
            ),
        ),
        migrations.AddField(
            model_name="yearlyreview",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.citizen"
            ),
        ),
        migrations.AddIndex(
            model_name="yearlyreview",
            index=models.Index(
                condition=models.Q(("done_on__isnull", True)), fields=["asked_on"], name="review_not_done"
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlyreview",
            constraint=models.UniqueConstraint(fields=("arrangement", "due_on"), name="one_review_per_year"),
        ),
        migrations.AddConstraint(
            model_name="yearlyreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("application__isnull", True), ("done_on__isnull", True)),
                    models.Q(("application__isnull", False), ("done_on__isnull", False)),
                    _connector="OR",
                ),
                name="a_review_that_is_done_has_its_figures",
            ),
        ),
        # Asked by the worker; done by the citizen, or by a coach who works for the citizen.
        rls.protect("arrangements_yearlyreview", read=(rls.CITIZEN,), write=(rls.CITIZEN,), insert=()),
    ]
