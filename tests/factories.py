"""Rows for tests, as the package itself would make them."""

import secrets
from datetime import timedelta

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from fourme_oauth import client_secrets, consent
from fourme_oauth.models import AccessToken, Application, Authorization, Grant, RefreshToken, Scope
from fourme_oauth.models.credentials import ACCESS_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX, digest, generate

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password(PASSWORD)


class RoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Group

    name = factory.Sequence(lambda n: f"role {n}")


class ScopeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Scope
        skip_postgeneration_save = True
        django_get_or_create = ("name",)

    name = "request:read"
    wording = factory.LazyAttribute(lambda scope: f"Use {scope.name}")

    @factory.post_generation
    def roles(self, create, roles, **kwargs):
        self.roles.add(*(roles or ()))


class ApplicationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Application
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Application {n}")
    client_type = Application.CLIENT_CONFIDENTIAL
    authorization_grant_type = Application.GRANT_AUTHORIZATION_CODE
    redirect_uris = "https://third-party.example/callback"

    @factory.post_generation
    def scopes(self, create, scopes, **kwargs):
        """Allow scopes by their names; new ones are permitted to everybody."""
        if create:
            self.scopes.set([ScopeFactory(name=name) for name in (scopes or ())])


class PublicApplicationFactory(ApplicationFactory):
    client_type = Application.CLIENT_PUBLIC
    redirect_uris = "com.example.app:/callback"


class LinkedApplicationFactory(ApplicationFactory):
    authorization_grant_type = Application.GRANT_CLIENT_CREDENTIALS
    redirect_uris = ""
    linked_user = factory.SubFactory(UserFactory)


def issue_secret(application: Application) -> str:
    return client_secrets.issue(application=application).plaintext


def authorize(user, application: Application, *scopes: str) -> Authorization:
    """Let ``user`` say yes, to all that the application is allowed unless ``scopes`` say less."""
    return consent.allow(user, application, scopes or application.scopes.values_list("name", flat=True))


def mint_access_token(authorization: Authorization, *, scope: str | None = None, expires_in: int = 3600) -> str:
    """Store an access token as the token endpoint does and return its text."""
    text = generate(ACCESS_TOKEN_PREFIX)
    AccessToken.objects.create(
        user=authorization.user,
        application=authorization.application,
        application_generation=authorization.application.generation,
        authorization_generation=authorization.generation,
        token_checksum=digest(text),
        expires=timezone.now() + timedelta(seconds=expires_in),
        scope=authorization.scopes if scope is None else scope,
    )
    return text


def mint_refresh_token(authorization: Authorization, **fields) -> str:
    text = generate(REFRESH_TOKEN_PREFIX)
    values = {
        "user": authorization.user,
        "application": authorization.application,
        "application_generation": authorization.application.generation,
        "authorization_generation": authorization.generation,
        "token_checksum": digest(text),
        "expires": timezone.now() + timedelta(days=14),
        "scope": authorization.scopes,
    }
    RefreshToken.objects.create(**values | fields)
    return text


def mint_code(authorization: Authorization, **fields) -> str:
    """Store an authorization code as the authorization endpoint does and return its text."""
    text = secrets.token_urlsafe(32)
    values = {
        "user": authorization.user,
        "application": authorization.application,
        "application_generation": authorization.application.generation,
        "authorization_generation": authorization.generation,
        "code": digest(text),
        "expires": timezone.now() + timedelta(seconds=60),
        "redirect_uri": authorization.application.redirect_uris.split()[0],
        "scope": authorization.scopes,
    }
    Grant.objects.create(**values | fields)
    return text


def mint_own_access_token(application: Application, **fields) -> str:
    """Store an access token that the application got with its own credentials and return its text."""
    text = generate(ACCESS_TOKEN_PREFIX)
    values = {
        "user": application.linked_user,
        "application": application,
        "application_generation": application.generation,
        "token_checksum": digest(text),
        "expires": timezone.now() + timedelta(hours=1),
        "scope": " ".join(sorted(application.scopes.values_list("name", flat=True))),
    }
    AccessToken.objects.create(**values | fields)
    return text
