import pytest
from django.test import RequestFactory

from fourme_oauth.authorization_server.parameters import MAX_BODY_BYTES, MalformedRequest, from_body, from_query

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def form(body, content_type=FORM, query=""):
    return RequestFactory().post("/oauth/token" + query, body, content_type=content_type)


def test_a_form_body_is_read():
    assert from_body(form("grant_type=refresh_token&scope=a+b")) == {"grant_type": "refresh_token", "scope": "a b"}


def test_a_form_body_with_a_charset_is_read():
    assert from_body(form("a=%C3%A9", content_type=f"{FORM}; charset=utf-8")) == {"a": "é"}


def test_a_json_body_is_read():
    assert from_body(form('{"grant_type": "refresh_token"}', content_type=JSON)) == {"grant_type": "refresh_token"}


def test_a_parameter_without_a_value_is_as_if_it_were_not_there():
    assert from_body(form("a=&b=1")) == {"b": "1"}


def test_a_query_string_is_read():
    assert from_query(RequestFactory().get("/oauth/authorize?client_id=abc&state=%26%3D")) == {
        "client_id": "abc",
        "state": "&=",
    }


def test_parameters_in_the_query_string_of_a_post_are_refused():
    with pytest.raises(MalformedRequest, match="never in the URL"):
        from_body(form("a=1", query="?client_secret=x"))


@pytest.mark.parametrize(
    ("body", "content_type", "fault"),
    [
        ("a=1&a=2", FORM, "repeated"),
        ("a=1&a=1", FORM, "repeated"),
        ('{"a": "1", "a": "2"}', JSON, "repeated"),
        ("a=%00", FORM, "NUL"),
        ('{"a": "\\u0000"}', JSON, "NUL"),
        ('{"a": "\\ud800"}', JSON, "not Unicode"),
        ("a=%zz", FORM, "percent-encoding"),
        ("a=%e", FORM, "percent-encoding"),
        ("a=%ff", FORM, "UTF-8"),
        (b"a=\xff", FORM, "UTF-8"),
        (b'{"a": "\xff"}', JSON, "UTF-8"),
        ("&".join(f"p{n}=1" for n in range(60)), FORM, "too many"),
        ("a=" + "x" * MAX_BODY_BYTES, FORM, "too large"),
        ('{"a": {"b": "1"}}', JSON, "one object whose values are strings"),
        ('{"a": 1}', JSON, "one object whose values are strings"),
        ('[["a", "1"]]', JSON, "one object whose values are strings"),
        ("7", JSON, "one object whose values are strings"),
        ('{"a": NaN}', JSON, "not valid JSON"),
        ("{", JSON, "not valid JSON"),
        ("[" * 30_000, JSON, "not valid JSON"),
        ("a=1", "text/plain", "must be"),
        ("a=1", "multipart/form-data; boundary=x", "must be"),
        ("a=1", "", "must be"),
    ],
)
def test_malformed_or_ambiguous_body_is_refused(body, content_type, fault):
    with pytest.raises(MalformedRequest, match=fault):
        from_body(form(body, content_type=content_type))


def test_a_body_over_the_site_s_own_limit_is_refused(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5
    with pytest.raises(MalformedRequest, match="too large"):
        from_body(form("a=123456"))


def test_what_was_sent_is_not_repeated_in_the_fault():
    with pytest.raises(MalformedRequest) as refused:
        from_body(form("client_secret=hunter2&client_secret=hunter3"))
    assert "hunter" not in str(refused.value)


# In which language


DUTCH = {"Accept-Language": "nl"}


@pytest.mark.django_db
def test_error_for_a_user_is_translated(client):
    page = client.get("/oauth/authorize?state=1&state=2", headers=DUTCH).content.decode()
    assert "Een parameter komt meer dan eens voor." in page


@pytest.mark.django_db
def test_error_for_an_application_is_ascii_whatever_its_language(client):
    answer = client.post("/oauth/token", "grant_type=1&grant_type=2", content_type=FORM, headers=DUTCH)
    assert answer.json()["error_description"] == "A parameter is repeated."
