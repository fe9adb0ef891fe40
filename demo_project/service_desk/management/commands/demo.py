"""Migrate, seed and serve the demo."""

import json
import sys
from argparse import ArgumentTypeError
from typing import IO, Any

import environ
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application
from django.db import connections

from demo_project.seed.contents import DASHBOARD
from demo_project.seed.document import Document, seed
from demo_project.seed.welcome import welcome
from demo_project.third_party import credentials
from demo_project.walkthrough.walk import walk

HOST = "127.0.0.1"
DEFAULT_PORT = 8000


class Command(BaseCommand):
    """`manage.py demo`."""

    help = "Migrate, seed, print URLs, users and applications, and serve the demo on loopback."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="Port to serve on; 0 for any free port.")
        parser.add_argument("--no-serve", action="store_true", help="Stop before serving.")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON document on standard output, and nothing else there."
        )
        parser.add_argument(
            "--rotate-secrets",
            action="store_true",
            help="Issue new client secrets and set new passwords; earlier ones stop working.",
        )
        parser.add_argument(
            "--walkthrough",
            action="store_true",
            help="Run the whole flow over HTTP on a separate temporary demo, and stop.",
        )

    def handle(self, **options: Any) -> None:
        """Run the walkthrough, or prepare the data and serve."""
        if not environ.Env().bool("DEBUG", default=True):
            raise CommandError("DEBUG is off in the environment, and the demo is not for production. Unset DEBUG.")
        if options["walkthrough"]:
            self._walk()
            return
        settings.DEBUG = True
        if options["no_serve"]:
            self._prepare(options, port=options["port"] or DEFAULT_PORT)
            return
        # Bind the port before seeding: a demo that already runs on it must keep its redirect URIs.
        with _listen(options["port"]) as server:
            self._prepare(options, port=server.server_port)
            _serve(server)

    def _walk(self) -> None:
        if not walk(self.stdout):
            raise CommandError("The walkthrough failed: see its last line.")

    def _prepare(self, options: dict[str, Any], *, port: int) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=_progress(options))
        document = seed(base_url=f"http://{HOST}:{port}", rotate_secrets=options["rotate_secrets"])
        self._save_third_party_credentials(document)
        self.stdout.write(json.dumps(document, indent=2) if options["json"] else welcome(document))
        self.stdout.flush()

    def _save_third_party_credentials(self, document: Document) -> None:
        dashboard = document["applications"][DASHBOARD]
        complete = credentials.save(
            base_url=document["base_url"],
            client_id=dashboard["client_id"],
            client_secret=dashboard["client_secret"],
        )
        if not complete:
            self.stderr.write(
                "Acme Dashboard's client secret is not known here, and can't be shown again: use --rotate-secrets."
            )


def _progress(options: dict[str, Any]) -> IO[str]:
    name = "stderr" if options["json"] else "stdout"
    stream: IO[str] = options.get(name) or getattr(sys, name)
    return stream


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a port number.")


def _listen(port: int) -> ThreadedWSGIServer:
    try:
        return ThreadedWSGIServer((HOST, port), WSGIRequestHandler)
    except OSError as error:
        raise CommandError(f"Can't serve on {HOST}:{port}: {error.strerror}. Choose another --port.") from error


def _serve(server: ThreadedWSGIServer) -> None:
    server.set_app(get_internal_wsgi_application())
    connections.close_all()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return
