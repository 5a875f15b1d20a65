"""Addresses of the budget coach, under /coach/."""

from django.urls import path

from citizen_portal.views import (
    beslag,
    bewind,
    calculation,
    coach,
    coach_break,
    coach_refusal,
    director,
    lower_amount,
    mandate,
)

app_name = "coach"
urlpatterns = [
    path("", coach.work_list, name="werkvoorraad"),
    path("nieuw/", coach.invite, name="nieuw"),
    path("uitnodiging/<uuid:invitation>/", coach.invitation, name="uitnodiging"),
    path("stop/", coach.stop_acting, name="stoppen"),
    path("taken/<uuid:task>/klaar/", coach.task_done, name="taak_klaar"),
    path("afwezig/", director.absence, name="afwezig"),
    path("afwezig/<uuid:absence>/terug/", director.back_again, name="weer_terug"),
    path("clienten/<uuid:client>/", coach.client, name="client"),
    path("clienten/<uuid:client>/overdragen/", director.hand_over, name="overdragen"),
    path("clienten/<uuid:client>/machtiging/", mandate.words_for_coach, name="machtiging"),
    path("clienten/<uuid:client>/machtiging.pdf", mandate.words_pdf_for_coach, name="machtiging_pdf"),
    path("clienten/<uuid:client>/bewindvoerder/", bewind.of_client, name="bewindvoerder"),
    path("clienten/<uuid:client>/bewindvoerder/toestemming/", bewind.consent_of_client, name="toestemming"),
    path("clienten/<uuid:client>/bewindvoerder/toestemming.pdf", bewind.consent_paper, name="toestemming_papier"),
    path(
        "clienten/<uuid:client>/bewindvoerder/toestemming/<uuid:bewind_consent>/foto/",
        bewind.consent_photo,
        name="toestemming_foto",
    ),
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
    path("clienten/<uuid:client>/gemeente/", coach_refusal.recognition, name="gemeente"),
    path("clienten/<uuid:client>/brief/<uuid:invited>/", coach_refusal.invitation_letter, name="brief"),
    path(
        "clienten/<uuid:client>/brief/<uuid:invited>/verstuurd/", coach_refusal.invitation_sent, name="brief_verstuurd"
    ),
    path("clienten/<uuid:client>/code/", coach.paper_code, name="papieren_code"),
    path("clienten/<uuid:client>/beslag/", beslag.coach_beslag, name="beslag"),
    path("clienten/<uuid:client>/beslag/<uuid:beslag>/opheffen/", beslag.lift, name="beslag_opheffen"),
    path("clienten/<uuid:client>/beslag/<uuid:beslag>/vergelijking/", beslag.comparison, name="vergelijking"),
    path(
        "clienten/<uuid:client>/beslag/<uuid:beslag>/vergelijking.pdf", beslag.comparison_pdf, name="vergelijking_pdf"
    ),
]
