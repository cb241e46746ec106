// A round trip through the API with generated types: read, page on, create, change, delete, and be refused.
// Usage: node build/round-trip.js URL KEY

import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { argv: string[] };

const [, , baseUrl = "", key = ""] = process.argv;
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

function expect(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`Expected ${what}`);
}

function cursorOf(link: string): string {
  const cursor = new URL(link).searchParams.get("cursor");
  expect(cursor, "a link with a cursor");
  return cursor;
}

async function readCities(): Promise<void> {
  const first = await api.GET("/v1/cities", { params: { query: { country: "FR", limit: 2, ordering: ["-population"] } } });
  expect(first.data, "a page of cities");
  const ids = new Set(first.data.results.map((city) => city.id));
  let next = first.data.next;
  while (next) {
    const { data } = await api.GET("/v1/cities", {
      params: { query: { country: "FR", limit: 2, ordering: ["-population"], cursor: cursorOf(next) } },
    });
    expect(data, "a further page of cities");
    data.results.forEach((city) => expect(!ids.has(city.id), `city ${city.id} once`));
    data.results.forEach((city) => ids.add(city.id));
    next = data.next;
  }
  expect(ids.size === 3, "three cities of France");
  const [paris] = first.data.results;
  expect(paris, "a first city");
  const one = await api.GET("/v1/cities/{id}", { params: { path: { id: paris.id } } });
  expect(one.data?.name === paris.name && one.data.name === "Paris", "Paris by its id");
  expect(one.response.headers.get("ETag"), "an ETag");
}

async function writeTrip(): Promise<void> {
  const body = { name: "Alps", begins_on: "2027-05-01", ends_on: "2027-05-09", budget: "1250.50", currency: "EUR" };
  const created = await api.POST("/v1/trips", { body });
  expect(created.response.status === 201 && created.data, "a trip");
  expect(created.data.budget === "1250.50", "a decimal as text");
  expect(created.response.headers.get("Location")?.endsWith(created.data.id), "its address");
  const params = { path: { id: created.data.id } };
  const changed = await api.PATCH("/v1/trips/{id}", { params, body: { name: "Alps by train", budget: null, currency: null } });
  expect(changed.data?.name === "Alps by train" && changed.data.budget === null, "a changed trip");
  const deleted = await api.DELETE("/v1/trips/{id}", { params });
  expect(deleted.response.status === 204, "the trip to go");
  const gone = await api.GET("/v1/trips/{id}", { params });
  expect(gone.error?.status === 404 && gone.error.type.endsWith("/problems/not-found"), "a problem: not found");
}

async function beRefused(): Promise<void> {
  const body = { name: "", begins_on: "2027-05-01", ends_on: "never" };
  const { error } = await api.POST("/v1/trips", { body });
  expect(error?.status === 400, "a problem: invalid");
  const pointers = (error.errors ?? []).map((each) => each.pointer);
  expect(pointers.includes("/name") && pointers.includes("/ends_on"), "every mistake with its place");
}

await readCities();
await writeTrip();
await beRefused();
console.log("Round trip complete.");
