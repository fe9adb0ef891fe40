"""Swagger UI for the OpenAPI document, served from this site; it calls the API as the user who signs in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

# Swagger UI has its icons as data: URLs.
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


class ApiPage(SpectacularSwaggerSplitView):
    """Swagger UI without inline or third-party scripts. The access token stays in the page's memory."""

    template_name = "api_page.html"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add the Content-Security-Policy to the page and its script."""
        response["Content-Security-Policy"] = POLICY
        final_response: Response = super().finalize_response(request, response, *args, **kwargs)
        return final_response


def oauth2_redirect(request: HttpRequest) -> HttpResponse:
    """
    Serve the redirect URI: Swagger UI's own script passes the code to the opener window and closes this one.

    Not a redirect to the static file of Swagger UI: static files are served without `Cross-Origin-Opener-Policy`, and
    browsers then set `window.opener` to null.
    """
    response = render(request, "api_page_redirect.html")
    response["Content-Security-Policy"] = "default-src 'none'; script-src 'self'"
    response["Referrer-Policy"] = "no-referrer"
    return response
