"""All addresses. What a citizen or a creditor reads in the address bar is Dutch."""

from django.contrib import admin
from django.urls import include, path

from accounts.policies import page
from infra.health import health

urlpatterns = [
    path("gezond/", page("public")(health), name="health"),
    path("beheer/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("schuldeiser/", include("creditors.console.urls")),
    path("betalen/", include("arrangements.payments.urls")),
    path("", include("citizen_portal.urls")),
]
