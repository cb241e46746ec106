"""What a request is understood to ask for, in its path and its parameters."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from api.core.short_cut.request import LONGEST, _client, parameters_of, plain_get

QUERIES = st.text(st.sampled_from("abc=&;,-_.~/?:@!$'()*[]<>|\\^`{}\"#"), max_size=30)


@given(QUERIES)
def test_plain_parameters_are_those_that_the_standard_library_reads(query: str) -> None:
    assert parameters_of(query) == parse_qsl(query, keep_blank_values=True)


def test_encoded_parameters_are_read_and_those_that_need_a_second_look_are_not() -> None:
    assert parameters_of("name=%C3%89tretat+bis&x=") == [("name", "Étretat bis"), ("x", "")]
    assert parameters_of("name=%00") is parameters_of("name=%E9") is None


def test_what_is_remembered_of_clients_does_not_grow_with_what_they_send() -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v1/cities", "HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "::1"}
    environ |= {"wsgi.url_scheme": "http", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"}
    assert plain_get(environ) is not None
    kept = _client.cache_info().currsize
    long = "x" * LONGEST
    for more in ({"HTTP_ACCEPT_ENCODING": long}, {"HTTP_COOKIE": "a=b"}, {"PATH_INFO": f"/v1/{long}"}):
        assert plain_get(environ | more) is None
    assert _client.cache_info().currsize == kept
