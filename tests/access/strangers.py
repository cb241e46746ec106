"""Two people who have nothing to do with each other, each with rows of every resource that a person can have."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from resources.accounts.models import Person
from resources.core.models import ApiKey
from resources.trips.models import Member
from tests.access.actors import Actor, person
from tests.access.operations import Operation, document, operations
from tests.access.samples import created, members
from tests.client import Client
from tests.contract.document import Part

LONG_ENOUGH = 40
"""Letters that a text must take to carry a word that stands nowhere else."""


@dataclass(repr=False)
class Stranger:
    """Somebody with a world of their own.

    Attributes:
        word: stands in each of their texts, and in nobody else's.
        rows: what they have, by resource, as they see it.
        etags: the ETags of their rows and pages, by address.
        cursors: where their lists go on, by resource.
    """

    actor: Actor
    friends: tuple[Person, Person]
    word: str
    rows: dict[str, list[Any]] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show the word."""
        return self.word

    @property
    def who(self) -> Person:
        """The person."""
        found: Person = self.actor.more["person"]
        return found

    @property
    def client(self) -> Client:
        """What they send requests with, but to /auth."""
        return self.actor.devices["app"].api.with_key(self.actor.keys[""])

    @property
    def ids(self) -> dict[str, str]:
        """A key of theirs of each kind: of a row of each resource, of themselves, of their friend."""
        rows = {resource: rows[0]["id"] for resource, rows in self.rows.items()}
        return rows | {"person": str(self.who.pk), "friend": str(self.friends[0].pk)}

    @property
    def values(self) -> list[Any]:
        """Everything else that stands in their rows, each value once."""
        found = {repr(value): value for rows in self.rows.values() for row in rows for value in row.values()}
        known = [value for value in found.values() if isinstance(value, str | int | float) and value != ""]
        return [*known, self.who.email]

    def leave(self) -> None:
        """Make a world in which they, and all that is theirs, have never been."""
        for each in (*self.friends, self.who):
            Person.objects.filter(pk=each.pk).delete()


def make_stranger(api: Client, name: str, **values: Any) -> Stranger:
    """Let somebody sign up, log in, and make two rows of every resource that takes theirs."""
    who = Person.objects.create(email=f"{name}@example.org", name=name.title(), **values)
    one, other = (Person.objects.create(email=f"{number}.friend.of.{name}@example.org") for number in (1, 2))
    actor = replace(person(api, who), keys={"": ApiKey.objects.issue(who)})
    made = Stranger(actor, (one, other), f"canary{name}")
    for operation in creations():
        made.rows[operation.resource] = [create(made, operation, number) for number in (1, 2)]
    made.rows["members"] = [join(made, number) for number in (1, 2)]
    for resource, rows in made.rows.items():
        look_around(made, resource, rows)
    return made


def creations() -> list[Operation]:
    """Return the operations that create what is a person's own, those first that the others refer to."""
    reference = {each.resource for each in operations() if each.is_list and {} in each.part.value["security"]}
    own = {
        each.resource: each for each in operations() if each.method == "POST" and each.path == f"/v1/{each.resource}"
    }
    return sorted((own[name] for name in own.keys() - reference), key=lambda each: (len(relations(each)), each.id))


def relations(operation: Operation) -> dict[str, str]:
    """Return the members of a body that refer to another resource with keys of its own, and which."""
    names = {each.resource for each in operations()}
    return {name: f"{name}s" for name in members(operation)[0] if f"{name}s" in names and name_is_key(operation, name)}


def name_is_key(operation: Operation, name: str) -> bool:
    """Whether a member holds the UUID of something."""
    return schema_of(members(operation)[0][name]).get("format") == "uuid"


def schema_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow the reference of a schema."""
    found: dict[str, Any] = document().follow(Part(schema, "")).value
    return found


def create(stranger: Stranger, operation: Operation, number: int) -> Any:
    """Create a row of a stranger's, and return it."""
    answer = stranger.client.post(operation.path, own_body(stranger, operation, number))
    assert answer.status == 201, f"tests/access/samples.py says how to create {operation.resource}: {answer.text}"
    return answer.json


def join(stranger: Stranger, number: int) -> Any:
    """Let a friend take part in a trip, and return the membership; otherwise they come by invitation."""
    trip = stranger.rows["trips"][number - 1]["id"]
    member = Member.objects.create(trip_id=trip, person=stranger.friends[0])
    return stranger.client.get(f"/v1/members/{member.pk}").json


def own_body(stranger: Stranger, operation: Operation, number: int) -> dict[str, Any]:
    """Write a body that refers to what is a stranger's own, with their word in every text that takes one.

    Args:
        number: 1 and 2 are their rows; 3 and 4 could be two more.
    """
    body = dict(operation.example or created(operation.resource)) | dict(
        texts(operation, f"{stranger.word} {operation.resource} {number}")
    )
    for name, resource in relations(operation).items():
        body |= {name: stranger.rows[resource][number % 2]["id"]}
    alone = {"email": f"{number}.{stranger.word}@example.org", "position": number}
    body |= {name: value for name, value in alone.items() if name in body}
    return {name: value for name, value in body.items() if name in members(operation)[0]}


def texts(operation: Operation, text: str) -> Iterator[tuple[str, str]]:
    """Yield the members of a body that take any text."""
    for name, said in members(operation)[0].items():
        schema = schema_of(said)
        free = not schema.keys() & {"enum", "format"} and schema.get("maxLength", LONG_ENOUGH) >= LONG_ENOUGH
        if schema.get("type") == "string" and free:
            yield name, text


def look_around(stranger: Stranger, resource: str, rows: list[Any]) -> None:
    """Remember the ETags that a stranger is given, and where their list goes on."""
    path = f"/v1/{resource}"
    page = stranger.client.get(path, limit=1)
    stranger.etags[path], stranger.cursors[resource] = page.headers["ETag"], page.json["next"] or ""
    for row in rows:
        address = f"{path}/{row['id']}"
        stranger.etags[address] = stranger.client.get(address).headers["ETag"]
