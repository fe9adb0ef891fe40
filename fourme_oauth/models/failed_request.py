"""Failed requests of applications, kept for administrators: few, and without anything that could be used again."""

from typing import NamedTuple

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(NamedTuple):
    """Why a request failed."""

    label: str | Promise
    sentence: str | Promise
    """What happened, for an administrator; the row's details fill it in."""


KINDS = {
    "disabled": Kind(_("disabled application"), _("The application is disabled.")),
    "throttled": Kind(
        _("too many failures"), _("It presented wrong credentials so often that it was refused for a minute.")
    ),
    "secret_missing": Kind(_("no client secret"), _("It presented no client secret.")),
    "secret_wrong": Kind(_("wrong client secret"), _("The client secret is not one of its secrets.")),
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
        _("The redirect_uri of the token request is not that of the authorization request."),
    ),
    "code_unknown": Kind(_("unknown code"), _("The code is unknown, or was issued to another application.")),
    "code_used": Kind(_("code used before"), _("The code was used before, on %(at)s. A code can be used once.")),
    "code_expired": Kind(_("expired code"), _("The code expired on %(at)s: it was exchanged too late.")),
    "code_burnt": Kind(
        _("code that failed too often"),
        _("Too many token requests with this code have failed; it is no longer accepted."),
    ),
    "challenge_missing": Kind(
        _("no code challenge"), _("The authorization request has no code_challenge, and PKCE is required.")
    ),
    "challenge_method": Kind(
        _("code challenge other than S256"), _("The authorization request has a code_challenge other than S256.")
    ),
    "verifier_missing": Kind(
        _("no code verifier"), _("The token request has no code_verifier, but the code had a challenge.")
    ),
    "verifier_wrong": Kind(_("wrong code verifier"), _("The code_verifier does not match the challenge.")),
    "verifier_needless": Kind(
        _("code verifier without a challenge"),
        _("The token request has a code_verifier, but the code had no challenge."),
    ),
    "refresh_token_unknown": Kind(
        _("unknown refresh token"), _("The refresh token is unknown, or was issued to another application.")
    ),
    "refresh_token_rotated": Kind(
        _("refresh token used before"), _("The refresh token was used before, on %(at)s. Each can be used once.")
    ),
    "refresh_token_expired": Kind(
        _("expired refresh token"), _("The refresh token expired on %(at)s. The user must be asked for consent again.")
    ),
    "revoked": Kind(_("revoked access"), _("The access was revoked, or ended when the application was disabled.")),
    "user_inactive": Kind(_("inactive user"), _("The user %(user)s is not active.")),
    "grant_not_offered": Kind(
        _("grant type that is not registered"), _("It used a grant type that it is not registered for.")
    ),
    "linked_user": Kind(_("no linked user"), _("It used client credentials, but has no active linked user to act as.")),
    "nothing_allowed": Kind(_("no scope allowed"), _("It is allowed no scope.")),
    "scope_not_allowed": Kind(
        _("scope that is not allowed"), _("It asked for scopes that it is not allowed: %(names)s.")
    ),
    "not_permitted": Kind(
        _("no scope that the user is permitted"), _("%(user)s is permitted none of the requested scopes: %(names)s.")
    ),
    "other": Kind(_("another error"), _("It was refused: %(error)s.")),
}
"""Each kind of failed request, by the code that is stored."""


class FailedRequest(models.Model):
    """One failure of one application, however often it happened."""

    application = models.ForeignKey(
        "fourme_oauth.Application", models.CASCADE, related_name="failed_requests", verbose_name=_("application")
    )
    kind = models.CharField(_("kind"), max_length=40, choices=[(code, kind.label) for code, kind in KINDS.items()])
    details = models.JSONField(_("details"), default=dict)
    fingerprint = models.CharField(max_length=64, editable=False)
    """The SHA-256 of kind and details: what is counted as the same."""
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
