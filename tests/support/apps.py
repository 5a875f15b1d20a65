from django.apps import AppConfig


class SupportConfig(AppConfig):
    """Listed first in the test settings, so that its commands come before Django's."""

    name = "tests.support"
    label = "test_support"
