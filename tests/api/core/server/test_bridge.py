"""The bridge inside one event loop: cancelled, stopped, stalled, and with a server that raises."""

import asyncio
import json
import sys
import threading
import time

import pytest
from django.core.signals import request_finished, request_started
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from api.core.server import body
from serializers.core.problems import Refusal, problem
from tests.api.core.server.channel import Channel, bridge, scope, until

log: list[str] = []
door = threading.Event()
waits = threading.Event()
"""Set when somebody waits for a stream behind the door."""


def waiting(request):
    log.append("begun")
    door.wait(60)
    log.append("ended")
    return HttpResponse("waited")


def streaming(request):
    waits.set()
    door.wait(60)
    return StreamingHttpResponse(Numbers())


class Numbers:
    """What must be closed: unlike a generator, the interpreter does not do it."""

    def __iter__(self):
        for number in range(10_000):
            time.sleep(0.006)  # longer than a turn hurries: one number, one turn
            yield str(number)

    def close(self):
        log.append("closed")


def refused(request):
    def pieces():
        yield "first"
        time.sleep(0.01)
        yield "second"
        raise Refusal(problem("too-many-requests", "No more."))

    return StreamingHttpResponse(pieces())


def quick(request):
    return HttpResponse("quick")


urlpatterns = [path("", quick), path("waiting", waiting), path("streaming", streaming), path("refused", refused)]


