from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from fourme_oauth.actor import Actor


def request(user):
    made = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    made.user = user
    return made


def test_actor_is_the_user_of_the_request(user):
    assert Actor.of(request(user)) == Actor(user, "192.0.2.7")


def test_actor_of_a_request_without_a_user_has_none(db):
    assert Actor.of(request(AnonymousUser())) == Actor(None, "192.0.2.7")
