"""Pagination of the API."""

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response


class LinkedPages(PageNumberPagination):
    """Page-number pagination that also sends `Link` headers for the previous and next page (RFC 8288)."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page, with a `Link` header where there is another page."""
        response = super().get_paginated_response(data)
        urls = {"prev": self.get_previous_link(), "next": self.get_next_link()}
        links = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in urls.items() if url)
        if links:
            response["Link"] = links
        return response
