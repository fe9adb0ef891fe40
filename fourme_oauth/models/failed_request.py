"""Failed requests of applications, stored for administrators: few, and without anything reusable."""

from typing import NamedTuple

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(NamedTuple):
    """Why a request failed."""

    label: str | Promise
    sentence: str | Promise
    """What happened, for an administrator; formatted with the row's ``details``."""


KINDS = {
    "disabled": Kind(_("disabled application"), _("The application is disabled.")),
    "throttled": Kind(
        _("too many failures"), _("It presented wrong credentials too often and was refused for a minute.")
    ),
    "secret_missing": Kind(_("no client secret"), _("It presented no client secret.")),
    "secret_wrong": Kind(_("wrong client secret"), _("The client secret is not one of the application's.")),
    "secret_retired": Kind(
        _("retired client secret"), _("The client secret that ends with %(hint)s was retired on %(at)s.")
    ),
    "secret_expired": Kind(
        _("expired client secret"), _("The client secret that ends with %(hint)s expired on %(at)s.")
    ),
    "secret_needless": Kind(
        _("client secret of a public application"),
        _("It presented a client secret, but a public application has none."),
    ),
    "redirect_uri_missing": Kind(
        _("no redirect URI"), _("The request has no redirect_uri, which is required unless exactly one is registered.")
    ),
    "redirect_uri_differs": Kind(
        _("wrong redirect URI"),
        _("The redirect URI %(asked)s differs from the registered %(registered)s in its %(parts)s."),
    ),
    "code_redirect_uri": Kind(
        _("another redirect URI than in the authorization request"),
        _("The redirect URI of the token request is not that of the authorization request."),
    ),
    "code_unknown": Kind(_("unknown code"), _("The code is unknown, or was issued to another application.")),
    "code_used": Kind(
        _("code used before"), _("The code had already been used on %(at)s. A code can be used only once.")
    ),
    "code_expired": Kind(_("expired code"), _("The code had expired on %(at)s: it was exchanged too late.")),
    "code_burnt": Kind(
        _("code that failed too often"), _("The code had become invalid after too many failed attempts.")
    ),
    "challenge_missing": Kind(
        _("no code challenge"), _("The authorization request has no code_challenge, and PKCE is required.")
    ),
    "challenge_method": Kind(
        _("code challenge other than S256"), _("The authorization request has a code_challenge other than S256.")
    ),
    "verifier_missing": Kind(
        _("no code verifier"),
        _("The token request has no code_verifier, but the authorization request had a code_challenge."),
    ),
    "verifier_wrong": Kind(_("wrong code verifier"), _("The code_verifier does not match the code_challenge.")),
    "verifier_needless": Kind(
        _("code verifier without a challenge"),
        _("The token request has a code_verifier, but the authorization request had no code_challenge."),
    ),
    "refresh_token_unknown": Kind(
        _("unknown refresh token"), _("The refresh token is unknown, or was issued to another application.")
    ),
    "refresh_token_rotated": Kind(
        _("refresh token used before"),
        _("The refresh token had already been used on %(at)s. Each can be used only once."),
    ),
    "refresh_token_expired": Kind(
        _("expired refresh token"),
        _("The refresh token had expired on %(at)s. The application must request authorization again."),
    ),
    "revoked": Kind(_("revoked access"), _("The access was revoked, or ended when the application was disabled.")),
    "user_inactive": Kind(_("inactive user"), _("The user %(user)s is not active.")),
    "grant_not_offered": Kind(
        _("grant type that is not registered"), _("It used a grant type that it is not registered for.")
    ),
    "linked_user": Kind(_("no linked user"), _("It used client credentials, but has no active linked user to act as.")),
    "nothing_allowed": Kind(_("no scope allowed"), _("It has no allowed scopes.")),
    "scope_not_allowed": Kind(
        _("scope that is not allowed"), _("It requested scopes that it is not allowed: %(names)s.")
    ),
    "not_permitted": Kind(
        _("no scope that the user is permitted"), _("It requested scopes that no role of %(user)s permits: %(names)s.")
    ),
    "other": Kind(_("another error"), _("It was refused with the error %(error)s.")),
}
"""Each kind of failed request, by the code that is stored."""


class FailedRequest(models.Model):
    """One failure of one application, with the number of its repetitions."""

    application = models.ForeignKey(
        "fourme_oauth.Application", models.CASCADE, related_name="failed_requests", verbose_name=_("application")
    )
    kind = models.CharField(_("kind"), max_length=40, choices=[(code, kind.label) for code, kind in KINDS.items()])
    details = models.JSONField(_("details"), default=dict)
    fingerprint = models.CharField(max_length=64, editable=False)
    """The SHA-256 of kind and details, which identifies repetitions."""
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    times = models.PositiveIntegerField(_("times"), default=1, help_text=_("Counted at most once a minute."))

    class Meta:
        verbose_name = _("failed request")
        verbose_name_plural = _("failed requests")
        ordering = ("-last_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["application", "fingerprint"], name="fourme_oauth_one_failed_request")
        ]
        indexes = [
            models.Index(fields=["-last_at", "-id"], name="fourme_oauth_failed_last"),
            models.Index(fields=["application", "-last_at"], name="fourme_oauth_failed_app"),
            models.Index(fields=["kind", "-last_at"], name="fourme_oauth_failed_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.last_at:%Y-%m-%d %H:%M}"