@pytest.fixture(autouse=True)
def _site(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["localhost"]
    log.clear()
    door.clear()
    waits.clear()


def test_it_works():
    async def story():
        channel = Channel()
        async with bridge() as (served, _):
            await served(scope(), channel.receive, channel.send)
        assert (channel.status, channel.body) == (200, b"quick")

    asyncio.run(story())


@pytest.mark.parametrize("url", ["/", "/streaming"])
def test_each_request_begins_and_ends_once_in_a_thread_of_ours(url):
    seen = []

    def began(**words):
        seen.append(("began", threading.current_thread().name[:9]))

    def ended(**words):
        seen.append(("ended", threading.current_thread().name[:9]))

    async def story():
        door.set()
        channel = Channel()
        async with bridge() as (served, _):
            task = asyncio.create_task(served(scope(url), channel.receive, channel.send))
            await until(lambda: len(channel.sent) > 1)
            channel.leave()
            await task

    request_started.connect(began)
    request_finished.connect(ended)
    try:
        asyncio.run(story())
    finally:
        request_started.disconnect(began)
        request_finished.disconnect(ended)
    assert seen == [("began", "headwater"), ("ended", "headwater")]


def test_a_stream_that_is_refused_later_on_is_broken_off_or_answered_where_nothing_was_sent():
    async def story():
        begun, whole = Channel(), Channel()
        async with bridge() as (served, _):
            with pytest.raises(Refusal):
                await served(scope("/refused"), begun.receive, begun.send)
            await served(scope("/refused", http_version="1.0"), whole.receive, whole.send)
        assert (begun.status, begun.body[:5], begun.sent[-1]["more_body"]) == (200, b"first", True)
        assert (whole.status, json.loads(whole.body)["detail"]) == (429, "No more.")
        assert b"transfer-encoding" not in dict(whole.sent[0]["headers"])

    asyncio.run(story())


def test_a_cancelled_request_lets_its_view_end():
    async def story():
        channel = Channel()
        async with bridge() as (served, _):
            task = asyncio.create_task(served(scope("/waiting"), channel.receive, channel.send))
            await until(lambda: log == ["begun"])
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            door.set()
            await until(lambda: log == ["begun", "ended"])
        assert channel.sent == []

    asyncio.run(story())


@pytest.mark.parametrize("begun", [False, True])
def test_a_cancelled_stream_is_closed(begun):
    async def story():
        channel = Channel()
        async with bridge() as (served, _):
            task = asyncio.create_task(served(scope("/streaming"), channel.receive, channel.send))
            if begun:
                door.set()
                await until(lambda: len(channel.sent) > 2)
            else:
                await until(waits.is_set)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            door.set()
            await until(lambda: log == ["closed"])

    asyncio.run(story())


def test_a_stream_ends_when_its_client_leaves():
    async def story():
        door.set()
        channel = Channel()
        async with bridge() as (served, _):
            task = asyncio.create_task(served(scope("/streaming"), channel.receive, channel.send))
            await until(lambda: len(channel.sent) > 3)
            channel.leave()
            await task
            assert log == ["closed"]
        assert channel.sent[-1]["more_body"]

    asyncio.run(story())


@pytest.mark.parametrize("url", ["/", "/streaming"])
def test_a_server_that_raises_when_the_client_is_gone_hears_nothing_of_it(url):
    async def gone(message):
        raise ConnectionResetError

    async def story():
        door.set()
        async with bridge() as (served, _):
            await served(scope(url), Channel().receive, gone)

    asyncio.run(story())
    assert log == ["closed"] * (url == "/streaming")


def test_a_body_that_stops_arriving_is_refused(settings):
    settings.BODY_TIMEOUT = 0.05

    async def story():
        channel = Channel([{"type": "http.request", "body": b"ab", "more_body": True}])
        async with bridge() as (served, _):
            await served(scope(method="POST"), channel.receive, channel.send)
        found = json.loads(channel.body)
        assert (channel.status, found["type"]) == (408, "http://localhost/problems/request-timeout")
        assert found["instance"] == dict(channel.sent[0]["headers"])[b"x-request-id"].decode()

    asyncio.run(story())


def test_the_rest_of_a_refused_body_is_taken_in_before_the_answer_ends(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    async def story():
        pieces = [{"type": "http.request", "body": b"x" * 8, "more_body": more} for more in (True, True, True, False)]
        channel = Channel(pieces)
        async with bridge() as (served, _):
            await served(scope(method="POST"), channel.receive, channel.send)
        assert [message.get("more_body") for message in channel.sent] == [None, True, False]
        assert (channel.body, channel.messages.empty()) == (b"quick", True)

    asyncio.run(story())


def test_a_refused_body_without_end_is_given_up(settings, monkeypatch):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    monkeypatch.setattr(body, "MOST_DISCARDED", 100)

    async def story():
        channel = Channel([{"type": "http.request", "body": b"x" * 8, "more_body": True}] * 1000)
        async with bridge() as (served, _):
            await served(scope(method="POST"), channel.receive, channel.send)
        assert channel.messages.qsize() > 900

    asyncio.run(story())


def test_threads_share_more_often_while_a_stream_is_made_and_only_then():
    usual = sys.getswitchinterval()

    async def story():
        door.set()
        channel = Channel()
        async with bridge() as (served, _):
            task = asyncio.create_task(served(scope("/streaming"), channel.receive, channel.send))
            await until(lambda: sys.getswitchinterval() < usual)
            channel.leave()
            await task
        assert sys.getswitchinterval() == usual

    asyncio.run(story())


def test_stopping_waits_for_requests_under_way_and_refuses_others():
    async def story():
        first, second = Channel(), Channel()
        async with bridge() as (served, stack):
            under_way = asyncio.create_task(served(scope("/waiting"), first.receive, first.send))
            await until(lambda: log == ["begun"])
            stopping = asyncio.create_task(stack.aclose())
            await asyncio.sleep(0)  # it begins
            await served(scope(), second.receive, second.send)
            assert not stopping.done()
            door.set()
            await stopping
            await under_way
        assert (first.status, first.body) == (200, b"waited")
        assert (second.status, dict(second.sent[0]["headers"])[b"retry-after"]) == (503, b"1")
        assert json.loads(second.body)["type"] == "http://localhost/problems/unavailable"

    asyncio.run(story())


def test_when_the_threads_have_ended_there_is_an_answer_still(settings):
    settings.PUBLIC_URL = "https://api.example.org"

    async def story():
        channel = Channel()
        async with bridge() as (served, stack):
            await stack.aclose()
            await served(scope(headers=[(b"x-request-id", b"mine")]), channel.receive, channel.send)
        found = json.loads(channel.body)
        assert (channel.status, found["instance"]) == (503, "mine")
        assert found["type"] == "https://api.example.org/problems/unavailable"

    asyncio.run(story())
