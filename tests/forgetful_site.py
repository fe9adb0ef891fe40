"""Views without a declaration or permission, and their correct counterparts."""

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import include, path, re_path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action, api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet, ViewSet

from fourme_oauth.decorators import effective_scope_required
from fourme_oauth.rest_framework import HasEffectiveScope, OAuth2Authentication, any_of, required_scopes


class Protected(APIView):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    schema = None  # in no document, and reached all the same

    def get(self, request):
        return Response({})


class Declared(Protected):
    required_scopes = ["request:read"]


class Undeclared(Protected):
    pass


class Unasked(Declared):
    permission_classes = [IsAuthenticated]


class Open(Protected):
    permission_classes = [IsAuthenticated]


class AnyTokenWillDo(Open):
    required_scopes = []


class ForAnybody(Protected):
    permission_classes = [AllowAny]


class ForSessions(Protected):
    authentication_classes = [SessionAuthentication]


class Negated(Declared):
    permission_classes = [~HasEffectiveScope]


class Composed(Declared):
    permission_classes = [(HasEffectiveScope & IsAdminUser) | IsAdminUser]


class ByHook(APIView):
    """Sets authentication and permissions by DRF's hooks, depending on the request."""

    required_scopes = {"GET": ["request:read"], "POST": ["request:create"]}

    def get_authenticators(self):
        return [OAuth2Authentication()]

    def get_permissions(self):
        return [HasEffectiveScope()] if self.request.method == "GET" else [IsAuthenticated()]

    def get(self, request):
        return Response({})

    def post(self, request):
        return Response({})


class ByHookForAnybody(APIView):
    authentication_classes = [OAuth2Authentication]

    def get_permissions(self):
        return [AllowAny()]

    def get(self, request):
        return Response({})


class HookThatWantsMore(Declared):
    def get_permissions(self):
        return [HasEffectiveScope()] if self.request.resolver_match.namespaces else []


class Mistaken(Protected):
    required_scopes = [None]


class Alternatives(Protected):
    required_scopes = any_of("request:close", ["request:read", "request:create"])


class UserSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ["username"]


class Requests(ModelViewSet):
    """The README's."""

    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    required_scopes = {"GET": ["request:read"], "POST": ["request:create"]}
    queryset = User.objects.order_by("pk")
    serializer_class = UserSerializer


class Actions(ViewSet):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    required_scopes = None

    @action(detail=False, required_scopes=["request:read"])
    def overdue(self, request):
        return Response([])

    @action(detail=True, methods=["post"])
    def close(self, request, pk):
        return Response({})

    @close.mapping.delete
    def reopen(self, request, pk):
        return Response({})


@required_scopes(["request:read"])
@api_view(["GET", "POST"])
@authentication_classes([OAuth2Authentication])
@permission_classes([HasEffectiveScope])
def declared_function(request):
    return Response({})


@api_view(["GET"])
@authentication_classes([OAuth2Authentication])
@permission_classes([HasEffectiveScope])
def undeclared_function(request):
    return Response({})


@effective_scope_required("request:export")
def plain(request):
    return HttpResponse()


@effective_scope_required({"GET": ["request:read"], "POST": ["request:create"]})
async def plain_by_method(request):
    return HttpResponse()


@method_decorator(effective_scope_required("request:export"), name="dispatch")
class Plain(View):
    pass


def unprotected(request):
    return HttpResponse()


def site(*urlpatterns):
    """Return a URLconf of these addresses."""
    return type("Site", (), {"urlpatterns": [path("", include("fourme_oauth.urls")), *urlpatterns]})


def routed(view, prefix="things"):
    """Return a viewset's addresses, as DRF's own router makes them."""
    router = DefaultRouter()
    router.register(prefix, view, basename=prefix)
    return path("", include(router.urls))


def nested(address):
    return path("api/", include([path("v1/", include(([address], "api"), namespace="v1"))]))


def at(route, view):
    return path(route, view.as_view() if isinstance(view, type) else view)


def cached(view):
    return never_cache(view.as_view())


def by_expression(view):
    return re_path(r"^by/(?P<pk>[^/.]+)/(?P<format>[a-z]+)/$", view.as_view())
