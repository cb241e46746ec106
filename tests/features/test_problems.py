"""Every error, of every kind and from every layer, is a problem (RFC 9457): no page, and nothing of the inside."""

import pytest

from tests.client import Client
from tests.features.bodies import TRIP
from tests.features.problems import ITEM, check
from tests.world import World, key


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/nothing",
            "/v1",
            "/v1/nothing",
            "/v1/trip",
            "/v2/trips",
            "//v1/trips",
            "/v1//trips",
            "/v1/trips//",
            "/V1/trips",
        ),
        *(
            "/v1/trips/x/y",
            "/v1/trips/..%2Ftrips",
            "/v1/cities/./.",
            "/v1/cities.json",
            "/index.php",
            "/%FF",
            "/%2e%2e/%2e",
        ),
        *(
            "/v1/cities/%FF%FE",
            "/v1/cities/%ED%A0%80",
            "/v1/cities/%F0%9F%98%80",
            "/v1/countries/%C0%AF",
            "/v1/cities/0x1",
        ),
        *("/v1/cities/99999999999999999999", "/v1/cities/-1", "/v1/cities/1e5", "/v1/cities/1.0", "/v1/cities/NaN"),
        *("/v1/cities/%20", "/v1/cities/1%202", "/v1/cities/%D9%A5", "/v1/countries/fr", "/v1/countries/" + "x" * 5000),
        *("/" + "x" * 5000, "/v1/cities/'%20OR%201=1", "/v1/cities/2988507%E2%80%8B", "/v1/cities/null"),
    ],
)
def test_what_is_not_there(api: Client, world: World, path: str) -> None:
    body = check(api.get(path), 404, "not-found")
    assert len(body["detail"]) < 400


@pytest.mark.parametrize("path", ["not-a-uuid", str(key(10)).replace("-", ""), f"{{{key(10)}}}", f"urn:uuid:{key(10)}"])
def test_what_cannot_be_a_key(owner: Client, path: str) -> None:
    for method in ("GET", "DELETE"):
        check(owner.send(method, f"/v1/trips/{path}"), 404, "not-found")


@pytest.mark.parametrize(
    "path", ["/v1/cities%00", "/v1/cities/%00", "/v1/cities%0A", "/v1/cities/2988507%0A", "/%7F", "/%1B"]
)
def test_a_path_with_control_characters(api: Client, world: World, path: str) -> None:
    check(api.get(path), 400, "malformed-request")


@pytest.mark.parametrize("query", ["name=%00", "name=%FF", "%FF=1", "%00", "name=%ED%A0%80", "x=%C0%80", "name=a%E9"])
def test_a_query_string_that_is_no_text(api: Client, world: World, query: str) -> None:
    check(api.get(f"/v1/cities?{query}"), 400, "malformed-request")


def test_a_content_type_does_not_change_what_the_address_says(api: Client, world: World) -> None:
    for charset in ("utf-7", "utf-16", "latin-1", "unicode_escape"):
        headers = {"Content-Type": f"text/plain; charset={charset}"}
        answer = api.get("/v1/cities?name=Saint-%C3%89tienne&name__in=%2BAAA-", headers=headers)
        assert answer.json["results"] == []
        answer = api.get("/v1/cities?name=Saint-%C3%89tienne", headers=headers)
        assert [row["id"] for row in answer.json["results"]] == [2980291]


@pytest.mark.parametrize("host", ["evil.example", "a b", "testserver:x", "", "testserver@evil.example", "[::1", "\xe9"])
@pytest.mark.parametrize("path", ["/v1/cities", "/", "/nothing"])
def test_an_unknown_host(api: Client, world: World, host: str, path: str) -> None:
    answer = api.get(path, headers={"Host": host})
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json["type"] == "/problems/malformed-request"
    assert "ALLOWED_HOSTS" in answer.json["detail"]
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/trips", "GET, POST, HEAD, OPTIONS"),
        ("PUT", "/v1/trips/", "GET, POST, HEAD, OPTIONS"),
        ("POST", ITEM, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("TRACE", ITEM, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("PROPFIND", "/v1/cities", "GET, POST, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_is_not_on_offer(owner: Client, method: str, path: str, allowed: str) -> None:
    answer = owner.unchecked().send(method, path, TRIP)
    body = check(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == allowed
    assert allowed in body["detail"]


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/openapi.json", "/problems", "/problems/conflict"])
def test_a_method_that_a_page_does_not_offer(api: Client, path: str) -> None:
    answer = api.post(path, {})
    check(answer, 405, "method-not-allowed")
    assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "text/csv", "application/x-ndjson", "x"])
def test_an_answer_in_no_form_on_offer(owner: Client, accept: str) -> None:
    check(owner.get(ITEM, accept=accept), 406, "not-acceptable")
    check(owner.patch(ITEM, {"name": "x"}, accept=accept), 406, "not-acceptable")


NOISE = [
    "",
    " ",
    ",",
    ";",
    "=",
    '"',
    "\xe9\xff",
    "x" * 5000,
    "a=b;c=d,e",
    "*/*;q=x",
    "\t",
    "W/",
    "%00",
    "{}",
    "q=1e400",
    "\x7f",
]


@pytest.mark.parametrize(
    "header",
    [
        *(
            "Accept",
            "Accept-Encoding",
            "Prefer",
            "If-None-Match",
            "If-Match",
            "Range",
            "X-Request-ID",
            "Origin",
            "Cookie",
        ),
        *("Content-Type", "Content-Encoding", "Authorization"),
    ],
)
def test_noise_in_a_header_is_no_fault_of_ours(owner: Client, header: str) -> None:
    for noise in NOISE:
        for method, body in (("GET", ()), ("PATCH", ({"name": "x"},))):
            answer = owner.unchecked().send(method, ITEM, *body, headers={header: noise})
            assert answer.status < 500, (noise, answer.text)


def test_a_request_has_an_id(api: Client) -> None:
    for sent in ("checkout-4711", "a" * 128, "0198f1c2:1.2~3_4"):
        answer = api.get("/nothing", headers={"X-Request-ID": sent})
        assert (answer.headers["X-Request-ID"], answer.json["instance"]) == (sent, sent)
    for sent in ("", "a b", "a" * 129, "<script>", "a\r\nb", "\xe9", '"'):
        answer = api.get("/nothing", headers={"X-Request-ID": sent})
        assert answer.headers["X-Request-ID"] not in (sent, "")
        assert answer.json["instance"] == answer.headers["X-Request-ID"]


def test_the_answer_to_head_has_the_headers_alone(owner: Client) -> None:
    answer = owner.head("/v1/trips/nothing")
    assert (answer.status, answer.content) == (404, b"")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/nothing", "/v1/trips", "/v1/cities?colour=red"])
def test_the_type_leads_to_a_page(api: Client, world: World, path: str) -> None:
    kind = api.get(path).json["type"].removeprefix("http://testserver")
    page = api.get(kind, accept="text/html")
    assert page.status == 200
    assert api.get(path).json["title"] in page.text
