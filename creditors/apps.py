from django.apps import AppConfig


class CreditorsConfig(AppConfig):
    name = "creditors"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Organisaties"

    def ready(self) -> None:
        from accounts.actors import register_seat_finder
        from creditors.operations import import_claims  # noqa: F401  registers its job
        from creditors.queries.seats import seat_of

        register_seat_finder(seat_of)
