"""Changes as CloudEvents 1.0, in their JSON format: the same objects in answers, streams and the history of a row.

https://github.com/cloudevents/spec, `cloudevents/spec.md` and `formats/json-format.md`. They are put together of texts
that the database has written, since a page has thousands of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from api.core.changes.visibility import Shown
from api.core.resource.resource_type import ResourceType
from resources.core.actor import Actor
from resources.core.journal.log import Entry

MEDIA_TYPE = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the events of one resource for somebody.

    Attributes:
        head: what stands in every event, up to its type: the version, and the address of the collection as the source.
        plural: the name of the resource.
        own: the key of who reads, as text; None for nobody.
        everybody: whether they are told of others, too.
    """

    head: str
    plural: str
    own: str | None
    everybody: bool

    @classmethod
    def of(cls, resource: ResourceType, actor: Actor, origin: str) -> Writer:
        """Return what writes the events of a resource, with links to an origin."""
        source = msgspec.json.encode(origin + resource.path()).decode()
        head = f'{{"specversion":"1.0","source":{source},"datacontenttype":"application/json"'
        return cls(head, resource.plural, None if actor.anonymous else str(actor.id), actor.is_staff)

    def write(self, entry: Entry, shown: Shown) -> str:
        """Write an event.

        Its subject names the row as its address does. Who acted is told to themselves, and to staff: others learn from
        the row what it is, and not who was at it.
        """
        id_ = shown.id
        subject = id_ if id_[:1] == '"' else f'"{id_}"'
        actor = ""
        if entry.actor is not None and (self.everybody or entry.actor == self.own):
            actor = f',"actor":{msgspec.json.encode(entry.actor).decode()}'
        return (
            f'{self.head},"id":"{entry.position}-{entry.fingerprint}","type":"{self.plural}.{shown.kind}",'
            f'"subject":{subject},"time":"{time_of(entry.changed_at)}"{actor},"data":{shown.data}}}'
        )


def time_of(moment: datetime) -> str:
    """Write a time as RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
