"""
Settings of the demo. Everything that depends on the machine comes from the environment (django-environ).

What your own site needs for fourme_oauth is between the two marked lines; the rest is an ordinary Django project.
"""

from typing import Any

import django
import environ

from demo_project import databases, state_folder
from demo_project.seed.contents import API_PAGE_CLIENT_ID
from fourme_oauth.conf import toolkit_settings

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or state_folder.secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "fourme_oauth",
    "oauth2_provider",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "demo_project.service_desk",
    "demo_project.third_party",
]

# ── what a site writes: from here ────────────────────────────────────────────────────────────────────────────────────
# INSTALLED_APPS has "rest_framework", "fourme_oauth" and "oauth2_provider", in this order.

OAUTH2_PROVIDER_APPLICATION_MODEL = "fourme_oauth.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "fourme_oauth.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "fourme_oauth.RefreshToken"
OAUTH2_PROVIDER_GRANT_MODEL = "fourme_oauth.Grant"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "fourme_oauth.IDToken"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "fourme_oauth.DeviceGrant"
OAUTH2_PROVIDER = toolkit_settings()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "fourme_oauth.rest_framework.OAuth2Authentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["fourme_oauth.rest_framework.HasEffectiveScope"],
    # For the OpenAPI document, with "drf_spectacular" in INSTALLED_APPS.
    "DEFAULT_SCHEMA_CLASS": "fourme_oauth.rest_framework.schema.AutoSchema",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {"GET_MOCK_REQUEST": "fourme_oauth.rest_framework.schema.mock_request"}
# ── to here ──────────────────────────────────────────────────────────────────────────────────────────────────────────

SPECTACULAR_SETTINGS |= {
    "TITLE": "Service Desk",
    "DESCRIPTION": "Requests, the people who make them, and what an application may do on their behalf.",
    "VERSION": "1",
    # The document and its page are public, and not part of the documented API.
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_OAUTH2_CONFIG": {"clientId": API_PAGE_CLIENT_ID, "usePkceWithAuthorizationCodeGrant": True},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "demo_project.service_desk.openapi.describe_errors",
    ],
}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "demo_project.urls"
WSGI_APPLICATION = "demo_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [state_folder.PROJECT_ROOT / "demo_project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": databases.from_environment(env)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "profile"
LOGOUT_REDIRECT_URL = "login"

# Off by default, and independent of DEBUG, so that the WSGI application works over plain HTTP on loopback.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=False)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)

LANGUAGE_CODE = "en"
# A request for any other language gets English, with lang="en" in the page.
LANGUAGES = [("en", "English"), ("nl", "Nederlands"), ("de", "Deutsch")]
LOCALE_PATHS = [state_folder.PROJECT_ROOT / "demo_project" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [state_folder.PROJECT_ROOT / "demo_project" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = state_folder.location() / "media"

# At level DEBUG, requests_oauthlib (used by Acme Dashboard) logs tokens and the client secret.
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"requests_oauthlib": {"level": "INFO"}}}

DEFAULT_FROM_EMAIL = "Service Desk <service-desk@example.com>"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": "demo_project.mail.StandardErrorBackend"}}
else:
    EMAIL_BACKEND = "demo_project.mail.StandardErrorBackend"
