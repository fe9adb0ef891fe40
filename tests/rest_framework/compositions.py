"""Permissions combined with HasEffectiveScope, function views, and throttled views."""

from django.contrib.auth.models import User
from django.urls import include, path
from rest_framework.decorators import action, api_view, authentication_classes, permission_classes
from rest_framework.generics import ListCreateAPIView
from rest_framework.permissions import BasePermission, DjangoModelPermissions, IsAdminUser
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ViewSet

from fourme_oauth.rest_framework import (
    ApplicationRateThrottle,
    HasEffectiveScope,
    OAuth2Authentication,
    any_of,
    required_scopes,
)
from tests.rest_framework.views import Protected


class Nobody(BasePermission):
    message = "Nobody may."

    def has_permission(self, request, view):
        return False


class OwnOnly(BasePermission):
    def has_object_permission(self, request, view, obj):
        return obj == request.user


class Composed(Protected):
    required_scopes = ["request:read", "request:create"]


class And(Composed):
    permission_classes = [HasEffectiveScope & IsAdminUser]


class AndReversed(Composed):
    permission_classes = [IsAdminUser & HasEffectiveScope]


class Or(Composed):
    permission_classes = [HasEffectiveScope | IsAdminUser]


class OrReversed(Composed):
    permission_classes = [IsAdminUser | HasEffectiveScope]


class Not(Composed):
    permission_classes = [~HasEffectiveScope]


class Nested(Composed):
    permission_classes = [(IsAdminUser | Nobody) | (HasEffectiveScope & ~Nobody)]


class OrThenNobody(Composed):
    permission_classes = [HasEffectiveScope | IsAdminUser, Nobody]


class UndeclaredOr(Protected):
    permission_classes = [HasEffectiveScope | IsAdminUser]


class OwnObject(Composed):
    permission_classes = [HasEffectiveScope, OwnOnly]
    required_scopes = ["request:read"]

    def get(self, request, pk):
        self.check_object_permissions(request, User.objects.get(pk=pk))
        return self.answer(request)


class UserSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ["username"]


class ModelPermissions(ListCreateAPIView):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope, DjangoModelPermissions]
    required_scopes = {"GET": ["request:read"], "POST": ["request:read"]}
    queryset = User.objects.order_by("pk")
    serializer_class = UserSerializer


class Alternatives(Protected):
    required_scopes = any_of("request:close", ["request:read", "request:create"])


@required_scopes({"GET": ["request:read"], "POST": ["request:create"]})
@api_view(["GET", "POST"])
@authentication_classes([OAuth2Authentication])
@permission_classes([HasEffectiveScope])
def function_view(request):
    return Response({"username": request.user.get_username()})


class ExtraAction(ViewSet):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    required_scopes = None

    @action(detail=False, required_scopes=["request:read"])
    def overdue(self, request):
        return Response([])

    @overdue.mapping.delete
    def forget_overdue(self, request):
        return Response([])

    @action(detail=False)
    def other(self, request):
        return Response([])


class TwoAMinute(ApplicationRateThrottle):
    rate = "2/min"


class FiveAnHour(ApplicationRateThrottle):
    scope = "sustained"
    rate = "5/hour"


class WithoutARate(ApplicationRateThrottle):
    def get_rate(self):
        return None  # what DRF reads from settings that name the scope and give no rate


class Throttled(Composed):
    throttle_classes = [WithoutARate, FiveAnHour, TwoAMinute]


router = SimpleRouter()
router.register("extra-action", ExtraAction, basename="extra-action")

urlpatterns = [
    path("", include("fourme_oauth.urls")),
    path("and/", And.as_view()),
    path("and-reversed/", AndReversed.as_view()),
    path("or/", Or.as_view()),
    path("or-reversed/", OrReversed.as_view()),
    path("not/", Not.as_view()),
    path("nested/", Nested.as_view()),
    path("or-then-nobody/", OrThenNobody.as_view()),
    path("undeclared-or/", UndeclaredOr.as_view()),
    path("own-object/<int:pk>/", OwnObject.as_view()),
    path("model-permissions/", ModelPermissions.as_view()),
    path("alternatives/", Alternatives.as_view()),
    path("function/", function_view),
    path("throttled/", Throttled.as_view()),
    *router.urls,
]
