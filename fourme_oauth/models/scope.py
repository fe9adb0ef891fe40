"""The catalogue of what an application can be allowed."""

from typing import Any, NamedTuple, Self

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
    """What two of the three parties say of a scope."""

    name: str
    wording: str
    allowed: bool
    permitted: bool


class ScopeQuerySet(models.QuerySet["Scope"]):
    def in_catalogue(self) -> Self:
        """Leave out what is retired: it is as if it were not there."""
        return self.filter(retired=False)

    def allowed_to(self, application: Application) -> Self:
        """Keep what an administrator ticked for ``application``."""
        return self.in_catalogue().filter(applications=application)

    def permitted_to(self, user: AbstractUser) -> Self:
        """Keep what is for everyone, and what one of the user's roles permits."""
        return self.filter(is_permitted(user=user.pk))

    def permitted_to_nobody(self) -> Self:
        """Keep what has no role and is not for everyone."""
        return self.filter(for_everyone=False, roles=None)

    def wording(self) -> dict[str, str]:
        """Return the words that users read for each, in their language, by its name, sorted by name."""
        return {name: in_language(words) for name, words in self.order_by("name").values_list("name", "wording")}

    def role_names(self) -> dict[str, list[str]]:
        """Return the names of the roles that permit each, sorted; one without roles is left out."""
        named: dict[str, list[str]] = {}
        for scope, role in self.exclude(roles=None).order_by("name", "roles__name").values_list("name", "roles__name"):
            named.setdefault(scope, []).append(role)
        return named

    def names(self) -> frozenset[str]:
        """Return the wire names."""
        return frozenset(self.values_list("name", flat=True))


def in_language(wording: str) -> str:
    """Return ``wording`` in the language of whoever reads it, where a catalogue of the site's own translates it."""
    # Of an empty text, a catalogue returns what it says of itself.
    return gettext(wording) if wording else wording


def is_permitted(*, user: OuterRef | Parameter | int, path: str = "") -> Q:
    """
    Is a scope for everyone, or does one of its roles permit it to ``user``, a primary key or a reference to one?

    ``path`` leads from the query's own model to the scope, for example ``"scopes__"``. No roles and no tick permit
    nobody; being a superuser permits nothing.
    """
    roles = get_user_model().groups
    own = {roles.field.m2m_field_name(): OuterRef(user) if isinstance(user, OuterRef) else user}
    own_roles = roles.through.objects.filter(**own).values(roles.field.m2m_reverse_field_name())
    permitting = Scope.roles.through.objects.filter(scope=OuterRef(f"{path}pk"), group__in=own_roles)
    # Not Exists(), which PostgreSQL plans in two ways where it is part of an OR: half of the time of a whole request.
    by_role = IsNull(Subquery(permitting.order_by().values("pk")[:1]), False)
    # Not by keyword, which makes outer joins of those along the path.
    return Q(Exact(F(f"{path}for_everyone"), True)) | Q(by_role)


def _facts() -> models.QuerySet[Any, tuple[Any, ...]]:
    application = Parameter("application", Application._meta.pk)
    ticked = Application.scopes.through.objects.filter(scope=OuterRef("pk"), application=application)
    own = is_permitted(user=Parameter("user", get_user_model()._meta.pk))
    permitted = Case(When(own, then=True), default=False, output_field=models.BooleanField())
    catalogue = Scope.objects.in_catalogue().order_by("name")
    return catalogue.values_list("name", "wording", Exists(ticked), permitted)


FACTS = CompiledQuery(_facts)


def facts(application: Application, user: AbstractUser) -> list[ScopeFacts]:
    """Say of each scope of the catalogue, sorted by name, what is allowed to ``application``, permitted to ``user``."""
    using = router.db_for_read(Scope)
    rows = FACTS.rows(using, application=application.pk, user=user.pk)
    return [ScopeFacts(name, in_language(wording), *parties) for name, wording, *parties in rows]


class Scope(models.Model):
    """A catalogue entry: the name on the wire, the words users read, and who is permitted to use it."""

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
        """Is it allowed to any application?"""
        ticked = Application.scopes.through.objects.filter(scope=self)
        return bool(ticked.exists())
