"""All addresses. What a citizen or a creditor reads in the address bar is Dutch."""

from typing import cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.policies import View, page
from infra.health import health

# One way in, with one set of limits: the desk logs in where everybody does, and so does whoever knows allauth's addresses.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it
_OTHER_WAYS_IN = ("login/", "login/code/", "signup/", "password/change/", "password/set/", "password/reset/")
_to_login = page("public")(cast(View, RedirectView.as_view(pattern_name="inloggen", query_string=True)))

urlpatterns = [
    path("gezond/", page("public")(health), name="health"),
    path("beheer/", admin.site.urls),
    *(path(f"accounts/{way}", _to_login) for way in _OTHER_WAYS_IN),
    path("accounts/", include("allauth.urls")),
    path("schuldeiser/", include("creditors.console.urls")),
    path("betalen/", include("arrangements.payments.urls")),
    path("", include("citizen_portal.urls")),
]
