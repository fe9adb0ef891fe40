"""The toolkit's own endpoints, where its documentation mounts them."""

from django.urls import include, path

urlpatterns = [path("o/", include("oauth2_provider.urls"))]
