"""Pages of the API."""

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response


class LinkedPages(PageNumberPagination):
    """Number the pages, and name the neighbours in a `Link` header too (RFC 8288)."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with its links."""
        response = super().get_paginated_response(data)
        neighbours = {"prev": self.get_previous_link(), "next": self.get_next_link()}
        links = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in neighbours.items() if url)
        if links:
            response["Link"] = links
        return response
