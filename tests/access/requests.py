"""What is sent to each operation, so that whoever may do it succeeds."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.access import samples
from tests.access.actors import NEWCOMER, NOBODYS, Actor, add_address
from tests.access.operations import Operation, operations
from tests.authenticator import totp
from tests.client import NOTHING, Answer, Client
from tests.people import PASSWORD
from tests.world import CODE, key

NEW_PASSWORD = "eleven early ferries"
BAD_CODE = "AAAA-AAAA"
CODES = {"X-Email-Verification-Key": BAD_CODE, "X-Password-Reset-Key": BAD_CODE}
"""What operations of /auth read out of a header."""

UNREAD = ("getContractAsYaml",)
"""What takes a second to read again, each time, and is held to the contract by tests of its own."""

Body = Callable[[Actor, Client, str], Any]


def constantly(body: Any) -> Body:
    """Send the same, whoever asks."""
    return lambda actor, client, base: body


def own(make: Callable[[dict[str, Any]], Any]) -> Body:
    """Send what is the actor's own, or what is nobody's for who has none."""
    return lambda actor, client, base: make(actor.more or NOBODYS)


def assertion(path: str) -> Body:
    """Answer the challenge for a passkey, or one made up where none is given."""

    def body(actor: Actor, client: Client, base: str) -> Any:
        given = client.get(f"{base}/{path}")
        made_up = {"publicKey": {"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "testserver"}}
        return {
            "credential": actor.passkey.get(given.json["data"]["request_options"] if given.status == 200 else made_up)
        }

    return body


def creation(actor: Actor, client: Client, base: str) -> Any:
    """Make a passkey for the challenge, or for one made up where none is given."""
    given = client.get(f"{base}/account/authenticators/webauthn")
    made_up = {"publicKey": {"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rp": {"id": "testserver"}, "user": {"id": "AA"}}}
    options = given.json["data"]["creation_options"] if given.status == 200 else made_up
    return {"name": "Another", "credential": type(actor.passkey)().create(options)}


def app_code(actor: Actor, client: Client, base: str) -> Any:
    """Show the code of an authenticator app that is being set up."""
    given = client.get(f"{base}/account/authenticators/totp")
    return {"code": totp(given.json["meta"]["secret"]) if given.status == 404 else "000000"}


def unverified(actor: Actor, client: Client, base: str) -> Any:
    """Name an address of the actor's that waits to be verified."""
    email = f"third.{actor.name}@example.org"
    if "person" in actor.more:
        add_address(actor.more["person"], email, verified=False)
    return {"email": email}


def recovery_code(actor: Actor, client: Client, base: str) -> Any:
    """Show one of the actor's recovery codes."""
    given = client.get(f"{base}/account/authenticators/recovery-codes")
    return {"code": given.json["data"]["unused_codes"][0] if given.status == 200 else "00000000"}


BODIES: Mapping[str, Body] = {
    "transferTrip": constantly({"member": str(key(31))}),
    "redeemInvitations": constantly({"code": CODE}),
    "signUp": constantly({"email": "new@example.org", "password": PASSWORD}),
    "logIn": constantly({"email": NEWCOMER, "password": PASSWORD}),
    "verifyEmail": constantly({"key": BAD_CODE}),
    "requestLoginCode": constantly({"email": NEWCOMER}),
    "confirmLoginCode": constantly({"code": BAD_CODE}),
    "requestPasswordReset": constantly({"email": NEWCOMER}),
    "resetPassword": constantly({"key": BAD_CODE, "password": NEW_PASSWORD}),
    "refreshTokens": own(lambda mine: {"refresh_token": mine["refresh"]}),
    "authenticateByCode": constantly({"code": "00000000"}),
    "authenticateByPasskey": assertion("auth/webauthn/authenticate"),
    "logInByPasskey": assertion("auth/webauthn/login"),
    "reauthenticate": constantly({"password": PASSWORD}),
    "reauthenticateByCode": recovery_code,
    "reauthenticateByPasskey": assertion("auth/webauthn/reauthenticate"),
    "endSessions": own(lambda mine: {"sessions": [mine["session"]]}),
    "changePassword": constantly({"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
    "addEmailAddress": constantly({"email": "new@example.org"}),
    "requestEmailVerification": unverified,
    "makeEmailAddressPrimary": own(lambda mine: {"email": mine["second"], "primary": True}),
    "removeEmailAddress": own(lambda mine: {"email": mine["second"]}),
    "activateTotp": app_code,
    "addPasskey": creation,
    "renamePasskey": own(lambda mine: {"id": mine["passkey"], "name": "Old telephone"}),
    "removePasskeys": own(lambda mine: {"authenticators": [mine["passkey"]]}),
}
"""What is sent to operations that write no row of a resource, or in a way of their own."""

ROW_BODIES = {"POST": samples.created, "PUT": samples.replaced, "PATCH": samples.changed}


def rows_of(owner: Actor) -> dict[str, Any]:
    """Return the row of each resource that is asked for; what the small world has none of, the owner creates."""
    lacking = [each for each in operations() if each.is_list and each.resource not in samples.ROWS]
    return {**samples.ROWS, **{each.resource: row_made(owner, each) for each in lacking}}


def row_made(owner: Actor, operation: Operation) -> Any:
    """Create a row of a resource, and return its key."""
    answer = owner.client(operation, "app").post(operation.path, samples.created(operation.resource))
    assert answer.status == 201, f"tests/access/samples.py says how to create {operation.resource}: {answer.text}"
    return answer.json["id"]


def send(actor: Actor, operation: Operation, flavour: str, rows: Mapping[str, Any], method: str = "") -> Answer:
    """Send the request of an operation, as an actor; or one by another method to the same address."""
    client, base = actor.client(operation, flavour), f"/auth/{flavour}/v1"
    body = NOTHING if method else body_of(actor, operation, client, base)
    named = {part.value["name"] for part in operation.parameters if part.value["in"] == "header"}
    headers = {name: text for name, text in CODES.items() if name in named}
    if operation.id in UNREAD:
        client = client.unchecked()
    return client.send(method or operation.method, address(operation, flavour, rows), body, headers=headers)


def address(operation: Operation, flavour: str, rows: Mapping[str, Any]) -> str:
    """Return the address of the row that is asked for, at one flavour of /auth."""
    path = operation.path.format(client=flavour, slug="not-found", id=rows.get(operation.resource, ""))
    return f"{path}?limit=500" if operation.is_list else path


def body_of(actor: Actor, operation: Operation, client: Client, base: str) -> Any:
    """Return the body of a request, or `NOTHING`."""
    if operation.id in BODIES:
        return BODIES[operation.id](actor, client, base)
    if operation.body is None:
        return NOTHING
    if operation.resource and operation.path in (f"/v1/{operation.resource}", f"/v1/{operation.resource}/{{id}}"):
        return ROW_BODIES[operation.method](operation.resource)
    return operation.example
