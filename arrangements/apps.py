from django.apps import AppConfig


class ArrangementsConfig(AppConfig):
    name = "arrangements"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Regelingen"

    def ready(self) -> None:
        from arrangements import tasks  # noqa: F401  registers the jobs
