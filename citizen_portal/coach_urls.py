"""Addresses of the budget coach, under /coach/."""

from django.urls import path

from citizen_portal.views import calculation, coach, coach_refusal

app_name = "coach"
urlpatterns = [
    path("", coach.work_list, name="werkvoorraad"),
    path("nieuw/", coach.invite, name="nieuw"),
    path("uitnodiging/<uuid:invitation>/", coach.invitation, name="uitnodiging"),
    path("stop/", coach.stop_acting, name="stoppen"),
    path("taken/<uuid:task>/klaar/", coach.task_done, name="taak_klaar"),
    path("clienten/<uuid:client>/", coach.client, name="client"),
    path("clienten/<uuid:client>/toets/", calculation.coach_assessment, name="toets"),
    path("clienten/<uuid:client>/toets/<uuid:assessment>/", calculation.coach_assessment, name="toets_van"),
    path("clienten/<uuid:client>/vergelijk/", coach.compare, name="vergelijk"),
    path("clienten/<uuid:client>/werk/", coach.start_acting, name="werk"),
    path("clienten/<uuid:client>/beslagvrije-voet/", coach.official_figure, name="beslagvrije_voet"),
    path(
        "clienten/<uuid:client>/beslagvrije-voet/<uuid:figure>/",
        coach.official_photo,
        name="beslagvrije_voet_foto",
    ),
    path("clienten/<uuid:client>/budget-nagekeken/", coach.mark_clients_budget, name="budget_nagekeken"),
    path("clienten/<uuid:client>/gemeente/", coach_refusal.recognition, name="gemeente"),
    path("clienten/<uuid:client>/brief/<uuid:invited>/", coach_refusal.invitation_letter, name="brief"),
    path(
        "clienten/<uuid:client>/brief/<uuid:invited>/verstuurd/", coach_refusal.invitation_sent, name="brief_verstuurd"
    ),
    path("clienten/<uuid:client>/code/", coach.paper_code, name="papieren_code"),
]
