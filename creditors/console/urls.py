"""Addresses of the console, under /schuldeiser/ (ux.md 6a, K1-K12)."""

from django.urls import path

from creditors.console.views import (
    arrangements,
    balances,
    certificates,
    claims,
    messages,
    payouts,
    policy,
    proposals,
    work_queue,
)

app_name = "console"

urlpatterns = [
    path("", work_queue.work_queue, name="werkvoorraad"),
    path("voorstellen/<uuid:answer>/", proposals.proposal, name="voorstel"),
    path("voorstellen/<uuid:answer>/akkoord/", proposals.accept_proposal, name="akkoord"),
    path("voorstellen/<uuid:answer>/weigeren/", proposals.refuse_proposal, name="weigeren"),
    path("voorstellen/<uuid:answer>/saldo/", proposals.balance_differs, name="saldo-wijkt-af"),
    path("saldo/", balances.balances, name="saldo"),
    path("saldo/<uuid:claim>/", balances.confirm, name="saldo-bevestigen"),
    path("beleid/", policy.policy, name="beleid"),
    path("beleid/stoppen/", policy.stop, name="beleid-stoppen"),
    path("vorderingen/", claims.claims, name="vorderingen"),
    path("vorderingen/codes.csv", claims.invitation_codes, name="codes"),
    path("vorderingen/voorbeeld.csv", claims.example_file, name="voorbeeld"),
    path("vorderingen/import/", claims.upload, name="upload"),
    path("vorderingen/import/<uuid:claim_import>/", claims.one_import, name="import"),
    path("vorderingen/import/<uuid:claim_import>/fouten.csv", claims.import_faults, name="import-fouten"),
    path("regelingen/", arrangements.arrangements, name="regelingen"),
    path("regelingen/<uuid:arrangement>/", arrangements.arrangement, name="regeling"),
    path("bewijs/<uuid:certificate>/", certificates.certificate, name="bewijs"),
    path("bewijs/<uuid:certificate>/bestand.json", certificates.certificate_file, name="bewijs-bestand"),
    path("documenten/<uuid:document>/", arrangements.document, name="document"),
    path("uitbetalingen/", payouts.payouts, name="uitbetalingen"),
    path("uitbetalingen/<uuid:payout>/", payouts.payout, name="uitbetaling"),
    path("uitbetalingen/<uuid:payout>/specificatie.csv", payouts.specification, name="specificatie"),
    path("uitbetalingen/<uuid:payout>/bestand.xml", payouts.bank_file, name="bankbestand"),
    path("berichten/", messages.messages, name="berichten"),
]
