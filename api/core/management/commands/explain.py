"""`manage.py explain [resource]`: how each resource is read, and what no index serves.

`manage.py explain --all [resource …]`: which filters and orderings read many rows for each that they return.

`manage.py explain access EMAIL RESOURCE [ID]`: what somebody may do with it, and which rules say so.
"""

from dataclasses import replace
from importlib import import_module

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db.models import Model

from api.core.diagnostics.access import access, as_person, lines, person_of
from api.core.diagnostics.explain import Explanation, explain, missing_indexes
from api.core.diagnostics.survey import FINE, TOO_MANY, Survey, survey
from api.core.query.keys import key_fits
from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType
from resources.core.access.decision import text_of


class Command(BaseCommand):
    """Explain how resources are read, and who may do what with them."""

    help = (
        "Say of each resource at which level it is read, why, and which filters and orderings have no index; "
        "or what a person may do with one, and which rules let them in or keep them out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "words",
            nargs="*",
            metavar="resource | access EMAIL resource [ID]",
            help="the plural name of a resource, to see the statement and its plan, too; or who may do what with one",
        )
        parser.add_argument(
            "--scope",
            action="append",
            dest="scopes",
            metavar="SCOPE",
            help="with access: as a key with this scope would act for the person; repeat it for more",
        )
        parser.add_argument(
            "--all",
            action="store_true",
            dest="everything",
            help="try every filter, alone and in every order, by EXPLAIN: which read many rows for each they return",
        )
        parser.add_argument("--seconds", type=float, default=60, help="with --all: how long to try (60)")
        parser.add_argument(
            "--check",
            action="store_true",
            help="exit with 1 where a filter or an ordering by itself is named, and its viewset does not say so",
        )

    def handle(
        self,
        *_: object,
        words: list[str],
        scopes: list[str] | None,
        everything: bool,
        seconds: float,
        check: bool,
        **__: object,
    ) -> None:
        """Explain one resource in full, or all in a line each; or who may do what with one.

        Raises:
            CommandError: there is no such resource, person or row.
            SystemExit: with 1, since a check has found something.
        """
        import_module(settings.ROOT_URLCONF)  # where resources are registered
        if everything or check:
            return self._all([_resource(name) for name in words or sorted(_resources())], seconds, check=check)
        if words[:1] == ["access"]:
            return self._access(words[1:], scopes)
        if len(words) > 1 or scopes:
            raise CommandError("Write manage.py explain [resource], or manage.py explain access EMAIL resource [ID].")
        for name in words or sorted(_resources()):
            self._reading(name, in_full=bool(words))
        return None

    def _all(self, resources: list[ResourceType], seconds: float, *, check: bool) -> None:
        done = survey(resources, seconds=seconds)
        for line in done.lines:
            self.stdout.write(self.style.WARNING(line))
        for model, proposals in done.proposals.items():
            self.stdout.write(f"\nMeta.indexes of {model.__name__}:")
            for proposal, served in proposals:
                self.stdout.write(f"    {proposal},  # serves {served}")
        self._remarks(done, seconds)
        self.stdout.write(
            f"{done.tried} lists explained, {len(done.findings)} have no index, or read over {TOO_MANY} rows for each"
            f" that they return and {FINE:,} in all; {len(done.failing)} of them by one filter or ordering."
        )
        if check and (done.failing or done.needless):
            raise SystemExit(1)

    def _remarks(self, done: Survey, seconds: float) -> None:
        """Say what was not tried, and what is known."""
        self.stdout.write("")
        for name, reason in done.left_out.items():
            self.stdout.write(f"left out: {name}, because {reason}")
        for name, many in done.late.items():
            self.stdout.write(f"left out: {many} of {name}, because {seconds:g} seconds were over: --seconds")
        for name, many in done.known.items():
            self.stdout.write(f"known: {many} of {name}, which its viewset says to have no index")
        for each in done.needless:
            self.stdout.write(self.style.WARNING(f"needless: {each} has an index, or is not offered: unindexed"))
        if hopeless := sum(each.proposal is None for each in done.findings):
            self.stdout.write(f"No index that could be proposed would serve {hopeless} of them.")

    def _access(self, words: list[str], scopes: list[str] | None) -> None:
        if not 2 <= len(words) <= 3:
            raise CommandError("Write manage.py explain access EMAIL resource [ID].")
        email, resource = words[0], _resource(words[1])
        person = person_of(email)
        if person is None:
            raise CommandError(f"Nobody has the address {email!r}.")
        actor = as_person(person) if scopes is None else replace(as_person(person), scopes=frozenset(scopes))
        row = _row(resource, words[2]) if words[2:] else None
        self.stdout.write("\n".join(lines(access(resource, actor, row), str(person))))
        if not person.is_active:
            self.stdout.write(self.style.WARNING("\nThe person is not active, and is refused whatever the rules say."))

    def _reading(self, name: str, *, in_full: bool) -> None:
        resource = _resource(name)
        try:
            explanation = explain(resource)
        except Exception as fault:  # whatever custom code of the viewset may raise, the others are explained
            self.stdout.write(self.style.WARNING(f"{name}: its own code fails in a plain request: {fault!r}"))
            return
        because = f", because {explanation.reason}" if explanation.reason else ""
        self.stdout.write(f"{name}: {explanation.level}{because}")
        if in_full:
            self._in_full(explanation)
        for member, rule in resource.field_rules.items() if in_full else ():
            self.stdout.write(f"field rule: {member} by {text_of(rule)}")
        for warning in missing_indexes(resource):
            self.stdout.write(self.style.WARNING(f"  warning: {warning}"))

    def _in_full(self, explanation: Explanation) -> None:
        self.stdout.write(f"\n{explanation.sql}\n\n{explanation.plan}\n")
        self.stdout.write(f"indexes: {', '.join(explanation.indexes) or 'none'}")


def _resources() -> dict[str, ResourceType]:
    first_wins = reversed(list(REGISTRY.every))
    return {resource.plural: resource for resource in first_wins}


def _resource(name: str) -> ResourceType:
    resources = _resources()
    if name not in resources:
        raise CommandError(f"There is no resource {name!r}. There are {', '.join(sorted(resources))}.")
    return resources[name]


def _row(resource: ResourceType, key: str) -> Model:
    column = resource.key
    rows = resource.model._default_manager.filter(**{column.name: key}) if key_fits(column, key) else None
    row = None if rows is None else rows.first()
    if row is None:
        raise CommandError(f"There is no row {key!r} among {resource.plural}.")
    return row
