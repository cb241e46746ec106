"""Rates: how they are written, and what the algorithm decides."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from api.core.limits.rates import Admission, Rate, decide, rate


@pytest.mark.parametrize(
    ("text", "count", "window"), [("60/m", 60, 60), ("1/s", 1, 1), ("5000/h", 5000, 3600), ("7/d", 7, 86400)]
)
def test_it_works(text, count, window):
    assert rate("some", text) == Rate("some", count, window)


def test_off_is_none():
    assert rate("some", "off") is None


@pytest.mark.parametrize(
    "text", ["", "60", "0/m", "-1/m", "60/w", "60/minute", "60 / m", "OFF", "1.5/s", "9" * 10 + "/s"]
)
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match="write one such as 60/m"):
        rate("some", text)


def test_a_quota_all_at_once_and_then_evenly():
    sixty, full_at, now = Rate("some", 60, 60), 0.0, 1000.0
    for left in range(59, -1, -1):
        decision, full_at = decide(sixty, full_at, now)
        assert (decision.allowed, decision.remaining) == (True, left)
    refused, full_at = decide(sixty, full_at, now)
    assert (refused.allowed, refused.remaining, refused.retry_after) == (False, 0, "1")
    assert refused.wait == pytest.approx(1)
    assert refused.reset == pytest.approx(60)
    assert not decide(sixty, full_at, now + 0.9)[0].allowed
    decision, full_at = decide(sixty, full_at, now + 1)
    assert decision.allowed
    assert not decide(sixty, full_at, now + 1.5)[0].allowed


def test_headers():
    decision = Admission(Rate("actor", 5000, 60), 4998, 0.024)
    assert decision.headers == (("RateLimit", '"actor";r=4998;t=1'), ("RateLimit-Policy", '"actor";q=5000;w=60'))


@given(
    count=st.integers(1, 1000),
    window=st.sampled_from([1, 60, 3600]),
    pauses=st.lists(st.floats(0, 120, allow_nan=False), max_size=200),
)
def test_never_more_than_a_quota_and_what_refills(count, window, pauses):
    some, now, full_at, allowed = Rate("some", count, window), 1000.0, 0.0, 0
    for pause in pauses:
        now += pause
        decision, full_at = decide(some, full_at, now)
        allowed += decision.allowed
        assert 0 <= decision.remaining < count or not decision.allowed
        assert decision.reset <= window + 1e-3
        if not decision.allowed:  # and what it says of the wait is true
            assert not decide(some, full_at, now + decision.wait - 1e-3)[0].allowed or decision.wait < 2e-3
            assert decide(some, full_at, now + decision.wait)[0].allowed
    assert allowed <= count + (now - 1000.0) / some.interval + 1
