from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Mensen en toegang"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  the system check registers itself on import
