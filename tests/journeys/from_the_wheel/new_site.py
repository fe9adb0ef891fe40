"""A new site: an empty environment, the wheel, `startproject`, and the README's lines."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from tempfile import mkdtemp

import requests

from tests.journeys.sites import Administrator, Site
from tests.promises.paper import CHECKS, README, ROOT, blocks

SETTINGS, ADDRESSES, LOGIN, PROTECT = blocks(README, "Put it into your site", "python")
AT_THE_ROOT = '    path("", include("fourme_oauth.urls")),\n'
USERS = {"admin": "account administrator", "specialist": "specialist", "auditor": "auditor"}
PERMITTED = {
    "account:read": [],
    "person:read": ["specialist", "auditor", "account administrator"],
    "request:read": ["specialist", "auditor", "account administrator"],
    "request:create": ["specialist"],
    "request:update": ["specialist"],
}
# What any site has: an app, and users who sign in, with a fast password hasher.
OWN_SETTINGS = """
INSTALLED_APPS += ["desk"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
MODELS = """
from django.db import models


class Request(models.Model):
    subject = models.CharField(max_length=200)
"""
VIEWS = """
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet, ViewSet

{protect}

from desk.models import Request


class RequestSerializer(ModelSerializer):
    class Meta:
        model = Request
        fields = ["id", "subject"]


class Requests(RequestViewSet):
    queryset = Request.objects.order_by("pk")
    serializer_class = RequestSerializer


class Me(ViewSet):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    required_scopes = {{"GET": ["account:read"]}}

    def list(self, request):
        return Response({{"username": request.user.get_username()}})


class People(Me):
    required_scopes = {{"GET": ["person:read"]}}
"""
URLS = """
from desk import views
from rest_framework.routers import SimpleRouter

router = SimpleRouter()
router.register("requests", views.Requests)
router.register("me", views.Me, basename="me")
router.register("people", views.People, basename="people")
urlpatterns += [path("api/", include(router.urls))]
"""


def addresses_under_a_prefix():
    """Return the README's block, with the lines that docs/checks.md has for a prefix."""
    (documented,) = blocks(CHECKS, "fourme_oauth.W001", "python")
    lines = [line for line in documented.splitlines(keepends=True) if line.startswith("    path(")]
    assert AT_THE_ROOT in ADDRESSES
    return ADDRESSES.replace(AT_THE_ROOT, "".join(lines))


def create_users_in_the_admin(administrator, passwords):
    """Create roles, scopes and users in the admin, as the README says."""
    for role in sorted(USERS.values()):
        administrator.add_role(role)
    for scope, roles in PERMITTED.items():
        administrator.add_scope(scope, *roles)
    for username, role in USERS.items():
        if username != "admin":
            administrator.add_user(username, passwords[username])
        administrator.give_roles(username, role)


def environment():
    """The environment variables of a command, without this checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "DATABASE"))}


def run(*command, cwd, **variables):
    """Run a command, and return what it prints."""
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment() | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


class NewSite:
    """A folder with an environment that has the wheel and what comes with it, and a project of `startproject`."""

    def __init__(self, folder):
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        self.wheel = folder / "wheel"
        self.project = folder / "project"
        self._mark = folder / "installed"

    @property
    def is_installed(self):
        """Whether the installation was completed."""
        return self._mark.exists()

    def install(self, *requirements):
        """Install these, or the wheel of this checkout."""
        run(sys.executable, "-m", "venv", self.folder / "venv", cwd=self.folder)
        if not requirements:
            self._pip("wheel", "--no-deps", "--wheel-dir", self.wheel, ROOT)
        # Compiled is what is imported, when it is.
        self._pip("install", "--no-compile", *(requirements or self.wheel.glob("*.whl")))
        self._mark.touch()

    def start(self, name, *, addresses):
        """Start a project, and write the README's lines into it, with these lines for its URLconf."""
        # Where the files of tests take turns, the same project is started again.
        self.project = Path(mkdtemp(prefix=f"{name}_", dir=self.folder))
        run(self.python.with_name("django-admin"), "startproject", "host", ".", cwd=self.project)
        run(self.python.with_name("django-admin"), "startapp", "desk", cwd=self.project)
        self._append("host/settings.py", SETTINGS + OWN_SETTINGS)
        self._append("host/urls.py", addresses + LOGIN + URLS)
        (self.project / "desk/models.py").write_text(MODELS, encoding="utf-8")
        (self.project / "desk/views.py").write_text(VIEWS.format(protect=PROTECT), encoding="utf-8")
        self.manage("makemigrations", "desk")
        self.manage("migrate")

    def manage(self, *arguments, **variables):
        return run(self.python, "manage.py", *arguments, cwd=self.project, **variables)

    def printed(self, expression):
        """Return what the site's own process prints of an expression."""
        return self.manage("shell", "-v0", "-c", f"import fourme_oauth, sys; print({expression})").strip()

    @contextmanager
    def served(self, *, prefix):
        """Create a superuser, serve, and create roles, scopes and users as the superuser."""
        passwords = {name: token_urlsafe() for name in USERS}
        self.manage(
            "createsuperuser",
            "--noinput",
            "--username=admin",
            "--email=admin@example.com",
            DJANGO_SUPERUSER_PASSWORD=passwords["admin"],
        )
        port = free_port()
        server = [self.python, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
        log = (self.project / "server.log").open("w")
        with log, subprocess.Popen(server, cwd=self.project, env=environment(), stdout=log, stderr=log) as process:
            try:
                site = Site(base_url=f"http://127.0.0.1:{port}", passwords=passwords, prefix=prefix)
                wait_for(site)
                create_users_in_the_admin(Administrator(site.sign_in("admin")), passwords)
                yield site
            finally:
                process.terminate()

    def _pip(self, command, *arguments):
        run(self.python, "-m", "pip", command, "-q", "--disable-pip-version-check", *arguments, cwd=self.folder)

    def _append(self, file, text):
        with (self.project / file).open("a", encoding="utf-8") as stream:
            stream.write(f"\n{text}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(site):
    for _ in range(300):
        try:
            requests.get(f"{site.base_url}/admin/login/", timeout=10)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(site.base_url)
