"""A site that mounts the endpoints under a prefix."""

from django.urls import include, path

urlpatterns = [
    path("sso/", include("fourme_oauth.urls")),
    path("", include("fourme_oauth.well_known_urls")),
    path("accounts/", include("django.contrib.auth.urls")),
]
