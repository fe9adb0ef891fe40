"""The scope catalogue."""

from functools import cache
from typing import NamedTuple, Self

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, router
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .application import Application
from .compiled_query import CompiledQuery, Parameter

# RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
SCOPE_TOKEN = RegexValidator(
    r"\A[\x21\x23-\x5B\x5D-\x7E]+\Z",
    _("A scope's name has no spaces, quotation marks, backslashes or characters outside ASCII (RFC 6749 section 3.3)."),
)


class ScopeFacts(NamedTuple):
    """A scope, whether it is allowed to an application, and whether it is permitted to a user."""

    name: str
    wording: str
    allowed: bool
    permitted: bool


class ScopeQuerySet(models.QuerySet["Scope"]):
    def in_catalogue(self) -> Self:
        """Exclude retired scopes."""
        return self.filter(retired=False)

    def allowed_to(self, application: Application) -> Self:
        """Keep scopes that an administrator allowed to ``application``."""
        return self.in_catalogue().filter(applications=application)

    def permitted_to(self, user: AbstractUser) -> Self:
        """Keep scopes that are for everyone or permitted by one of the user's roles."""
        return self.filter(is_permitted(user=user.pk))

    def permitted_to_nobody(self) -> Self:
        """Keep scopes that have no role and are not for everyone."""
        return self.filter(for_everyone=False, roles=None)

    def wording(self) -> dict[str, str]:
        """Return the consent wording in the active language by wire name, sorted by name."""
        return {name: in_language(words) for name, words in self.order_by("name").values_list("name", "wording")}

    def role_names(self) -> dict[str, list[str]]:
        """Return the sorted names of the roles that permit each scope; scopes without roles are left out."""
        roles_of: dict[str, list[str]] = {}
        for scope, role in self.exclude(roles=None).order_by("name", "roles__name").values_list("name", "roles__name"):
            roles_of.setdefault(scope, []).append(role)
        return roles_of

    def names(self) -> frozenset[str]:
        """Return the wire names."""
        return frozenset(self.values_list("name", flat=True))


def in_language(wording: str) -> str:
    """Return ``wording`` in the active language, where a message catalogue of the site translates it."""
    # gettext returns the header of the catalogue for an empty text.
    return gettext(wording) if wording else wording


def is_permitted(*, user: OuterRef | Parameter | int, path: str = "") -> Q:
    """
    Return the condition that a scope is for everyone, or permitted by a role of ``user``, a primary key or reference.

    ``path`` is the lookup from the query's model to the scope, for example ``"scopes__"``. A scope that has no roles
    and is not for everyone is permitted to nobody; superusers are no exception.
    """
    roles = get_user_model().groups
    own = {roles.field.m2m_field_name(): OuterRef(user) if isinstance(user, OuterRef) else user}
    own_roles = roles.through.objects.filter(**own).values(roles.field.m2m_reverse_field_name())
    permitting = Scope.roles.through.objects.filter(scope=OuterRef(f"{path}pk"), group__in=own_roles)
    # Not Exists(), for which PostgreSQL makes two plans inside an OR: half of the time of a whole request.
    by_role = IsNull(Subquery(permitting.order_by().values("pk")[:1]), False)
    # Not by keyword, which would turn the joins along the path into outer joins.
    return Q(Exact(F(f"{path}for_everyone"), True)) | Q(by_role)


@cache
def _facts(using: str) -> CompiledQuery:
    application = Parameter("application", Application._meta.pk)
    ticked = Application.scopes.through.objects.filter(scope=OuterRef("pk"), application=application)
    own = is_permitted(user=Parameter("user", get_user_model()._meta.pk))
    permitted = Case(When(own, then=True), default=False, output_field=models.BooleanField())
    catalogue = Scope.objects.using(using).in_catalogue().order_by("name")
    return CompiledQuery.of(catalogue.annotate(allowed=Exists(ticked), permitted=permitted), *ScopeFacts._fields)


def facts(application: Application, user: AbstractUser) -> list[ScopeFacts]:
    """Return the catalogue, sorted by name, with what is allowed to ``application`` and permitted to ``user``."""
    query = _facts(router.db_for_read(Scope))
    rows = query.rows(application=application.pk, user=user.pk)
    found = (query.values(row, *ScopeFacts._fields) for row in rows)
    return [ScopeFacts(name, in_language(wording), *parties) for name, wording, *parties in found]


class Scope(models.Model):
    """A catalogue entry: wire name, consent wording, and to whom it is permitted."""

    name = models.CharField(
        _("name"),
        max_length=100,
        unique=True,
        validators=[SCOPE_TOKEN],
        help_text=_("The name that applications and the API use, for example request:read."),
    )
    wording = models.CharField(
        _("wording"),
        max_length=200,
        help_text=_('What users read when an application asks for it, for example "Read requests".'),
    )
    roles = models.ManyToManyField(
        Group,
        blank=True,
        related_name="permitted_scopes",
        verbose_name=_("roles"),
        help_text=_("The roles that permit it. Without any, and not for everyone, it is permitted to nobody."),
    )
    for_everyone = models.BooleanField(
        _("for everyone"),
        default=False,
        help_text=_("Permitted to every active user, whatever their roles."),
    )
    retired = models.BooleanField(
        _("retired"),
        default=False,
        help_text=_("A retired scope is effective for nobody and can no longer be requested."),
    )

    objects = ScopeQuerySet.as_manager()

    class Meta:
        verbose_name = _("scope")
        verbose_name_plural = _("scopes")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raise ``ValidationError`` where the name would change."""
        stored = type(self).objects.filter(pk=self.pk).values_list("name", flat=True).first()
        if stored is not None and stored != self.name:
            reason = _(
                "%(name)s can't be renamed: applications and the API use it. Add another scope and retire this one."
            )
            raise ValidationError({"name": ValidationError(reason, params={"name": stored})})

    def is_in_use(self) -> bool:
        """Return whether it is allowed to any application."""
        ticked = Application.scopes.through.objects.filter(scope=self)
        return bool(ticked.exists())
