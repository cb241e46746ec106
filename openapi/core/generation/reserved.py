"""The names of schemas that are given away: Headwater's own, and those of the resources."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from api.core.resource.registry import REGISTRY
from openapi.core.generation import names, people, problems
from openapi.core.yaml_text import parse_yaml

SERVICE = Path(__file__).parent / "service.yaml"
OF_A_RESOURCE = ("{}", "Partial{}", "{}Page", "{}Create", "{}Replace", "{}Update", "{}Filter")
"""The schemas that a resource has, by the name of what its serializer shows."""


@cache
def own_names() -> Mapping[str, str]:
    """Return the names of Headwater's own schemas, and what each describes."""
    service: Mapping[str, object] = parse_yaml(SERVICE.read_text(encoding="utf-8"))["components"]["schemas"]
    return {
        **dict.fromkeys(service, "what Headwater's own addresses answer"),
        **dict.fromkeys(people.operations()["schemas"], "what the operations at /auth read and answer"),
        **dict.fromkeys(problems.SCHEMAS, "the errors of Headwater"),
    }


def is_taken(name: str) -> bool:
    """Whether an enumeration cannot have a name, since a schema of another kind has it."""
    return name in own_names() or name in set(_of_resources())


def _of_resources() -> Iterator[str]:
    for resource in REGISTRY.every:
        shown = names.component(resource.serializer)
        yield from (form.format(shown) for form in OF_A_RESOURCE)
