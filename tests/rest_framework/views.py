"""A site's API: one view for each way to declare what a token needs."""

from django.urls import include, path
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from fourme_oauth.rest_framework import HasEffectiveScope, OAuth2Authentication


class Protected(APIView):
    authentication_classes = [OAuth2Authentication, SessionAuthentication]
    permission_classes = [HasEffectiveScope]

    def answer(self, request):
        return Response({"username": request.user.get_username()})

    def get(self, request):
        return self.answer(request)


class Undeclared(Protected):
    pass


class ByList(Protected):
    required_scopes = ["request:read", "request:create"]

    def post(self, request):
        return Response(request.data)


class ByMethod(Protected):
    required_scopes = {"GET": ["request:read"], "POST": ["request:create"], "DELETE": []}

    def post(self, request):
        return self.answer(request)

    def put(self, request):
        return self.answer(request)

    def delete(self, request):
        return self.answer(request)


class ByAction(ViewSet):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    required_scopes = {"GET": ["request:read"], "close": ["request:close"], "export": ["request:export"]}

    def list(self, request):
        return Response([])

    def create(self, request):
        return Response({})

    @action(detail=False, methods=["post"])
    def close(self, request):
        return Response({})

    @action(detail=False, methods=["get"])
    def export(self, request):
        return Response([])


class WhatTheTokenIs(Protected):
    required_scopes = []

    def get(self, request):
        return Response(
            {
                "application": request.auth.application.client_id,
                "effective_scopes": sorted(request.auth.effective_scopes),
                "explain": request.auth.explain(),
            }
        )


class ForAnyone(Protected):
    permission_classes = [AllowAny]


class SessionFirst(Protected):
    authentication_classes = [SessionAuthentication, OAuth2Authentication]
    required_scopes = ["request:read"]


class BasicNext(Protected):
    authentication_classes = [OAuth2Authentication, BasicAuthentication]


router = SimpleRouter()
router.register("by-action", ByAction, basename="by-action")

urlpatterns = [
    path("", include("fourme_oauth.urls")),
    path("undeclared/", Undeclared.as_view()),
    path("by-list/", ByList.as_view()),
    path("by-method/", ByMethod.as_view()),
    path("what-the-token-is/", WhatTheTokenIs.as_view()),
    path("for-anyone/", ForAnyone.as_view()),
    path("session-first/", SessionFirst.as_view()),
    path("basic-next/", BasicNext.as_view()),
    *router.urls,
]
