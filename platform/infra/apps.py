from django.apps import AppConfig


class InfraConfig(AppConfig):
    name = "infra"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Techniek"
