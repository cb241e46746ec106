"""A pytest plugin that records every request of the tests' client, in whatever tree it is loaded into.

`PYTHONPATH=tests/recording pytest -p recorder --record FILE` writes a line of JSON for each request. The tree may be an
older one, or one whose rooms have moved, so this uses nothing of ours but what `FORGOTTEN` names.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis.internal.conjecture import providers
from prometheus_client import REGISTRY

from .exchange import Exchange, unpacked
from .normal import Normal
from .statements import recording_statements, watch_drivers

FORGOTTEN = ("api.core.read.strategies:PLANS",)
"""What a process remembers of earlier tests: forgotten before each, so that no test's recording depends on others."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="The file to which every request is recorded.")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.record and not hasattr(config, "workerinput"):
        config.option.record.write_text("")
    if config.option.record:
        config.pluginmanager.register(Recorder(config.option.record))


class Recorder:
    """Records the requests of one test after the other."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.exchanges: list[Exchange] = []
        watch_drivers()
        # Hypothesis draws on the constants of the code that it tests: two trees would not send the same, seed or not.
        providers.is_local_module_file = lambda file: False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Begin with nothing, and write down what the test has sent."""
        self.exchanges = []
        forget()
        result = yield
        with_others = sorted((each.alone() for each in self.exchanges if not each.in_order), key=str)
        recorded = [*filter(lambda each: each.in_order, self.exchanges), *with_others]
        with self.file.open("a") as file:
            file.write(json.dumps({"test": item.nodeid, "exchanges": [*map(asdict, recorded)]}) + "\n")
        return result

    def pytest_sessionstart(self) -> None:
        """Stand around Django's test client, below whatever the tests themselves put there."""
        send = Client.request

        def request(client: Client, **environ: Any) -> Any:
            normal = Normal()
            exchange = Exchange.of(environ, normal, threading.current_thread() is threading.main_thread())
            asked = Normal(normal.ids)  # of its own: another statement gives the ids of the answer no other numbers
            self.exchanges.append(exchange)
            before = levels()
            with recording_statements(exchange, asked):
                response = send(client, **environ)
            exchange.levels = [name for name, count in levels().items() if count > before.get(name, 0)]
            answered(exchange, response, normal, asked)
            return response

        Client.request = request  # type: ignore[method-assign]


def answered(exchange: Exchange, response: Any, normal: Normal, asked: Normal) -> None:
    """Record an answer; that of a stream as it is read."""
    coding = response.get("Content-Encoding")
    exchange.status = response.status_code
    cookies = [("Set-Cookie", each.OutputString()) for each in response.cookies.values()]
    exchange.headers = sorted(normal.header(*each) for each in (*response.items(), *cookies))

    def streamed(parts: Iterator[bytes]) -> Iterator[bytes]:
        whole = bytearray()
        while True:
            with recording_statements(exchange, asked):
                part = next(parts, None)
            if part is None:
                break
            whole += part
            yield part
        exchange.body = normal.body(unpacked(bytes(whole), coding))

    if not response.streaming:
        exchange.body = normal.body(unpacked(response.content, coding))
    elif not response.is_async:
        response.streaming_content = streamed(iter(response.streaming_content))


def levels() -> dict[str, float]:
    """Count the reads at each level, by the metric of every tree."""
    reads = (each for each in REGISTRY.collect() if each.name == "headwater_reads")
    return {
        sample.labels["level"]: sample.value
        for each in reads
        for sample in each.samples
        if sample.name.endswith("_total")
    }


def forget() -> None:
    """Forget what earlier tests left in the process."""
    for name in FORGOTTEN:
        module, _, attribute = name.partition(":")
        getattr(import_module(module), attribute).clear()
