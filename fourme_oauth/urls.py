"""Mounted at the root with ``path("", include("fourme_oauth.urls"))``; under a prefix, with ``well_known_urls`` too."""

from django.urls import include, path, re_path

from . import views, well_known_urls
from .authorization_server.authorization import AuthorizationView
from .authorization_server.back_channel import IntrospectionView, RevocationView, TokenView

# With or without a trailing slash, and no redirect between the two: a redirected POST loses its body.
# The toolkit reverses these names in this namespace; nothing else of it is mounted.
oauth_urls = [
    re_path(r"^oauth/authorize/?$", AuthorizationView.as_view(), name="authorize"),
    re_path(r"^oauth/token/?$", TokenView.as_view(), name="token"),
    re_path(r"^oauth/revoke/?$", RevocationView.as_view(), name="revoke-token"),
    re_path(r"^oauth/introspect/?$", IntrospectionView.as_view(), name="introspect"),
]

own_urls = [
    path("access-and-security/", views.AccessAndSecurityView.as_view(), name="access_and_security"),
    path("access-and-security/<int:pk>/revoke/", views.RevokeAuthorizationView.as_view(), name="revoke_authorization"),
    *well_known_urls.urlpatterns,
]

urlpatterns = [
    path("", include((oauth_urls, "oauth2_provider"))),
    path("", include((own_urls, "fourme_oauth"))),
]
