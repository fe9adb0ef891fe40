"""Addresses of the API."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from demo_project.service_desk.views import MeView, PersonViewSet, RequestViewSet, nothing_here

router = SimpleRouter()
router.register("requests", RequestViewSet, basename="request")
router.register("people", PersonViewSet, basename="person")

urlpatterns = [
    path("", include(router.urls)),
    path("me/", MeView.as_view(), name="me"),
    # Without a slash at the end, Django redirects to the address that has one.
    re_path(r"^[\s\S]*/$", nothing_here),
]
