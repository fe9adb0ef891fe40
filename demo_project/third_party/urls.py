"""URLs of the third-party application."""

from django.urls import path

from demo_project.third_party import views

urlpatterns = [
    path("", views.dashboard, name="third-party"),
    path("connect", views.connect, name="third-party-connect"),
    path("callback", views.callback, name="third-party-callback"),
    path("refresh", views.refresh, name="third-party-refresh"),
    path("disconnect", views.disconnect, name="third-party-disconnect"),
]
