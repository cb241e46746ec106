#!/usr/bin/env bash
# @microsoft/fetch-event-source 2.0.1: the comments that keep a stream alive arrive as messages.
#
# Expected (HTML standard, 9.2.6): a comment (a line that begins with a colon) is ignored, and a block of nothing but comments is no
#   event; a `retry` that is not made of digits alone is ignored.
# What happens: each heartbeat, `: ` and an empty line, calls onmessage with empty data, which JSON.parse refuses; so does a block
#   that only sets `retry`, and `retry: 12a` is taken for 12 milliseconds. The parser in the npm package eventsource ignores all three.
# Output seen:
#   fetch-event-source ["","",null] ["","one",null] ["","",null] ["","",12] ["","end",null]
#   eventsource ["message","one"] ["message","end"]
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent @microsoft/fetch-event-source@2.0.1 eventsource@4.1.1
cat > try.mjs <<'JS'
import assert from "node:assert";
import http from "node:http";
import { createRequire } from "node:module";
import { EventSource } from "eventsource";

globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = createRequire(import.meta.url)("@microsoft/fetch-event-source");
const server = http.createServer((_, answer) => {
    answer.writeHead(200, { "Content-Type": "text/event-stream" });
    answer.end(": heartbeat\n\ndata: one\n\n: heartbeat\n\nretry: 12a\n\ndata: end\n\n");
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${server.address().port}`;
const told = (name, events) => console.log(name, ...events.map((event) => JSON.stringify(event)));

const fetched = [];
await fetchEventSource(url, {
    onmessage: (event) => fetched.push([event.event, event.data, event.retry ?? null]),
    onclose() {},
    onerror(error) {
        throw error;
    },
});
told("fetch-event-source", fetched);
assert.deepEqual(fetched, [["", "", null], ["", "one", null], ["", "", null], ["", "", 12], ["", "end", null]]);

const events = [];
await new Promise((done) => {
    const source = new EventSource(url);
    source.onmessage = (event) => {
        events.push([event.type, event.data]);
        if (event.data === "end") {
            source.close();
            done();
        }
    };
});
told("eventsource", events);
assert.deepEqual(events, [["message", "one"], ["message", "end"]]);
process.exit(0);
JS
node try.mjs
