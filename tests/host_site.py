"""A host's site in its own process, for settings that can't change within the test process."""

import os
import subprocess
import sys
from pathlib import Path

import fourme_oauth

IMPORTABLE_FROM = Path(fourme_oauth.__file__).parent.parent

DRIVER = """
import pymysql

pymysql.install_as_MySQLdb()
"""

SETTINGS = """
from fourme_oauth.conf import toolkit_settings

SECRET_KEY = "not a secret"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "host_urls"
DATABASES = {"default": DATABASE}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "fourme_oauth",
    "oauth2_provider",
]
OAUTH2_PROVIDER_APPLICATION_MODEL = "fourme_oauth.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "fourme_oauth.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "fourme_oauth.RefreshToken"
OAUTH2_PROVIDER_GRANT_MODEL = "fourme_oauth.Grant"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "fourme_oauth.IDToken"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "fourme_oauth.DeviceGrant"
OAUTH2_PROVIDER = toolkit_settings()
"""

URLS = """
from django.urls import include, path

urlpatterns = [
    path("", include("fourme_oauth.urls")),
]
"""

ADMIN_SETTINGS = """
INSTALLED_APPS += ["django.contrib.sessions", "django.contrib.messages"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
"""

ADMIN_URLS = """
from django.contrib import admin

urlpatterns += [path("admin/", admin.site.urls)]
"""

NO_MIGRATIONS = """
MIGRATION_MODULES = {name.rpartition(".")[2]: None for name in INSTALLED_APPS}
"""


class HostSite:
    """Two files, and commands that run on them."""

    def __init__(self, folder, database=None):
        self.folder = folder
        self.database = database or {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "host.sqlite3")}
        self.use(SETTINGS, URLS)

    def use(self, settings, urls):
        self.settings, self.urls = settings, urls
        database = (DRIVER if self.database["ENGINE"].endswith("mysql") else "") + f"DATABASE = {self.database!r}\n"
        (self.folder / "host_settings.py").write_text(database + settings, encoding="utf-8")
        (self.folder / "host_urls.py").write_text(urls, encoding="utf-8")

    def install_admin_first(self):
        self._install_admin('INSTALLED_APPS = ["django.contrib.admin", *INSTALLED_APPS]\n')

    def install_admin_last(self):
        self._install_admin('INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]\n')

    def _install_admin(self, line):
        self.use(self.settings + ADMIN_SETTINGS + line, self.urls + ADMIN_URLS)

    def forget(self, text):
        """Leave out the lines with ``text`` in them."""
        assert text in self.settings + self.urls
        self.use(without(text, self.settings), without(text, self.urls))

    def run_the_toolkit_only(self):
        """Configure the site for the toolkit only."""
        self.forget("fourme_oauth")
        self.forget("toolkit_settings")

    def run_ours(self):
        self.use(SETTINGS, URLS)

    def manage(self, *arguments):
        """Run a management command and return the finished process."""
        return self.run("-m", "django", *arguments)

    def succeed(self, *arguments):
        """Run a management command that must not fail, and return what it says."""
        return succeeded(self.manage(*arguments))

    def make_tables(self):
        """Have the tables as the models are: all migrations take several seconds."""
        self.use(self.settings + NO_MIGRATIONS, self.urls)
        self.succeed("migrate", "--run-syncdb", "--verbosity=0")

    def python(self, code):
        """Run ``code`` in a site that is set up, and return what it prints."""
        return succeeded(self.run("-c", f"import django\ndjango.setup()\n{code}"))

    def run(self, *arguments):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "host_settings",
                "PYTHONPATH": os.pathsep.join([str(self.folder), str(IMPORTABLE_FROM)]),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )


def without(text, lines):
    return "".join(line for line in lines.splitlines(keepends=True) if text not in line)


def succeeded(finished):
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
