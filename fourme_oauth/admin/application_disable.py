"""Disabling applications and ending all their access: a confirmation page with the impact, then one transaction."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .. import revocation
from ..models import Application
from ..revocation import TokenCounts
from .lists import MAX_NAMED
from .pages import ApplicationPage, Panel


class EndingPage(ApplicationPage):
    """Confirms and ends access: of one application, or of those selected in the changelist."""

    template_name = "admin/fourme_oauth/application/ending.html"
    consequences: Sequence[str | Promise] = ()
    button: str | Promise = ""
    log_message = ""
    """The msgid of the entry in the admin's log."""
    end: Callable[..., TokenCounts]
    """Ends the access of one application and returns what was revoked."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selected = kwargs.pop("selected", [self.application])
        listed = {"named": selected[:MAX_NAMED], "unnamed": len(selected[MAX_NAMED:])}
        return super().get_context_data(impact=revocation.impact_of(selected), **listed | kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.redirect_to_application(self._end_all([self.application]))

    def answer_action(self, name: str, queryset: QuerySet[Application]) -> HttpResponse | None:
        """Run the admin action ``name``: return the confirmation page, or ``None`` once confirmed."""
        selected = list(queryset.order_by("pk"))
        if "confirmed" in self.request.POST:
            self.model_admin.message_user(self.request, self._end_all(selected), messages.SUCCESS)
            return None
        # With "select across", the POST repeats the search: the form could not carry all the keys.
        fields, post = (ACTION_CHECKBOX_NAME, "select_across"), self.request.POST
        hidden = [(field, value) for field in fields for value in post.getlist(field)]
        return self.render(selected=selected, sent=[("action", name), *hidden])

    def _end_all(self, applications: Sequence[Application]) -> str:
        revoked = TokenCounts()
        with transaction.atomic():
            for application in applications:
                revoked += self.end(application, by=self.actor)
                self.model_admin.log_change(self.request, application, gettext(self.log_message))
        number = revoked.codes + revoked.refresh_tokens + revoked.access_tokens
        text = ngettext("Done: %(count)d code or token revoked.", "Done: %(count)d codes and tokens revoked.", number)
        return text % {"count": number}


class DisablePage(EndingPage):
    url_name = "disable"
    route = "<path:object_id>/disable/"
    title = _("Disable")
    consequences = (
        _("All its requests are refused from now on, and its codes and tokens are revoked for good."),
        _("Users' authorizations remain: once it is enabled again, no user is asked again, but tokens stay revoked."),
    )
    button = _("Yes, disable")
    log_message = "Disabled."
    end = staticmethod(revocation.disable)

    def has_permission(self) -> bool:
        return bool(self.model_admin.has_change_permission(self.request, self.application))

    def is_linked(self) -> bool:
        return self.has_permission() and not self.application.disabled


class EndAccessPage(EndingPage):
    url_name = "end_access"
    route = "<path:object_id>/end-access/"
    title = _("End all access")
    consequences = (
        _("All its authorizations, codes and tokens are revoked. The users are notified by mail."),
        _("It is not disabled: users can authorize it again, and its own credentials still work."),
    )
    button = _("Yes, end all access")
    log_message = "Ended all access."
    end = staticmethod(revocation.end_application)

    def has_permission(self) -> bool:
        return bool(self.model_admin.has_end_access_permission(self.request))

    is_linked = has_permission


class AccessPanel(Panel):
    """Shows the users, codes and tokens of the application, and links to its extra pages."""

    __name__ = "access_panel"
    template_name = "admin/fourme_oauth/application/access.html"
    short_description = _("current use")

    def get_context_data(self, application: Application) -> dict[str, Any]:
        own = {"model_admin": self.model_admin, "request": self.request, "application": application}
        pages = [page(**own) for page in self.model_admin.pages]
        linked = [page for page in pages if page.is_linked()]
        links = [(page.title, self.model_admin.url_of(page.url_name, application.pk)) for page in linked]
        return {"impact": revocation.impact_of([application]), "links": links}
