"""Addresses of the demo, under /demo/. The policy "demo" answers 404 everywhere else."""

from django.urls import path

from citizen_portal.views import demo

app_name = "demo"
urlpatterns = [
    path("", demo.start, name="start"),
    path("inloggen/<slug:persona>/", demo.sign_in, name="inloggen"),
    path("voorstel/<slug:persona>/", demo.proposal_of, name="voorstel"),
    path("post/", demo.post, name="post"),
    path("tijd/", demo.travel, name="tijd"),
    path("boeken/", demo.books, name="boeken"),
    path("boeken/<uuid:job>/", demo.books_outcome, name="boeken_uitkomst"),
]
