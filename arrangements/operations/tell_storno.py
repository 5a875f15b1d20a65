"""What people hear about a storno: what happened, what it means and who calls. Nobody is blamed: it often is a mistake."""

from django.db.models import Sum

from arrangements.documents.content import money
from arrangements.models import Arrangement, CaseTask, Receipt, Storno, StornoPart
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from creditors.models import Creditor
from kernel.cents import spoken_euro


def tell_storno(arrangement: Arrangement, storno: Storno) -> None:
    """The citizen gets a message, the director a task to call, and creditors that agreed to set-off hear of it."""
    amount = spoken_euro(storno.amount_cents)
    body = f"Uw bank heeft {amount} teruggehaald. Dat is geld dat u eerder aan ons betaalde.\n"
    if storno.claimed_cents == storno.amount_cents:
        body += (
            "Wij hadden het geld al doorbetaald. Die betaling blijft gewoon staan.\n"
            f"U betaalt {amount} nu aan ons terug. Er komen geen kosten bij.\n"
            "Op onze website staat een knop om dat te doen."
        )
    elif storno.claimed_cents:
        body += (
            f"Een deel hadden wij al doorbetaald. Dat deel is {spoken_euro(storno.claimed_cents)}.\n"
            "U betaalt dat deel aan ons terug. Er komen geen kosten bij.\n"
            "Op onze website staat een knop om dat te doen."
        )
    elif storno.extra_cents == storno.amount_cents:
        body += "Dat geld lag klaar om naar u terug te gaan. Dat hoeft nu niet meer. U hoeft niets te doen."
    else:
        body += (
            "Het telt nu niet mee in uw plan. Dit bedrag staat weer open.\n"
            "Er komen geen kosten bij. Op onze website ziet u wat u nog betaalt."
        )
    body += "\nWeet u niet waarom uw bank dit deed? Dat geeft niet. Wij bellen u om samen te kijken."
    tell_citizen(
        arrangement.citizen,
        key=f"storno:{storno.pk}",
        kind="storno",
        subject="Uw bank haalde een betaling terug",
        body=body,
    )
    make_task(
        citizen_id=arrangement.citizen_id,
        key=f"storno:{storno.pk}",
        kind=CaseTask.Kind.STORNO,
        text=f"De bank van de cliënt haalde {money(storno.amount_cents)} terug. Bel en vraag wat er aan de hand is.",
    )
    _tell_creditors(arrangement, storno)


def _tell_creditors(arrangement: Arrangement, storno: Storno) -> None:
    owed = StornoPart.objects.filter(storno=storno).values_list("creditor_id").annotate(sum=Sum("amount_cents"))
    amounts = dict(owed.values_list("creditor_id", "sum"))
    for creditor in Creditor.objects.filter(pk__in=amounts).order_by("pk"):
        tell_creditor(
            creditor,
            key=f"storno:{storno.pk}:{creditor.pk}",
            kind="storno",
            subject="Een betaling is teruggehaald",
            body=(
                f"Bij regeling {arrangement.payment_reference} is een betaling teruggehaald door de bank.\n"
                f"U kreeg daarvan {money(amounts[creditor.pk])}. Dat verrekenen wij met uw volgende doorbetaling, zoals in "
                "het contract staat.\n"
                "Het bedrag staat weer open in de regeling."
            ),
        )


def tell_storno_won(arrangement: Arrangement, storno: Storno, receipt: Receipt) -> None:
    """The money is there again; what that means for the citizen. Somebody calls when there is something to give back."""
    body = f"Uw bank had {spoken_euro(storno.amount_cents)} teruggehaald. Dat geld is weer bij ons.\n"
    if receipt.repaid_cents:
        body += "U hoeft het niet meer aan ons terug te betalen.\n"
    if receipt.divided_cents:
        body += "Wij hebben het verdeeld over de organisaties. Het telt weer mee in uw plan.\n"
    if receipt.extra_cents:
        body += f"{spoken_euro(receipt.extra_cents).capitalize()} is van u. Wij bellen u om het terug te geven.\n"
        make_task(
            citizen_id=arrangement.citizen_id,
            key=f"storno_won:{storno.pk}",
            kind=CaseTask.Kind.CALL_BACK,
            text="Een storno is teruggedraaid en er is geld over voor de cliënt. Bel om het terug te geven.",
        )
    tell_citizen(
        arrangement.citizen,
        key=f"storno_won:{storno.pk}",
        kind="storno_won",
        subject="Een betaling telt weer mee",
        body=body.strip(),
    )
