"""A mail backend that keeps mail in a table, so that the demo can show it in the browser."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from infra.models import DemoPost


class DemoPostBackend(BaseEmailBackend):
    """Refuses to work outside the demo: there the mail must really go."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if not settings.DEMO:
            raise ImproperlyConfigured("DemoPostBackend is for the demo only; set EMAIL_URL")
        for mail in email_messages:
            for address in mail.recipients():
                DemoPost.objects.create(to_address=address, subject=mail.subject[:200], body=str(mail.body))
        return len(email_messages)
