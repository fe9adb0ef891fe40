"""URLs of the endpoints and the users' pages; ``fourme_oauth.urls`` includes them once the settings are complete."""

from django.urls import include, path, re_path

from . import views, well_known_urls
from .authorization_server.authorization import AuthorizationView
from .authorization_server.back_channel import IntrospectionView, RevocationView, TokenView
from .converters import CONVERTER
from .service_unavailable import unavailable_as_json, unavailable_as_page

# With or without a trailing slash, without a redirect: a redirected POST loses its body.
# The toolkit reverses these names in this namespace. None of its own views is mounted.
oauth_urls = [
    re_path(r"^oauth/authorize/?$", unavailable_as_page(AuthorizationView.as_view()), name="authorize"),
    re_path(r"^oauth/token/?$", unavailable_as_json(TokenView.as_view()), name="token"),
    re_path(r"^oauth/revoke/?$", unavailable_as_json(RevocationView.as_view()), name="revoke-token"),
    re_path(r"^oauth/introspect/?$", unavailable_as_json(IntrospectionView.as_view()), name="introspect"),
]

own_urls = [
    path(
        "access-and-security/",
        unavailable_as_page(views.AccessAndSecurityView.as_view()),
        name="access_and_security",
    ),
    path(
        "access-and-security/revoke/",
        unavailable_as_page(views.RevokeAllAuthorizationsView.as_view()),
        name="revoke_all_authorizations",
    ),
    path(
        "access-and-security/revoke-several/",
        unavailable_as_page(views.RevokeSeveralAuthorizationsView.as_view()),
        name="revoke_several_authorizations",
    ),
    path(
        f"access-and-security/<{CONVERTER}:pk>/activity/",
        unavailable_as_page(views.ActivityView.as_view()),
        name="activity",
    ),
    path(
        f"access-and-security/<{CONVERTER}:pk>/revoke/",
        unavailable_as_page(views.RevokeAuthorizationView.as_view()),
        name="revoke_authorization",
    ),
    path(
        f"access-and-security/<{CONVERTER}:pk>/reduce/",
        unavailable_as_page(views.ReduceAuthorizationView.as_view()),
        name="reduce_authorization",
    ),
    *well_known_urls.urlpatterns,
]

urlpatterns = [
    path("", include((oauth_urls, "oauth2_provider"))),
    path("", include((own_urls, "fourme_oauth"))),
]
