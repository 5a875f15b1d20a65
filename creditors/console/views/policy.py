from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from creditors.console.forms import PolicyForm
from creditors.console.presenters import percentage
from creditors.console.views.frame import creditor_on, show, user_on
from creditors.models import AcceptancePolicy, CreditorMember
from creditors.operations.set_policy import set_policy, stop_policy

SECTION = "beleid"


@page("creditor_manager")
def policy(request: HttpRequest) -> HttpResponse:
    """The rule that says yes by itself, with all its versions."""
    running = AcceptancePolicy.objects.filter(valid_until=None).first()
    initial = {}
    if running is not None:
        points = running.minimum_basis_points
        initial = {
            "minimum": f"{points // 100},{points % 100:02d}".removesuffix(",00"),
            "maximum_waived": running.maximum_waived_cents,
        }
    form = PolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_policy(
            creditor=creditor_on(request),
            user=user_on(request),
            minimum_basis_points=form.cleaned_data["minimum"],
            maximum_waived_cents=form.cleaned_data["maximum_waived"],
        )
        return redirect("console:beleid")
    names = dict(CreditorMember.objects.values_list("user_id", "name"))
    history = [
        {
            "policy": one,
            "percent": percentage(one.minimum_basis_points),
            "made_by": names.get(one.made_by_id, "een medewerker"),
        }
        for one in AcceptancePolicy.objects.order_by("-version")
    ]
    context = {
        "form": form,
        "running": running,
        "percent": percentage(running.minimum_basis_points) if running else "",
        "history": history,
    }
    return show(request, "policy.html", context, section=SECTION)


@page("creditor_manager", methods=("POST",))
def stop(request: HttpRequest) -> HttpResponse:
    """The kill switch."""
    stop_policy(creditor=creditor_on(request))
    return redirect("console:beleid")
