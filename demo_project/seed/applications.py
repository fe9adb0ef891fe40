"""Seed the scopes, the applications and their secrets."""

from django.contrib.auth.models import Group, User
from django.utils import timezone

from demo_project.seed.contents import SCOPES, DemoApplication, DemoScope
from fourme_oauth import client_secrets
from fourme_oauth.models import Application, Scope


def seed_scopes() -> None:
    """Create the scopes of the catalogue, or reset them to what is documented."""
    for demo_scope in SCOPES:
        _seed_scope(demo_scope)


def _seed_scope(demo_scope: DemoScope) -> None:
    scope, _ = Scope.objects.update_or_create(
        name=demo_scope.name,
        defaults={"wording": demo_scope.wording, "for_everyone": demo_scope.for_everyone, "retired": False},
    )
    scope.roles.set(Group.objects.filter(name__in=demo_scope.roles))


def seed_application(demo_application: DemoApplication) -> Application:
    """Create the application, or reset it to what is documented."""
    application: Application
    fixed_client_id = {"client_id": demo_application.client_id} if demo_application.client_id else {}
    application, _ = Application.objects.update_or_create(
        name=demo_application.name,
        defaults={
            "client_type": demo_application.client_type,
            "authorization_grant_type": demo_application.grant,
            "redirect_uris": "\n".join(demo_application.redirect_uris),
            "linked_user": User.objects.filter(username=demo_application.linked_user).first(),
            "publisher": demo_application.publisher,
            "homepage": demo_application.homepage,
            "description": demo_application.description,
            "disabled": False,
            **fixed_client_id,
        },
    )
    application.scopes.set(Scope.objects.filter(name__in=demo_application.scopes))
    return application


def seed_secret(application: Application, *, rotate: bool) -> str | None:
    """Issue a secret if none is active; to rotate, retire all others first. Return its plaintext, or None."""
    if application.is_public:
        return None
    active = list(application.client_secrets.live(timezone.now()))
    if active and not rotate:
        return None
    for secret in active:
        client_secrets.retire(secret=secret)
    return client_secrets.issue(application=application).plaintext
