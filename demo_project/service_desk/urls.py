"""URLs of the API."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from demo_project.service_desk.views import MeView, PersonViewSet, RequestViewSet, not_found

router = SimpleRouter()
router.register("requests", RequestViewSet, basename="request")
router.register("people", PersonViewSet, basename="person")

urlpatterns = [
    path("", include(router.urls)),
    path("me/", MeView.as_view(), name="me"),
    # Only with a trailing slash: without it, APPEND_SLASH redirects to the URL that has one.
    re_path(r"^[\s\S]*/$", not_found),
]
