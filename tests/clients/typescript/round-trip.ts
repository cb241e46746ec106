// A round trip through the API with generated types: read, page on, create, change, delete, and be refused.
// Usage: node build/round-trip.js URL KEY

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

type Json = "application/json" | "application/problem+json";
type City = components["schemas"]["City"];
type Trip = components["schemas"]["Trip"];

const [, , baseUrl = "", key = ""] = process.argv;
const api = createClient<paths, Json>({
  baseUrl,
  headers: { Authorization: `Bearer ${key}` },
  querySerializer: { array: { style: "form", explode: false } },
});

function expect(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`Expected ${what}`);
}

// Rows are whole unless `fields` asks for some members only, which the types cannot know.
function whole<Row extends object>(row: Row | Partial<Row> | undefined): Row {
  expect(row && "revision" in row, "a whole row");
  return row as Row;
}

function cursorOf(link: string): string {
  const cursor = new URL(link).searchParams.get("cursor");
  expect(cursor, "a link with a cursor");
  return cursor;
}

async function readCities(): Promise<void> {
  const cities: City[] = [];
  let next: string | null = "first";
  while (next) {
    const cursor: { cursor?: string } = next === "first" ? {} : { cursor: cursorOf(next) };
    const { data } = await api.GET("/v1/cities", {
      params: { query: { country: "FR", limit: 2, ordering: ["-population", "name"], ...cursor } },
    });
    expect(data, "a page of cities");
    cities.push(...data.results.map((city) => whole<City>(city)));
    next = data.next;
  }
  const names = cities.map((city) => city.name);
  expect(names.join() === "Paris,Saint-Étienne,Saint-Denis", `three cities of France, not ${names}`);
  const one = await api.GET("/v1/cities/{id}", { params: { path: { id: 2988507 } } });
  expect(whole<City>(one.data).name === "Paris", "Paris by its id");
  expect(one.response.headers.get("ETag"), "an ETag");
}

async function writeTrip(): Promise<void> {
  const body = { name: "Alps", begins_on: "2027-05-01", ends_on: "2027-05-09", budget: "1250.50", currency: "EUR" };
  const created = await api.POST("/v1/trips", { body });
  expect(created.response.status === 201 && !Array.isArray(created.data), "one trip");
  const trip = whole<Trip>(created.data);
  expect(trip.budget === "1250.50", "a decimal as text");
  expect(created.response.headers.get("Location")?.endsWith(trip.id), "its address");
  const params = { path: { id: trip.id } };
  const changes = { name: "Alps by train", budget: null, currency: null };
  const changed = whole<Trip>((await api.PATCH("/v1/trips/{id}", { params, body: changes })).data);
  expect(changed.name === "Alps by train" && changed.budget === null, "a changed trip");
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
