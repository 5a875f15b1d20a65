"""Replaces Django's `flush`, which truncates: no role of ours may do that. A fresh copy of the template is quicker too.

TransactionTestCase, `transaction=True` and `live_server` call this after each test.
"""

from typing import Any

from django.core.management.base import BaseCommand

from tests.support.databases import reset_database


class Command(BaseCommand):
    """Accepts Django's options; always resets the one database of this process."""

    help = "Put back a fresh copy of the migrated template."
    requires_system_checks = ()
    stealth_options = ("reset_sequences", "allow_cascade", "inhibit_post_migrate", "interactive", "database")

    def handle(self, *args: Any, **options: Any) -> None:
        reset_database()
