"""
The documents of RFC 8414 and RFC 9728, for the root of a site that mounts ``fourme_oauth.urls`` under a prefix.

Both RFCs put the path of the issuer or resource *after* the well-known one.
"""

from django.urls import path

from .authorization_server.metadata import AuthorizationServerMetadataView, ProtectedResourceMetadataView
from .service_unavailable import unavailable_as_json

urlpatterns = [
    path(
        ".well-known/oauth-authorization-server",
        unavailable_as_json(AuthorizationServerMetadataView.as_view()),
        name="oauth-authorization-server",
    ),
    path(
        ".well-known/oauth-authorization-server/<path:issuer_path>",
        unavailable_as_json(AuthorizationServerMetadataView.as_view()),
        name="oauth-authorization-server-of-issuer",
    ),
    path(
        ".well-known/oauth-protected-resource",
        unavailable_as_json(ProtectedResourceMetadataView.as_view()),
        name="oauth-protected-resource",
    ),
]
