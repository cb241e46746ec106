"""What a request is understood to ask for, in its path and its parameters."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from api.core.fast_read.request import MOST_SAID, _pairs, _sender, understand

QUERIES = st.text(st.sampled_from("abc=&;,-_.~/?:@!$'()*[]<>|\\^`{}\"#"), max_size=30)


@given(QUERIES)
def test_plain_parameters_are_those_that_the_standard_library_reads(query: str) -> None:
    assert _pairs(query) == parse_qsl(query, keep_blank_values=True)


def test_encoded_parameters_are_read_and_those_that_need_a_second_look_are_not() -> None:
    assert _pairs("name=%C3%89tretat+bis&x=") == [("name", "Étretat bis"), ("x", "")]
    assert _pairs("name=%00") is _pairs("name=%E9") is None


def test_what_is_remembered_of_clients_does_not_grow_with_what_they_send() -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v1/cities", "HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "::1"}
    environ |= {"wsgi.url_scheme": "http", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"}
    assert understand(environ) is not None
    kept = _sender.cache_info().currsize
    long = "x" * MOST_SAID
    for more in ({"HTTP_ACCEPT_ENCODING": long}, {"HTTP_COOKIE": "a=b"}, {"PATH_INFO": f"/v1/{long}"}):
        assert understand(environ | more) is None
    assert _sender.cache_info().currsize == kept
