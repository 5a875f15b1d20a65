"""Pages of one citizen. Included under /mijn/ for the citizen and under /namens/<mandate>/ for a coach."""

from django.urls import path

from citizen_portal.views import account, application, change, overview, payments, proposal

app_name = "citizen"
urlpatterns = [
    path("", overview.overview, name="overzicht"),
    path("begin/", application.begin, name="begin"),
    path("coachcode/", account.coach_code, name="coachcode"),
    # the application, in the order of steps.py
    path("aanvraag/wie-bent-u/", application.who, name="wie-bent-u"),
    path("aanvraag/brief/", application.letter, name="brief"),
    path("aanvraag/toestemming/", application.consent, name="toestemming"),
    path("aanvraag/toestemming/intrekken/", application.consent_withdrawn, name="toestemming-intrekken"),
    path("aanvraag/organisaties/", application.organisations, name="organisaties"),
    path("aanvraag/organisaties/toevoegen/", application.add_organisation, name="organisaties-toevoegen"),
    path("aanvraag/huishouden/", application.household, name="huishouden"),
    path("aanvraag/bijzonder/", application.special, name="bijzonder"),
    path("aanvraag/inkomen/", application.income, name="inkomen"),
    path("aanvraag/belastbaar/", application.taxable, name="belastbaar"),
    path("aanvraag/partner/", application.partner, name="partner"),
    path("aanvraag/vaste-lasten/", application.fixed_costs, name="vaste-lasten"),
    path("aanvraag/missen/", application.can_miss, name="missen"),
    path("aanvraag/niets-missen/", application.nothing_to_miss, name="niets-missen"),
    path("aanvraag/let-op/", application.too_high, name="let-op"),
    path("aanvraag/nog-even/", application.fact_missing, name="nog-even"),
    path("aanvraag/geen-normen/", application.norms_missing, name="geen-normen"),
    path("aanvraag/geen-bedragen/", application.no_balances, name="geen-bedragen"),
    path("aanvraag/voorstel/", application.draft, name="voorstel"),
    path("aanvraag/verhaal/", application.story, name="verhaal"),
    path("aanvraag/controle/", application.check_answers, name="controle"),
    path("aanvraag/versturen/", application.send, name="versturen"),
    path("aanvraag/verstuurd/", application.sent, name="verstuurd"),
    # after sending
    path("voorstel/", proposal.status, name="status"),
    path("voorstel/zonder/<uuid:answer>/", proposal.without, name="zonder"),
    path("voorstel/stoppen/", proposal.withdraw, name="voorstel-stoppen"),
    path("regeling/overeenkomst/", proposal.agreement, name="overeenkomst"),
    path("regeling/overeenkomst/tekenen/", proposal.sign, name="tekenen"),
    path("regeling/overeenkomst.pdf", proposal.agreement_pdf, name="overeenkomst-pdf"),
    path("documenten/", proposal.documents, name="documenten"),
    path("documenten/<uuid:document>/", proposal.document, name="document"),
    path("documenten/<uuid:document>.pdf", proposal.document_pdf, name="document-pdf"),
    path("betalen/", payments.pay, name="betalen"),
    path("betalen/resultaat/<uuid:payment>/", payments.result, name="betaling-resultaat"),
    path("betalingen/", payments.payments, name="betalingen"),
    # living with change
    path("lukt-niet/", change.changed, name="lukt-niet"),
    path("lukt-niet/gegevens/", change.other, name="lukt-niet-gegevens"),
    path("lukt-niet/vergelijking/", change.comparison, name="vergelijking"),
    path("lukt-niet/doorgegeven/", change.reported, name="doorgegeven"),
    path("controle/", change.review, name="jaarcontrole"),
    # the account
    path("helpers/", account.helpers, name="helpers"),
    path("helpers/<uuid:helper>/stop/", account.stop_helper, name="helper-stoppen"),
    path("berichten/", account.messages_list, name="berichten"),
    path("berichten/<uuid:message>/", account.message, name="bericht"),
    path("gegevens/", account.own_data, name="gegevens"),
]
