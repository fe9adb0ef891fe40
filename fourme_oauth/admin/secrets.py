"""The secrets of an application: list, issue (the response shows the secret, once), retire."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import FormView

from .. import client_secrets
from ..conf import app_settings
from ..converters import CONVERTER
from ..models import Application, ClientSecret
from .forms import IssueForm, end_of
from .linked_user_permissions import may_issue, may_issue_for
from .pages import ApplicationPage, Panel

MAX_LISTED = 12
"""Most secrets in the panel; those not retired come first."""
NOTHING_RETIRED = _("There is no legacy secret to retire. If it was used meanwhile, its last 4 characters are listed.")


class SecretsPanel(Panel):
    """Lists the secrets, with no more than the last four characters of each."""

    __name__ = "secrets_panel"
    template_name = "admin/fourme_oauth/application/secrets.html"
    short_description = _("secrets")

    def get_context_data(self, application: Application) -> dict[str, Any]:
        now = timezone.now()
        not_retired_first = F("retired_at").desc(nulls_first=True)
        stored = application.client_secrets.select_related("issued_by").order_by(not_retired_first, "-issued_at")
        secrets = list(stored[:MAX_LISTED])
        legacy = client_secrets.legacy_secret(application)
        rows = [legacy, *secrets] if legacy else secrets
        live = [secret for secret in rows if secret.is_live(now)]
        user, url_of = self.request.user, self.model_admin.url_of
        return {
            "rows": [(secret, may_issue(user) and self._retire_url(secret)) for secret in rows],
            "live": live,
            "safe": client_secrets.safe_to_retire(secrets, now=now),
            "is_legacy": legacy is not None,
            "issue_url": may_issue_for(user, application) and url_of("issue", application.pk),
            "is_full": len(live) >= app_settings.max_live_secrets,
        }

    def _retire_url(self, secret: ClientSecret) -> Any:
        if secret.is_legacy:
            return self.model_admin.url_of("retire_legacy", secret.application_id)
        return self.model_admin.url_of("retire", secret.application_id, secret.pk)


class CredentialsPage(ApplicationPage):
    """
    The only page that shows a secret, or says why there is none.

    Like every page of the admin it is sent with ``Cache-Control: no-store``, so that no browser or proxy stores it.
    """

    title = _("Application registered")
    template_name = "admin/fourme_oauth/application/credentials.html"
    issued: client_secrets.IssuedSecret | None = None
    is_another = False
    """Whether the secret is not the first one of the application."""


class AlreadySubmittedPage(ApplicationPage):
    """Response to a form that was submitted and processed before (same form key)."""

    title = _("This form was submitted before")
    template_name = "admin/fourme_oauth/application/already.html"

    def issue_url(self) -> str:
        """Return the URL of the page that issues a secret, or an empty string if the user may not."""
        can_issue = self.can_view_application() and may_issue_for(self.request.user, self.application)
        return self.model_admin.url_of("issue", self.application.pk) if can_issue else ""


class IssuePage(ApplicationPage, FormView):
    """Issues another secret, with an optional expiry; the response to the POST shows it."""

    url_name = "issue"
    route = "<path:object_id>/secrets/issue/"
    title = _("Issue another secret")
    template_name = "admin/fourme_oauth/application/issue.html"
    form_class = IssueForm

    def has_permission(self) -> bool:
        return may_issue_for(self.request.user, self.application)

    @sensitive_variables()
    def form_valid(self, form: IssueForm) -> HttpResponse:
        try:
            with transaction.atomic():
                day, key = form.cleaned_data["last_day"], form.cleaned_data["request_key"]
                issued = client_secrets.issue(self.application, by=self.actor, expires_at=end_of(day), request_key=key)
                self.model_admin.log_change(self.request, self.application, gettext("Issued a client secret."))
        except client_secrets.AlreadyIssued:
            return self.other(AlreadySubmittedPage).render()
        except client_secrets.TooManyLiveSecrets as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return self.other(CredentialsPage, title=_("Secret issued"), issued=issued, is_another=True).render()


class RetirePage(ApplicationPage):
    """Confirms (GET) and retires (POST) a secret."""

    url_name = "retire"
    route = f"<path:object_id>/secrets/<{CONVERTER}:secret_id>/retire/"
    title = _("Retire a secret")
    template_name = "admin/fourme_oauth/application/retire.html"

    def has_permission(self) -> bool:
        return may_issue(self.request.user)  # whoever the linked user is: retiring gives no access

    @cached_property
    def secret(self) -> Any:
        return get_object_or_404(ClientSecret, pk=self.kwargs["secret_id"], application=self.application)

    def retire(self) -> bool:
        """Retire the secret; return ``False`` if it no longer exists."""
        client_secrets.retire(self.secret, by=self.actor)
        return True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        legacy = client_secrets.legacy_secret(self.application)
        others = self.application.client_secrets.live(timezone.now()).exclude(pk=self.secret.pk)
        is_last = not others.exists() and (legacy is None or self.secret.is_legacy)
        return super().get_context_data(secret=self.secret, is_last=is_last, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.secret else self._nothing_retired()

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.secret is None or not self.retire():
            return self._nothing_retired()
        self.model_admin.log_change(request, self.application, gettext("Retired a client secret."))
        return self.redirect_to_application(gettext("The secret is no longer accepted."))

    def _nothing_retired(self) -> HttpResponse:
        return self.redirect_to_application(NOTHING_RETIRED, messages.WARNING)


class RetireLegacySecretPage(RetirePage):
    """Retires the legacy secret, which the toolkit stored on the application, without a ``ClientSecret`` row."""

    url_name = "retire_legacy"
    route = "<path:object_id>/secrets/legacy/retire/"

    @cached_property
    def secret(self) -> Any:
        return client_secrets.legacy_secret(self.application)

    def retire(self) -> bool:
        return client_secrets.retire_legacy_secret(self.application, by=self.actor)
