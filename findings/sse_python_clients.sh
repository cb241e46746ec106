#!/usr/bin/env bash
# Three Python clients of server-sent events: sseclient-py 1.9.0, aiohttp-sse-client 0.2.1 and aiohttp-sse-client2 0.3.0 (aiohttp 3.14.5).
#
# Expected (HTML standard, 9.2.6): an event that is not ended by an empty line when the connection ends is discarded; a line ends at
#   CR, LF or CRLF; a line may be as long as it likes.
# What happens: sseclient-py hands out the unfinished event, so that a cut connection gives half of an event as a whole one, with the
#   id from which the client then goes on: the rest of it is never asked for. Both aiohttp clients take lines that end with CR alone
#   for one line, so that an event is lost and stands in the id of the next; and an event of 2 MB ends the stream with an error
#   instead of an event.
# Output seen:
#   sseclient-py ('1', 'one') ('2', '{"half":')
#   aiohttp_sse_client ('1\rdata: one\r\rid: 2', 'two')
#   aiohttp_sse_client, 2 MB: LineTooLong
#   aiohttp_sse_client2 ('1\rdata: one\r\rid: 2', 'two')
#   aiohttp_sse_client2, 2 MB: LineTooLong
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for python in python3.13 python3.12 python3; do command -v "$python" > /dev/null && break; done
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q requests==2.34.2 sseclient-py==1.9.0 aiohttp==3.14.5 aiohttp-sse-client==0.2.1 \
    aiohttp-sse-client2==0.3.0 2> /dev/null
cat > "$work/try.py" <<'PY'
import asyncio
import http.server
import importlib
import threading

import requests
import sseclient

BODIES = {
    "/cut": b'id: 1\ndata: one\n\nid: 2\ndata: {"half":\n',
    "/cr": b"id: 1\rdata: one\r\rid: 2\r\ndata: two\r\n\r\n",
    "/long": b"data: " + b"x" * 2_000_000 + b"\n\n",
}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200 if self.path in BODIES else 204)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(BODIES.get(self.path, b""))


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a client left early


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = f"http://127.0.0.1:{server.server_address[1]}"


async def first(module, path):
    client = importlib.import_module(f"{module}.client")
    try:
        async with client.EventSource(URL + path, max_connect_retry=0) as source:
            async for event in source:
                return event.last_event_id, event.data
    except Exception as error:
        return type(error).__name__


answer = requests.get(f"{URL}/cut", stream=True, timeout=10)
events = [(event.id, event.data) for event in sseclient.SSEClient(answer).events()]
print("sseclient-py", *events)
assert events == [("1", "one"), ("2", '{"half":')], events
for module in ("aiohttp_sse_client", "aiohttp_sse_client2"):
    event = asyncio.run(first(module, "/cr"))
    print(module, event)
    assert event == ("1\rdata: one\r\rid: 2", "two"), event
    event = asyncio.run(first(module, "/long"))
    print(f"{module}, 2 MB:", event if isinstance(event, str) else "an event")
    assert event == "LineTooLong", event
PY
"$work/venv/bin/python" "$work/try.py"
