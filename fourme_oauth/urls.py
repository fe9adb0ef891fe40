"""Mounted at the root with ``path("", include("fourme_oauth.urls"))``; under a prefix, with ``well_known_urls`` too."""

from django.urls import include, path, re_path

from . import views, well_known_urls
from .authorization_server.authorization import AuthorizationView
from .authorization_server.back_channel import IntrospectionView, RevocationView, TokenView
from .availability import answers_later_in_json, answers_later_with_a_page
from .keys import CONVERTER

# With or without a trailing slash, and no redirect between the two: a redirected POST loses its body.
# The toolkit reverses these names in this namespace; nothing else of it is mounted.
oauth_urls = [
    re_path(r"^oauth/authorize/?$", answers_later_with_a_page(AuthorizationView.as_view()), name="authorize"),
    re_path(r"^oauth/token/?$", answers_later_in_json(TokenView.as_view()), name="token"),
    re_path(r"^oauth/revoke/?$", answers_later_in_json(RevocationView.as_view()), name="revoke-token"),
    re_path(r"^oauth/introspect/?$", answers_later_in_json(IntrospectionView.as_view()), name="introspect"),
]

own_urls = [
    path(
        "access-and-security/",
        answers_later_with_a_page(views.AccessAndSecurityView.as_view()),
        name="access_and_security",
    ),
    path(
        "access-and-security/revoke/",
        answers_later_with_a_page(views.RevokeAllAuthorizationsView.as_view()),
        name="revoke_all_authorizations",
    ),
    path(
        "access-and-security/revoke-several/",
        answers_later_with_a_page(views.RevokeSeveralAuthorizationsView.as_view()),
        name="revoke_several_authorizations",
    ),
    path(
        f"access-and-security/<{CONVERTER}:pk>/activity/",
        answers_later_with_a_page(views.ActivityView.as_view()),
        name="activity",
    ),
    path(
        f"access-and-security/<{CONVERTER}:pk>/revoke/",
        answers_later_with_a_page(views.RevokeAuthorizationView.as_view()),
        name="revoke_authorization",
    ),
    path(
        f"access-and-security/<{CONVERTER}:pk>/reduce/",
        answers_later_with_a_page(views.ReduceAuthorizationView.as_view()),
        name="reduce_authorization",
    ),
    *well_known_urls.urlpatterns,
]

urlpatterns = [
    path("", include((oauth_urls, "oauth2_provider"))),
    path("", include((own_urls, "fourme_oauth"))),
]
