"""What a request is understood to ask for, in its path and its parameters."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from api.core.shortcut.asked import _pairs

QUERIES = st.text(st.sampled_from("abc=&;,-_.~/?:@!$'()*[]<>|\\^`{}\"#"), max_size=30)


@given(QUERIES)
def test_plain_parameters_are_those_that_the_standard_library_reads(query: str) -> None:
    assert _pairs(query) == parse_qsl(query, keep_blank_values=True)


def test_encoded_parameters_are_read_and_those_that_need_a_second_look_are_not() -> None:
    assert _pairs("name=%C3%89tretat+bis&x=") == [("name", "Étretat bis"), ("x", "")]
    assert _pairs("name=%00") is _pairs("name=%E9") is None
