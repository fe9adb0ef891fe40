"""Pages of their own for one application, beside its form: how they are mounted, linked and shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise

from ..models import Application


def never(request: HttpRequest, application: Application) -> bool:
    """Link the page from nowhere."""
    return False


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page. Its ``view`` takes the ModelAdmin, the request, and what its ``path`` names."""

    name: str
    """What its URL is named after: ``admin:fourme_oauth_application_<name>``."""
    path: str
    """Below the list of applications, for example ``<path:object_id>/disable/``."""
    view: Callable[..., Any]
    label: str | Promise = ""
    """What the link on the application's page says."""
    is_offered: Callable[[HttpRequest, Application], bool] = never
    """Whether the application's page has a link to it, for whoever looks."""

    def mounted(self, model_admin: ModelAdmin) -> URLPattern:
        """Return its URL, for those who may sign in to ``model_admin``'s site."""

        def view(request: HttpRequest, **named: Any) -> Any:
            return self.view(model_admin, request, **named)

        opts = model_admin.opts
        name = f"{opts.app_label}_{opts.model_name}_{self.name}"
        return path(self.path, model_admin.admin_site.admin_view(view), name=name)


def address(model_admin: ModelAdmin, name: str, *args: Any) -> str:
    """Return where a page is on the site that ``model_admin`` belongs to."""
    opts = model_admin.opts
    where = f"admin:{opts.app_label}_{opts.model_name}_{name}"
    return reverse(where, args=args, current_app=model_admin.admin_site.name)


def application_at(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> Application:
    """Return the application that a page is about. Raises ``PermissionDenied`` or ``Http404``."""
    application: Application | None = model_admin.get_object(request, unquote(object_id))
    if not model_admin.has_view_or_change_permission(request, application):
        raise PermissionDenied
    if application is None:
        raise Http404
    return application


def show(
    model_admin: ModelAdmin, request: HttpRequest, template: str, *, title: str | Promise, **context: Any
) -> TemplateResponse:
    """Answer with a page in the look of the admin. ``template`` is the name of a file beside ours, without its end."""
    request.current_app = model_admin.admin_site.name  # where {% url %} looks
    everywhere = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "list_url": address(model_admin, "changelist"),
    }
    if "application" in context:
        everywhere["application_url"] = address(model_admin, "change", context["application"].pk)
    return TemplateResponse(request, f"admin/fourme_oauth/application/{template}.html", everywhere | context)
