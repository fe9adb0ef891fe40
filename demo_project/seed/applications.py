"""The scopes, and the applications that are allowed them."""

from django.contrib.auth.models import Group, User
from django.utils import timezone

from demo_project.seed.contents import SCOPES, DemoApplication, DemoScope
from fourme_oauth import client_secrets
from fourme_oauth.models import Application, Scope


def seed_scopes() -> None:
    """Put the catalogue back as documented."""
    for demo_scope in SCOPES:
        _seed_scope(demo_scope)


def _seed_scope(demo_scope: DemoScope) -> None:
    scope, _ = Scope.objects.update_or_create(
        name=demo_scope.name,
        defaults={"wording": demo_scope.wording, "for_everyone": demo_scope.for_everyone, "retired": False},
    )
    scope.roles.set(Group.objects.filter(name__in=demo_scope.roles))


def seed_application(demo_application: DemoApplication) -> Application:
    """Put the application back as documented."""
    application: Application
    known_beforehand = {"client_id": demo_application.client_id} if demo_application.client_id else {}
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
            **known_beforehand,
        },
    )
    application.scopes.set(Scope.objects.filter(name__in=demo_application.scopes))
    return application


def seed_secret(application: Application, *, rotate: bool) -> str | None:
    """Issue a secret where there is none, or in the place of all others. Return its only readable copy, or None."""
    if application.is_public:
        return None
    earlier = list(application.client_secrets.live(timezone.now()))
    if earlier and not rotate:
        return None
    for secret in earlier:
        client_secrets.retire(secret=secret)
    return client_secrets.issue(application=application).plaintext
