"""Addresses of the budget coach, under /coach/."""

from django.urls import path

from citizen_portal.views import calculation, coach, coach_break, lower_amount

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
    path("clienten/<uuid:client>/lager/", lower_amount.lower, name="lager"),
    path("clienten/<uuid:client>/werk/", coach.start_acting, name="werk"),
    path("clienten/<uuid:client>/beslagvrije-voet/", coach.official_figure, name="beslagvrije_voet"),
    path(
        "clienten/<uuid:client>/beslagvrije-voet/<uuid:figure>/",
        coach.official_photo,
        name="beslagvrije_voet_foto",
    ),
    path("clienten/<uuid:client>/budget-nagekeken/", coach.mark_clients_budget, name="budget_nagekeken"),
    path("clienten/<uuid:client>/pauze/", coach_break.grant, name="pauze"),
    path("clienten/<uuid:client>/code/", coach.paper_code, name="papieren_code"),
]
