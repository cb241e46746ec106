"""The files of a new resource: a model, a serializer and a viewset, and the tests that show what they promise."""

from pathlib import Path
from string import Template

from api.core.scaffold.names import Names

TEMPLATES = Path(__file__).parent / "templates"
PLACES = {
    # where a file goes: the template that it comes from; none for an empty package
    "resources/{0}/__init__.py": "package",
    "resources/{0}/apps.py": "app",
    "resources/{0}/models.py": "model",
    "resources/{0}/migrations/__init__.py": None,
    "serializers/{0}.py": "serializer",
    "api/{0}.py": "viewset",
    "tests/api/test_{0}.py": "test",
}


def files_of(names: Names) -> dict[str, str]:
    """Return the text of every file of a resource, by its path from the project's root."""
    words = _words(names)
    return {
        place.format(names.plural): _template(template).substitute(words) if template else ""
        for place, template in PLACES.items()
    }


def _template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.txt").read_text())


def _words(names: Names) -> dict[str, str]:
    imports = (f"from resources.{names.plural}.models import {names.model}", "from resources.core.policy import owner")
    return {
        "singular": names.singular,
        "plural": names.plural,
        "route": names.route,
        "noun": names.noun,
        "nouns": names.nouns,
        "Nouns": names.nouns.capitalize(),
        "Model": names.model,
        "Models": names.models,
        "imports": "\n".join(sorted(imports)),
    }
