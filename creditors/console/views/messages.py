from django.http import HttpRequest, HttpResponse

from accounts.policies import page
from creditors.console.views.frame import paged, show
from infra.models import Message


@page("creditor", methods=("GET", "HEAD"))
def messages(request: HttpRequest) -> HttpResponse:
    """What we told this creditor."""
    found = paged(request, Message.objects.order_by("-created_at", "-id"))
    return show(request, "messages.html", {"found": found}, section="berichten")
