#!/usr/bin/env bash
# An SSE block with an id and no data: httpx-sse 0.4.3, @microsoft/fetch-event-source 2.0.1, eventsource 4.1.1, eventsource-client 1.2.0.
#
# Expected (HTML standard, 9.2.6): a block without data dispatches nothing, but moves the last event id, so that a server can move the
#   cursor of a client past events that are not for it; and the id stays for the events after it, until another one is sent.
# What happens: httpx-sse and fetch-event-source dispatch an empty message, on which json.loads or JSON.parse fails. The npm package
#   eventsource, and eventsource-client, forget the id: the next event has none, and eventsource does not send it when it connects again.
#   So does an event that has data and no id: eventsource shows an empty lastEventId for it (it does remember the id for connecting).
# Output seen:
#   httpx-sse ('', '7') ('end', '7')
#   fetch-event-source ["","7"] ["end",""]
#   eventsource ["end",""] connects again with undefined
#   eventsource-client ["end",null]
#   eventsource, id 1 before: ["one","1"] ["end",""] connects again with "1"
set -euo pipefail
work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$work"' EXIT
for python in python3.13 python3.12 python3; do command -v "$python" > /dev/null && break; done
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q httpx==0.28.1 httpx-sse==0.4.3 2> /dev/null
cd "$work"
npm init -y > /dev/null
npm install --silent @microsoft/fetch-event-source@2.0.1 eventsource@4.1.1 eventsource-client@1.2.0
cat > serve.py <<'PY'
import http.server
import json

BODIES = {"/only": b"retry: 50\n\nid: 7\n\ndata: end\n\n", "/before": b"retry: 50\n\nid: 1\ndata: one\n\ndata: end\n\n"}
asked = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        if self.path == "/asked":
            body, kind = json.dumps(asked).encode(), "application/json"
        else:
            path = self.path.partition("?")[0]
            asked.setdefault(self.path, []).append(self.headers.get("Last-Event-ID"))
            body, kind = BODIES[path], "text/event-stream"
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
"$work/venv/bin/python" serve.py > port &
server=$!
while ! test -s port; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)
cat > try.py <<'PY'
import sys

import httpx
import httpx_sse

with httpx.Client() as client, httpx_sse.connect_sse(client, "GET", sys.argv[1] + "/only") as source:
    events = [(event.data, event.id) for event in source.iter_sse() if event.retry is None]
print("httpx-sse", *events)
assert events == [("", "7"), ("end", "7")], events
PY
"$work/venv/bin/python" try.py "$url"
cat > try.mjs <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";
import { EventSource } from "eventsource";
import { createEventSource } from "eventsource-client";

globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = createRequire(import.meta.url)("@microsoft/fetch-event-source");
const url = process.argv[2];
const told = (name, events, ...rest) => console.log(name, ...events.map((event) => JSON.stringify(event)), ...rest);

const fetched = [];
await fetchEventSource(`${url}/only`, {
    onmessage: (event) => event.retry || fetched.push([event.data, event.id]),
    onclose() {},
    onerror(error) {
        throw error;
    },
});
told("fetch-event-source", fetched);
assert.deepEqual(fetched, [["", "7"], ["end", ""]]);

async function listen(path) {
    const events = [];
    await new Promise((done) => {
        const source = new EventSource(url + path);
        source.onmessage = (event) => {
            events.push([event.data, event.lastEventId]);
            if (events.filter(([data]) => data === "end").length === 2) {
                source.close();
                done();
            }
        };
    });
    const asked = await (await fetch(`${url}/asked`)).json();
    return [events.slice(0, events.length / 2), asked[path][1] ?? undefined];
}

const [only, again] = await listen("/only?eventsource");
told("eventsource", only, "connects again with", JSON.stringify(again));
assert.deepEqual([only, again], [[["end", ""]], undefined]);

const own = [];
await new Promise((done) => {
    const source = createEventSource({
        url: `${url}/only`,
        onMessage: (event) => {
            own.push([event.data, event.id ?? null]);
            source.close();
            done();
        },
    });
});
told("eventsource-client", own);
assert.deepEqual(own, [["end", null]]);

const [before, remembered] = await listen("/before?eventsource");
told("eventsource, id 1 before:", before, "connects again with", JSON.stringify(remembered));
assert.deepEqual([before, remembered], [[["one", "1"], ["end", ""]], "1"]);
process.exit(0);
JS
node try.mjs "$url"
