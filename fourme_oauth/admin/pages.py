"""Base classes for the extra pages and the read-only panels of an application."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.views.generic import TemplateView

from ..actor import Actor
from ..models import Application


class ApplicationPage(TemplateView):
    """
    A page about one application: GET confirms, POST acts.

    ``ApplicationAdmin.pages`` mounts it with ``as_view(model_admin=…)``. Instantiated with ``model_admin``, ``request``
    and ``application``, it renders the response of another view, which has checked the permissions itself.
    """

    http_method_names = ["get", "head", "post", "options"]
    model_admin: Any = None
    """The ``ListAdmin`` that mounts the page."""
    application: Any = None
    title: str | Promise = ""
    """The heading, and the text of the link to it."""
    route = ""
    """Relative to the changelist, for example ``<path:object_id>/disable/``."""
    url_name = ""
    """The URL is named ``admin:fourme_oauth_application_<url_name>``."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.application = self.model_admin.get_object(request, unquote(kwargs["object_id"]))
        if not self.can_view_application():
            raise PermissionDenied
        if self.application is None:
            raise Http404
        if not self.has_permission():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def can_view_application(self) -> bool:
        """Return whether the user may open the form of the application."""
        return bool(self.model_admin.has_view_or_change_permission(self.request, self.application))

    def has_permission(self) -> bool:
        """Return whether the user, who may view the application, may use this page."""
        return True

    def is_linked(self) -> bool:
        """Return whether the form of the application links to this page."""
        return False

    @property
    def actor(self) -> Actor:
        return Actor.of(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = self.model_admin.admin_site.each_context(self.request) | {
            "title": self.title,
            "opts": self.model_admin.opts,
            "application": self.application,
            "application_url": self.application and self.model_admin.url_of("change", self.application.pk),
            "list_url": self.model_admin.url_of("changelist"),
        }
        return super().get_context_data(**context | kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> TemplateResponse:
        self.request.current_app = self.model_admin.admin_site.name  # the namespace that {% url %} resolves
        return TemplateResponse(self.request, self.get_template_names(), context, **kwargs)

    def render(self, **context: Any) -> TemplateResponse:
        return self.render_to_response(self.get_context_data(**context))

    def other(self, page: type["ApplicationPage"], **attributes: Any) -> "ApplicationPage":
        """Return another page about the same application, for the same request."""
        return page(model_admin=self.model_admin, request=self.request, application=self.application, **attributes)

    def redirect_to_application(self, message: str | Promise, level: int = messages.SUCCESS) -> HttpResponseRedirect:
        self.model_admin.message_user(self.request, message, level)
        return HttpResponseRedirect(self.model_admin.url_of("change", self.application.pk))


@dataclass(frozen=True)
class Panel:
    """A callable read-only field with access to the request. The admin calls it with the application."""

    model_admin: Any
    request: HttpRequest
    template_name: ClassVar[str]
    short_description: ClassVar[str | Promise]

    def get_context_data(self, application: Application) -> dict[str, Any]:
        raise NotImplementedError

    def __call__(self, application: Application) -> SafeString:
        return render_to_string(self.template_name, self.get_context_data(application))
