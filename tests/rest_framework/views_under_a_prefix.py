"""The same API on a site that mounts the endpoints under a prefix, and the metadata at the root."""

from django.urls import include, path

from tests.rest_framework import views

urlpatterns = [
    path("", include("fourme_oauth.well_known_urls")),
    path("sso/", include("fourme_oauth.urls")),
    *views.urlpatterns[1:],
]
