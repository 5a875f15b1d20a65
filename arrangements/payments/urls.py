from django.urls import path

from arrangements.payments import views

urlpatterns = [
    path("webhook/<slug:provider>/", views.webhook, name="webhook"),
    path("demobank/storingen/", views.demobank_faults, name="demobank_faults"),
    path("demobank/<str:payment_id>/", views.demobank_page, name="demobank"),
]
