"""The page of the person who is signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def my_profile(request: HttpRequest) -> HttpResponse:
    """Say who is signed in, with which roles, and where Access & Security is."""
    roles = request.user.groups.order_by("name").values_list("name", flat=True)
    return render(request, "profile.html", {"roles": roles})
