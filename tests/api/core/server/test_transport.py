"""What is written to a connection in one turn of the event loop is sent together, in order, and before it is closed."""

from api.core.server.transport import BufferedTransport


class Transport:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def write(self, piece: bytes) -> None:
        self.told.append(piece)

    def close(self) -> None:
        self.told.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.told


class Loop:
    """Makes its calls when it is told to."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def call_soon(self, call: object) -> None:
        self.calls.append(call)

    def turn(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            call()


def connection_of() -> tuple[BufferedTransport, Transport, Loop]:
    transport, loop = Transport(), Loop()
    return BufferedTransport(transport, loop), transport, loop


def test_it_works() -> None:
    connection, transport, loop = connection_of()
    connection.write(b"head")
    connection.write(b"body")
    assert transport.told == []
    loop.turn()
    assert transport.told == [b"headbody"]
    connection.write(b"more")
    loop.turn()
    assert transport.told == [b"headbody", b"more"]


def test_what_is_written_before_the_end_is_sent_before_it() -> None:
    connection, transport, loop = connection_of()
    connection.write(b"last")
    connection.close()
    loop.turn()
    assert transport.told == [b"last", "closed"]
    assert connection.is_closing()


def test_nothing_written_is_nothing_sent() -> None:
    connection, transport, loop = connection_of()
    connection.close()
    loop.turn()
    assert transport.told == ["closed"]
