"""The public pages, logging in, the pages of a citizen (twice: for the citizen and for a coach), coach and demo."""

from django.urls import include, path

from citizen_portal import citizen_urls
from citizen_portal.views import certificate, fit, join_in, login, public

urlpatterns = [
    path("", public.start, name="start"),
    path("zo-werkt-het/", public.how_it_works, name="zo-werkt-het"),
    path("past-dit-bij-mij/", fit.fit, name="past-dit-bij-mij"),
    path("andere-hulp/", public.other_help, name="andere-hulp"),
    path("hulp/", public.contact, name="hulp"),
    path("begrippen/", public.words, name="begrippen"),
    path("privacy/", public.privacy, name="privacy"),
    path("controleer/", certificate.check, name="controleer"),
    path("b/resultaat/<uuid:payment>/", public.pay_link_result, name="betaallink-resultaat"),
    path("b/<uuid:token>/", public.pay_link, name="betaallink"),
    path("organisaties/meedoen/<str:code>/", join_in.join_in, name="meedoen"),
    path("inloggen/", login.choose, name="inloggen"),
    path("inloggen/code/", login.email_code, name="inloggen-code"),
    path("inloggen/papier/", login.paper, name="inloggen-papier"),
    path("uitgelogd/", login.logged_out, name="uitgelogd"),
    path("sessie-voorbij/", login.session_over, name="sessie-voorbij"),
    path("na-inloggen/", login.after_login, name="na-inloggen"),
    path("mijn/", include((citizen_urls.urlpatterns, citizen_urls.app_name), namespace="mijn")),
    path("namens/<uuid:mandate>/", include((citizen_urls.urlpatterns, citizen_urls.app_name), namespace="namens")),
    path("coach/", include("citizen_portal.coach_urls")),
    path("demo/", include("citizen_portal.demo_urls")),
]
