from types import SimpleNamespace

from fourme_oauth.models import AccessToken, Grant
from fourme_oauth.models.token_sets import _delete
from tests.factories import mint_access_token


def test_rows_go_in_one_statement(authorization, django_assert_num_queries):
    mint_access_token(authorization)
    with django_assert_num_queries(1):
        _delete(AccessToken.objects.all())


def test_rows_that_a_table_of_the_site_s_own_refers_to_go_as_django_does_it(authorization, monkeypatch):
    mint_access_token(authorization)
    of_the_site = SimpleNamespace(related_model=Grant)
    monkeypatch.setattr(AccessToken._meta, "related_objects", [of_the_site])
    _delete(AccessToken.objects.all())
    assert not AccessToken.objects.exists()
