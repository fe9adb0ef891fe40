"""The page My Profile."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def my_profile(request: HttpRequest) -> HttpResponse:
    """Show the signed-in user, their roles and the link to Access & Security."""
    roles = request.user.groups.order_by("name").values_list("name", flat=True)
    return render(request, "profile.html", {"roles": roles})
