"""Disabling applications and ending all their access: first what it affects, then at once."""

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
    """Asks whether access is to end, and ends it: of one application, or of those selected in the list."""

    template_name = "admin/fourme_oauth/application/ending.html"
    consequences: Sequence[str | Promise] = ()
    button: str | Promise = ""
    log_message = ""
    """The msgid of what the administration's own log says."""
    end: Callable[..., TokenCounts]
    """The rule that ends the access of an application."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = kwargs.pop("chosen", [self.application])
        counted = {"named": chosen[:MAX_NAMED], "unnamed": len(chosen[MAX_NAMED:])}
        return super().get_context_data(impact=revocation.impact_of(chosen), **counted | kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.redirect_to_application(self._end_all([self.application]))

    def answer_action(self, name: str, queryset: QuerySet[Application]) -> HttpResponse | None:
        """Answer the admin action ``name``: ask first, then return ``None``, so that the list is shown again."""
        chosen = list(queryset.order_by("pk"))
        if "confirmed" in self.request.POST:
            self.model_admin.message_user(self.request, self._end_all(chosen), messages.SUCCESS)
            return None
        # Everything that matches the search may be more than a form can carry: it is searched for again.
        fields, post = (ACTION_CHECKBOX_NAME, "select_across"), self.request.POST
        selected = [(field, value) for field in fields for value in post.getlist(field)]
        return self.render(chosen=chosen, sent=[("action", name), *selected])

    def _end_all(self, chosen: Sequence[Application]) -> str:
        ended = TokenCounts()
        with transaction.atomic():
            for application in chosen:
                ended += self.end(application, by=self.actor)
                self.model_admin.log_change(self.request, application, gettext(self.log_message))
        number = ended.codes + ended.refresh_tokens + ended.access_tokens
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
    """Counts what the application holds, and links to its other pages."""

    __name__ = "access_panel"
    template_name = "admin/fourme_oauth/application/access.html"
    short_description = _("current use")

    def get_context_data(self, application: Application) -> dict[str, Any]:
        own = {"model_admin": self.model_admin, "request": self.request, "application": application}
        pages = [page(**own) for page in self.model_admin.pages]
        linked = [page for page in pages if page.is_linked()]
        links = [(page.title, self.model_admin.url_of(page.url_name, application.pk)) for page in linked]
        return {"impact": revocation.impact_of([application]), "links": links}
