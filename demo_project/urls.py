"""URLs of the demo."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.staticfiles.views import serve as serve_static
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.static import serve as serve_media
from drf_spectacular.views import SpectacularAPIView

from demo_project import profile
from demo_project.api_page import ApiPage, oauth2_redirect

urlpatterns = [
    path("", include("fourme_oauth.urls")),
    path("", RedirectView.as_view(pattern_name="profile")),
    path("accounts/login/", LoginView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/docs/", ApiPage.as_view(), name="api-page"),
    # Swagger UI expects its redirect URI in the same folder as the page.
    path("api/docs/oauth2-redirect.html", oauth2_redirect),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/", include("demo_project.service_desk.urls")),
    path("profile/", profile.my_profile, name="profile"),
    path("third-party/", include("demo_project.third_party.urls")),
    # For the demo only: your own site serves these from its web server. `insecure` serves them without DEBUG too.
    path("static/<path:path>", serve_static, {"insecure": True}),
    path("media/<path:path>", serve_media, {"document_root": settings.MEDIA_ROOT}),
]
