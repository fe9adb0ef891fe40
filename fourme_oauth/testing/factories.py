"""Factories (factory_boy) for rows as the package itself stores them."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

import factory
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db.models import Model
from django.utils import timezone

from .. import client_secrets, consent
from ..actor import Actor
from ..models import AccessToken, Application, Authorization, Grant, RefreshToken, Scope
from ..models.credentials import ACCESS_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX, digest, generate

PASSWORD = "correct horse battery staple"  # noqa: S105 - for test users

Minted = TypeVar("Minted", bound=Model)


class UserFactory(factory.django.DjangoModelFactory):
    """
    A user of the site: ``username`` is whatever its model calls the field that people sign in with.

    A site whose users need more brings its own factory.
    """

    class Meta:
        model = settings.AUTH_USER_MODEL
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password(PASSWORD)

    @classmethod
    def _adjust_kwargs(cls, **fields: Any) -> dict[str, Any]:
        return {get_user_model().USERNAME_FIELD: fields.pop("username"), **fields}


class RoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Group

    name = factory.Sequence(lambda n: f"role {n}")


class ScopeFactory(factory.django.DjangoModelFactory):
    """
    The catalogue's entry of that name, as it is, or a new one, for everyone.

    With ``roles``, these permit it and it is for everyone no longer, unless ``for_everyone=True`` is given too. With
    ``for_everyone=False`` and no roles, a new one is permitted to nobody.
    """

    class Meta:
        model = Scope
        django_get_or_create = ("name",)

    name = "request:read"
    wording = factory.LazyAttribute(lambda scope: f"Use {scope.name}")
    roles: Iterable[Group] = ()
    for_everyone = factory.LazyAttribute(lambda scope: not scope.roles)

    @classmethod
    def _build(cls, model_class: type[Model], *args: Any, roles: Iterable[Group], **fields: Any) -> Scope:
        built: Scope = super()._build(model_class, *args, **fields)
        return built

    @classmethod
    def _create(cls, model_class: type[Model], *args: Any, roles: Iterable[Group], **fields: Any) -> Scope:
        scope: Scope = super()._create(model_class, *args, **fields)
        if roles:
            scope.roles.add(*roles)
            scope.for_everyone = fields["for_everyone"]
            scope.save(update_fields=["for_everyone"])
        return scope


class ApplicationFactory(factory.django.DjangoModelFactory):
    """A confidential application with a redirect URI. ``scopes`` are the names of its allowed scopes."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Application {n}")
    client_type = Application.CLIENT_CONFIDENTIAL
    authorization_grant_type = Application.GRANT_AUTHORIZATION_CODE
    redirect_uris = "https://third-party.example/callback"

    @factory.post_generation
    def scopes(self: Any, create: bool, scopes: Iterable[str] | None, **kwargs: Any) -> None:
        """Allow scopes by their names; new ones are for everyone."""
        if create:
            self.scopes.add(*_in_the_catalogue(list(scopes or ())))


class PublicApplicationFactory(ApplicationFactory):
    """A public application: no secret, PKCE required."""

    client_type = Application.CLIENT_PUBLIC
    redirect_uris = "com.example.app:/callback"


class LinkedApplicationFactory(ApplicationFactory):
    """An application that uses client credentials and acts as its linked user."""

    authorization_grant_type = Application.GRANT_CLIENT_CREDENTIALS
    redirect_uris = ""
    linked_user = factory.SubFactory(UserFactory)


class AuthorizationFactory(factory.django.DjangoModelFactory):
    """An authorization, made by ``consent.allow``; for all allowed scopes unless ``scopes`` are given."""

    class Meta:
        model = Authorization

    user = factory.SubFactory(UserFactory)
    application = factory.SubFactory(ApplicationFactory, scopes=["request:read"])
    scopes: Any = None

    @classmethod
    def _create(cls, model_class: type[Model], *args: Any, **fields: Any) -> Authorization:
        user, application, scopes = (fields[name] for name in ("user", "application", "scopes"))
        scopes = _allowed(application) if scopes is None else frozenset(scopes)
        request = consent.AccessRequest(user=user, application=application, scopes=scopes)
        return consent.allow(consent.question(request), by=Actor(user))


