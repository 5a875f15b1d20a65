"""Start-up check: no URL without a policy. A view nobody guarded must not exist."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

# Packages whose views guard themselves: prefix of the path, and what guards it.
GUARDED_ELSEWHERE = {
    "beheer/": "Django admin: staff only",
    "accounts/": "django-allauth: its own decorators",
    "static/": "files without a secret",
}


def all_views(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every path of the resolver with its view, as (path pattern, view)."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from all_views(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def policy_of(path: str, view: Any) -> str | None:
    """The name of the policy of a view, or None when nobody guards it."""
    for prefix, reason in GUARDED_ELSEWHERE.items():
        if path.startswith(prefix):
            return reason
    name = getattr(view, "policy_name", None)
    return str(name) if name else None


@register()
def every_url_has_a_policy(**_: object) -> list[CheckMessage]:
    """See the module."""
    return [
        Error(f"/{path} has no policy", hint="decorate the view with accounts.policies.page", id="accounts.E001")
        for path, view in all_views()
        if policy_of(path, view) is None
    ]
