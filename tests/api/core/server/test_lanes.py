"""What one crowd of requests leaves to the others: a thread while writes wait, a connection while streams idle."""

import asyncio
import threading

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from tests.api.core.server.channel import THREADS, Channel, bridge, scope, until

begun: list[str] = []
lock = threading.Event()


def locked(request):
    begun.append(request.method)
    if request.method not in ("GET", "HEAD"):
        lock.wait(60)
    return HttpResponse(request.method)


def rows(request):
    def lines():
        for _ in range(1000):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchone()
            yield "x" * 2**16  # a piece, so that the turn ends here

    return StreamingHttpResponse(lines())


urlpatterns = [path("", locked), path("rows", rows)]


@pytest.fixture(autouse=True)
def _site(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["localhost"]
    begun.clear()
    lock.clear()


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_reads_are_answered_while_writes_wait_for_a_lock(method):
    async def story():
        writes, read = [Channel() for _ in range(2 * THREADS)], Channel()
        async with bridge() as (served, _), asyncio.TaskGroup() as crowd:
            for write in writes:
                crowd.create_task(served(scope(method=method), write.receive, write.send))
            await until(lambda: begun)
            async with asyncio.timeout(30):  # the lock is held longer
                await served(scope(), read.receive, read.send)
            assert (read.body, begun) == (b"GET", [method, "GET"])
            lock.set()
        assert [write.body.decode() for write in writes] == [method] * len(writes)

    asyncio.run(story())


def held() -> int:
    stats = connection.pool.get_stats()
    return stats["pool_size"] - stats["pool_available"]


@pytest.mark.django_db(transaction=True)
def test_an_idle_stream_holds_no_connection_of_the_pool(vendor):
    if vendor != "postgresql":
        pytest.skip("only PostgreSQL has a pool")

    async def story():
        channel, taken, before = Channel(), asyncio.Semaphore(0), held()

        async def send_slowly(message):
            await channel.send(message)
            await taken.acquire()

        async with bridge() as (served, _):
            task = asyncio.create_task(served(scope("/rows"), channel.receive, send_slowly))
            for messages in range(1, 9):
                await until(lambda messages=messages: len(channel.sent) == messages)
                assert held() <= before  # fewer, where the pool was still filling
                taken.release()
            channel.leave()
            await task

    asyncio.run(story())
