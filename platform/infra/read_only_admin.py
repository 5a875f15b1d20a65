"""How the desk looks at rows in /beheer/: everybody on the staff may look, nobody may add, change or delete."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest

from infra.desk_words import word_for
from kernel.cents import format_euro

if TYPE_CHECKING:
    # Generic for the type checker only.
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline


def is_desk(request: HttpRequest) -> bool:
    """Somebody of our own desk. Who that is, only a superuser decides."""
    return bool(request.user.is_active and getattr(request.user, "is_staff", False))


# One column per name and kind of field, the same in every list: Django compares them.
_columns: dict[tuple[str, type], Callable[[Any], Any]] = {}


def _shown(name: str, word: str, *, is_boolean: bool) -> Callable[[Any], Any]:
    def column(row: Any) -> Any:
        field = row._meta.get_field(name)  # noqa: SLF001  public in all but name
        value = getattr(row, name)
        if value is None or value == "":
            return None
        if name.endswith("_cents"):
            return format_euro(value, whole=False)
        return getattr(row, f"get_{name}_display")() if field.choices else value

    column.boolean = is_boolean  # type: ignore[attr-defined]
    column.short_description = word  # type: ignore[attr-defined]  # as the admin reads it
    column.admin_order_field = name  # type: ignore[attr-defined]
    column.__name__ = name
    return column


class DeskAdmin(ModelAdmin):
    """The staff may look; what more is allowed stands in the class below it. Nothing is ever deleted here."""

    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns, with their Dutch words and with amounts in euros."""
        return [self._column(name) for name in super().get_list_display(request)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """The first column, as always; or those that are named, under the same column."""
        links = super().get_list_display_links(request, list_display)
        return [self._column(name) for name in links] if links else links

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """What the columns look up, in the same query: Django does not see it behind a column with a word of ours."""
        related = super().get_list_select_related(request)
        if related is not False:
            return related
        fields = {field.name: field for field in self.opts.concrete_fields}
        return tuple(name for name in self.list_display if name in fields and fields[name].is_relation) or False

    def _column(self, name: Any) -> Any:
        """`name`, or a column with a word for it when the model has none."""
        try:
            field = self.opts.get_field(name) if isinstance(name, str) else None
        except FieldDoesNotExist:
            return name
        word = word_for(name) if field is not None else None
        if word is None or not isinstance(field, models.Field) or field.verbose_name != name.replace("_", " "):
            return name
        if (column := _columns.get((name, type(field)))) is None:
            column = _columns[name, type(field)] = _shown(name, word, is_boolean=isinstance(field, models.BooleanField))
        return column

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_desk(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_desk(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(DeskAdmin):
    """For everything that operations write, money above all."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows shown with their parent."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_desk(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
