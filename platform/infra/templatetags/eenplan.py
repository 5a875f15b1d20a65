"""How amounts and dates are written on every page (ux.md 2.1, 2.2), and addresses that know for whom we work."""

from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format

from kernel.cents import format_euro, spoken_euro

register = template.Library()


@register.filter
def euro(cents: int | None) -> str:
    """Cents as "€ 45" or "€ 45,50"; a dash when nothing is known."""
    return "–" if cents is None else format_euro(cents)


@register.filter
def euro_exact(cents: int | None) -> str:
    """Cents always with two decimals, for tables that must add up."""
    return "–" if cents is None else format_euro(cents, whole=False)


@register.filter
def euro_words(cents: int | None) -> str:
    """Cents as "45 euro", for running text and reading aloud."""
    return "een onbekend bedrag" if cents is None else spoken_euro(cents)


@register.filter
def datum(day: date | None) -> str:
    """ "dinsdag 1 december 2026"."""
    return "" if day is None else date_format(day, "l j F Y").lower()


@register.filter
def datum_kort(day: date | None) -> str:
    """ "1 dec 2026", for tables."""
    return "" if day is None else date_format(day, "j M Y").lower()


@register.filter
def percent(basis_points: int | None) -> str:
    """Hundredths of a percent as "22,22 %"."""
    return "–" if basis_points is None else f"{basis_points // 100},{basis_points % 100:02d} %"


@register.simple_tag(takes_context=True)
def page(context: dict[str, Any], name: str, **kwargs: Any) -> str:
    """The address of a citizen page: under /mijn/, or under /namens/ when a coach works for a client."""
    return str(context["request"].page(name, **kwargs))
