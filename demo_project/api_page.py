"""The page that shows the OpenAPI document, and tries the API out as whoever signs in: Swagger UI, from this site."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

# Swagger UI carries its icons as data: addresses.
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


class ApiPage(SpectacularSwaggerSplitView):
    """Nothing inline, nothing from anywhere else. The token stays in the memory of the page."""

    template_name = "api_page.html"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Send the policy with the page and with its script."""
        response["Content-Security-Policy"] = POLICY
        finished: Response = super().finalize_response(request, response, *args, **kwargs)
        return finished


def oauth2_redirect(request: HttpRequest) -> HttpResponse:
    """
    Hand the code to the page that opened this window, and close it: Swagger UI's own script does.

    Not sent on to the file that comes with Swagger UI: a web server that serves files says nothing of
    `Cross-Origin-Opener-Policy`, and browsers then cut the window off from the page.
    """
    response = render(request, "api_page_redirect.html")
    response["Content-Security-Policy"] = "default-src 'none'; script-src 'self'"
    response["Referrer-Policy"] = "no-referrer"
    return response
