"""The product's addresses and two bare pages beside them, to compare with: one row, and a list of fifty."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from accounts.policies import page
from infra.models import BusinessDate, Job

_LIST = engines["django"].from_string(
    "<!doctype html><title>lijst</title><table>{% for row in rows %}<tr><td>{{ row.kind }}</td><td>{{ row.key }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.created_at }}</td><td>{{ row.attempts }}</td><td>{{ row.progress_done }}</td>"
    "</tr>{% endfor %}</table>"
)


@page("logged_in")
def bare_row(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(BusinessDate.objects.filter(pk=1).first()))


@page("logged_in")
def bare_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_LIST.render({"rows": Job.objects.order_by("created_at")[:50]}, request))


urlpatterns = [
    path("kaal/rij/", bare_row),
    path("kaal/lijst/", bare_list),
    path("", include("config.urls")),
]
