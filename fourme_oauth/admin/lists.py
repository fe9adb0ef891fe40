"""Changelists of large tables: bounded counts, and filters that load no table."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.translation import gettext

MOST_ROWS = 1_000
"""Most rows of a changelist; searches and filters narrow it down."""
SEARCH_LIMIT = 100
"""Most applications or users that a search matches."""
MAX_NAMED = 20
"""Most rows that a page names; the others are counted."""


class BoundedPaginator(Paginator):
    """Counts at most ``MOST_ROWS`` + 1 rows, in the order of the list, so that an index can be used."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_ROWS)

    @property
    def is_cut_short(self) -> bool:
        return self._counted > MOST_ROWS

    @cached_property
    def _counted(self) -> int:
        return self.object_list[: MOST_ROWS + 1].count()


class ListAdmin(admin.ModelAdmin):
    """Base of the model admins of this package."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "admin/fourme_oauth/change_list.html"
    found_by: Any = ""
    """Help text of the search field. Not ``search_help_text``, with which Django's input loses its accessible name."""
    lookups: tuple[str, ...] = ()
    """The lookups allowed in the query string: none on a secret or a hash, which could be guessed with them."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Django allows every lookup on the model's own fields, so that a hash could be guessed character by character.
        return lookup in self.lookups

    @property
    def media(self) -> forms.Media:
        own = forms.Media(css={"all": ["fourme_oauth/admin.css"]})
        return super().media + own + self._autocomplete_media()

    def _autocomplete_media(self) -> forms.Media:
        names = [str(each[0]) for each in self.list_filter if isinstance(each, tuple) and each[1] is ByAutocomplete]
        widgets = [AutocompleteSelect(self.opts.get_field(name), self.admin_site) for name in names]
        own = forms.Media(js=["fourme_oauth/autocomplete.js"]) if widgets else forms.Media()
        return sum((widget.media for widget in widgets), start=forms.Media()) + own

    def url_pattern(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """Return the URL pattern of an extra page, behind the permission to use the admin site."""
        opts = self.opts
        return path(route, self.admin_site.admin_view(view), name=f"{opts.app_label}_{opts.model_name}_{name}")

    def url_of(self, name: str, *args: Any) -> str:
        """Return the URL of one of its pages, for example ``"changelist"``, on its own admin site."""
        opts = self.opts
        viewname = f"admin:{opts.app_label}_{opts.model_name}_{name}"
        return reverse(viewname, args=args, current_app=self.admin_site.name)


class ReadOnlyAdmin(ListAdmin):
    """A read-only model admin."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CascadeOnlyAdmin(ReadOnlyAdmin):
    """Read-only, but lets the admin of another model delete its rows by cascade, which asks for this permission."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        page = str(request.resolver_match.url_name) if request.resolver_match else ""
        own = page.startswith(f"{self.opts.app_label}_{self.opts.model_name}_")
        return page.endswith(("_delete", "_changelist")) and not own


class ByAutocomplete(admin.FieldListFilter):
    """Filter by a foreign key with autocomplete; where the site's admin can't search, by primary key."""

    template = "admin/fourme_oauth/filter_by_autocomplete.html"

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        self.parameter = f"{field_path}__{field.target_field.name}__exact"
        self.site = model_admin.admin_site
        super().__init__(field, request, params, model, model_admin, field_path)
        texts: Any = self.used_parameters.pop(self.parameter, [])
        self.chosen = next((text for text in reversed(texts) if text), None)
        if self.chosen is not None:
            self.used_parameters[self.parameter] = [self.chosen]

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.chosen is not None and not is_valid_key(self.field, self.chosen):
            raise IncorrectLookupParameters(self.chosen)
        return cast("QuerySet[Any]", super().queryset(request, queryset))

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "input": self._input(),
            "others": others(changelist, self.expected_parameters()),
            "all": changelist.get_query_string(remove=[self.parameter]),
            "is_chosen": self.chosen is not None,
        }

    def _input(self) -> str:
        attributes = {"id": f"filter-{self.field_path}", "aria-label": self.title}
        if not can_be_searched(self.field, self.site, self.request):
            return forms.TextInput().render(self.parameter, self.chosen, attributes)
        related: Any = self.field.related_model
        widget = AutocompleteSelect(self.field, self.site, attrs=attributes)
        choice = forms.ModelChoiceField(queryset=related._default_manager.all(), widget=widget, required=False)
        return str(choice.widget.render(self.parameter, self.chosen, attributes))


class ByPeriod(admin.FieldListFilter):
    """Filter from one day until another, both included, in the current time zone."""

    template = "admin/fourme_oauth/filter_by_period.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = gettext("period")

    def expected_parameters(self) -> list[str | None]:
        return ["from", "until"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since, until = self._day("from"), self._day("until")
        if since is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": _midnight(since)})
        if until is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": _midnight(until + timedelta(days=1))})
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "since": self._text("from"),
            "until": self._text("until"),
            "others": others(changelist, self.expected_parameters()),
            "all": changelist.get_query_string(remove=["from", "until"]),
            "is_chosen": any(self._text(name) for name in ("from", "until")),
        }

    def _text(self, name: str) -> str:
        texts: Any = self.used_parameters.get(name) or [""]
        return str(texts[-1])

    def _day(self, name: str) -> date | None:
        text = self._text(name)
        if not text:
            return None
        try:
            day = parse_date(text)
            # Midnights of the years 1 and 9999 overflow datetime in some time zones.
            if day is None or not 1900 <= day.year < 9999:
                raise IncorrectLookupParameters(text)
        except ValueError as error:
            raise IncorrectLookupParameters(error) from None
        return day


def others(changelist: Any, own: list[str | None]) -> list[tuple[str, str]]:
    """Return the other parameters of the query string, for hidden fields of a filter's form; without the page."""
    parameters = {name: values for name, values in changelist.filter_params.items() if name not in own}
    if changelist.query:
        parameters["q"] = [changelist.query]
    return [(name, value) for name, values in parameters.items() for value in values]


def is_valid_key(field: Any, text: str) -> bool:
    """Return whether ``text`` is valid for the target of ``field``; Django's filters accept numbers out of range."""
    try:
        field.target_field.clean(text, None)
    except ValidationError:
        return False
    return True


def can_be_searched(field: Any, site: admin.AdminSite, request: HttpRequest) -> bool:
    """Return whether the current user can autocomplete ``field``: its target is registered, searchable, viewable."""
    related: Any = field.related_model
    if not site.is_registered(related):
        return False
    model_admin = site.get_model_admin(related)
    return bool(model_admin.get_search_fields(request)) and model_admin.has_view_permission(request)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