class AccessTokenFactory(factory.django.DjangoModelFactory):
    """An access token as the token endpoint stores it. ``.plaintext`` is its text, which no row has."""

    class Meta:
        model = AccessToken

    authorization = factory.SubFactory(AuthorizationFactory)
    plaintext = factory.LazyFunction(lambda: generate(ACCESS_TOKEN_PREFIX))
    expires = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))

    @classmethod
    def _create(cls, model_class: type[Minted], *args: Any, **fields: Any) -> Minted:
        return _store(model_class, **fields)


class RefreshTokenFactory(AccessTokenFactory):
    """A refresh token as the token endpoint stores it. ``.plaintext`` is its text, which no row has."""

    class Meta:
        model = RefreshToken

    plaintext = factory.LazyFunction(lambda: generate(REFRESH_TOKEN_PREFIX))
    expires = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))


def _in_the_catalogue(names: list[str]) -> list[Scope]:
    """Return the entries of these names, after adding those that the catalogue lacks."""
    # In bulk: most tests have an application with a few scopes, which one by one take three queries each.
    found = {scope.name: scope for scope in Scope.objects.filter(name__in=names)}
    if missing := [name for name in dict.fromkeys(names) if name not in found]:
        Scope.objects.bulk_create(ScopeFactory.build(name=name) for name in missing)
        # Not every database returns the keys of inserted rows.
        found |= {scope.name: scope for scope in Scope.objects.filter(name__in=missing)}
    return list(found.values())


def _store(model_class: type[Minted], *, authorization: Authorization, plaintext: str, **fields: Any) -> Minted:
    minted = _minted_under(authorization) | {"token_checksum": digest(plaintext)}
    stored = model_class._default_manager.create(**minted | fields)
    stored.plaintext = plaintext
    return stored


def _minted_under(authorization: Authorization) -> dict[str, Any]:
    application = authorization.application
    assert application is not None  # noqa: S101 - nobody mints for an application that is gone
    return {
        "user": authorization.user,
        "application": application,
        "application_generation": application.generation,
        "authorization_generation": authorization.generation,
        "scope": authorization.scopes,
    }


def issue_secret(application: Application) -> str:
    """Issue a secret for ``application`` and return its text."""
    return client_secrets.issue(application).plaintext


def authorize(user: AbstractUser, application: Application, *scopes: str) -> Authorization:
    """Let ``user`` allow ``application``; for all allowed scopes unless ``scopes`` are given."""
    authorization: Authorization = AuthorizationFactory(user=user, application=application, scopes=scopes or None)
    return authorization


def mint_access_token(authorization: Authorization, *, scope: str | None = None, expires_in: int = 3600) -> str:
    """Store an access token as the token endpoint does and return its text; ``expires_in`` is in seconds."""
    narrower = {} if scope is None else {"scope": scope}
    expires = timezone.now() + timedelta(seconds=expires_in)
    return _text_of(AccessTokenFactory(authorization=authorization, expires=expires, **narrower))


def mint_refresh_token(authorization: Authorization, **fields: Any) -> str:
    """Store a refresh token as the token endpoint does and return its text."""
    return _text_of(RefreshTokenFactory(authorization=authorization, **fields))


def mint_code(authorization: Authorization, **fields: Any) -> str:
    """Store an authorization code as the authorization endpoint does and return its text."""
    text = secrets.token_urlsafe(32)
    minted = _minted_under(authorization)
    values = {
        "code": digest(text),
        "expires": timezone.now() + timedelta(seconds=60),
        "redirect_uri": minted["application"].redirect_uris.split()[0],
    }
    Grant.objects.create(**minted | values | fields)
    return text


def mint_own_access_token(application: Application, **fields: Any) -> str:
    """Store a client-credentials token as the token endpoint does and return its text."""
    text = generate(ACCESS_TOKEN_PREFIX)
    values = {
        "user": application.linked_user,
        "application": application,
        "application_generation": application.generation,
        "by_client_credentials": True,
        "token_checksum": digest(text),
        "expires": timezone.now() + timedelta(hours=1),
        "scope": " ".join(sorted(_allowed(application))),
    }
    AccessToken.objects.create(**values | fields)
    return text


def _allowed(application: Application) -> frozenset[str]:
    return Scope.objects.allowed_to(application).names()


def _text_of(minted: Any) -> str:
    text: str = minted.plaintext
    return text
