"""
The documents of RFC 8414 and RFC 9728, for the root of a site that mounts ``fourme_oauth.urls`` under a prefix.

Both RFCs put the path of the issuer or resource *after* the well-known one.
"""

from django.urls import path

from .authorization_server.metadata import AuthorizationServerMetadataView, ProtectedResourceMetadataView
from .availability import answers_later_in_json

urlpatterns = [
    path(
        ".well-known/oauth-authorization-server",
        answers_later_in_json(AuthorizationServerMetadataView.as_view()),
        name="oauth-authorization-server",
    ),
    path(
        ".well-known/oauth-authorization-server/<path:issuer_path>",
        answers_later_in_json(AuthorizationServerMetadataView.as_view()),
        name="oauth-authorization-server-of-issuer",
    ),
    path(
        ".well-known/oauth-protected-resource",
        answers_later_in_json(ProtectedResourceMetadataView.as_view()),
        name="oauth-protected-resource",
    ),
]
