"""The table of rules: what may differ, whether it breaks clients, and how to say it."""

from dataclasses import dataclass

from openapi.core.diff.difference import Change, Difference, Direction


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of difference. The sentence is completed by `str.format`."""

    breaking: bool
    sentence: str


BREAKS, KEEPS = True, False

_RULES = {
    # Paths and operations
    "path-removed": Rule(BREAKS, "The path {name} is gone."),
    "path-added": Rule(KEEPS, "The path {name} is new."),
    "operation-removed": Rule(BREAKS, "{name} is gone."),
    "operation-added": Rule(KEEPS, "{name} is new."),
    "operation-deprecated": Rule(KEEPS, "{name} is now deprecated."),
    "operation-id-changed": Rule(
        BREAKS, "The operationId went from {old} to {new}: generated clients name their functions after it."
    ),
    "operation-tag-changed": Rule(
        BREAKS, "The first tag went from {old} to {new}: generated clients name their modules after it."
    ),
    "server-removed": Rule(BREAKS, "The server {name} is gone."),
    # Security
    "security-stricter": Rule(BREAKS, "{old} no longer suffices: now {new} is asked."),
    "security-looser": Rule(KEEPS, "{new} suffices now, where {old} was asked."),
    "security-scheme-removed": Rule(BREAKS, "The security scheme {name} is gone."),
    "security-scheme-changed": Rule(BREAKS, "The security scheme {name} is presented otherwise: {what} changed."),
    # Parameters
    "parameter-removed": Rule(BREAKS, "The {place} parameter {name} is gone, and unknown parameters are refused."),
    "parameter-added": Rule(KEEPS, "The {place} parameter {name} is new and may be left out."),
    "parameter-added-required": Rule(BREAKS, "The {place} parameter {name} is new and required."),
    "parameter-became-required": Rule(BREAKS, "The {place} parameter {name} may no longer be left out."),
    "parameter-became-optional": Rule(KEEPS, "The {place} parameter {name} may now be left out."),
    "parameter-moved": Rule(BREAKS, "The parameter {name} moved from {old} to {new}."),
    "parameter-style-changed": Rule(BREAKS, "The {place} parameter {name} is written otherwise: {what} changed."),
    "parameter-deprecated": Rule(KEEPS, "The {place} parameter {name} is now deprecated."),
    # Bodies, responses, headers
    "request-body-removed": Rule(BREAKS, "A body is no longer expected."),
    "request-body-added": Rule(KEEPS, "A body may now be sent."),
    "request-body-added-required": Rule(BREAKS, "A body is now required."),
    "request-body-became-required": Rule(BREAKS, "The body may no longer be left out."),
    "request-body-became-optional": Rule(KEEPS, "The body may now be left out."),
    "request-media-type-removed": Rule(BREAKS, "A body of {name} is no longer accepted."),
    "request-media-type-added": Rule(KEEPS, "A body of {name} is now accepted."),
    "response-status-removed": Rule(BREAKS, "The answer {name} is gone."),
    "response-status-added": Rule(KEEPS, "The answer {name} is new."),
    "response-media-type-removed": Rule(BREAKS, "The answer is no longer to be had as {name}."),
    "response-media-type-added": Rule(KEEPS, "The answer is now to be had as {name}, too."),
    "response-header-removed": Rule(BREAKS, "The header {name} is gone."),
    "response-header-added": Rule(KEEPS, "The header {name} is new."),
    "response-header-became-optional": Rule(BREAKS, "The header {name} is no longer always there."),
    "response-header-became-required": Rule(KEEPS, "The header {name} is now always there."),
    # Members of objects
    "request-property-removed": Rule(BREAKS, "The property {name} is gone, and unknown properties are refused."),
    "request-property-added": Rule(KEEPS, "The property {name} is new and may be left out."),
    "request-property-added-required": Rule(BREAKS, "The property {name} is new and required."),
    "request-property-became-required": Rule(BREAKS, "The property {name} may no longer be left out."),
    "request-property-became-optional": Rule(KEEPS, "The property {name} may now be left out."),
    "response-property-removed": Rule(BREAKS, "The property {name} is gone: who reads it finds nothing."),
    "response-property-added": Rule(KEEPS, "The property {name} is new."),
    "response-property-became-optional": Rule(BREAKS, "The property {name} is no longer always there."),
    "response-property-became-required": Rule(KEEPS, "The property {name} is now always there."),
    "response-object-opened": Rule(KEEPS, "Answers may now hold properties that are not listed."),
    "property-deprecated": Rule(KEEPS, "The property {name} is now deprecated."),
    # What a value left out stands for
    "request-default-added": Rule(KEEPS, "What is left out now counts as {new}."),
    "request-default-changed": Rule(BREAKS, "What is left out counted as {old} and now as {new}."),
    "response-default-changed": Rule(KEEPS, "The default said {old} and now says {new}."),
    # Components
    "component-removed": Rule(BREAKS, "The component {name} is gone: generated clients name their types after it."),
}

# The rules for a single value. What a client may send must not shrink, what it may receive must not grow.
FACETS = (
    "type", "nullable", "enum", "format", "pattern", "minimum", "maximum", "multipleOf", "minLength", "maxLength",
    "minItems", "maxItems", "uniqueItems", "items", "prefixItems", "contains", "minContains", "maxContains",
    "minProperties", "maxProperties", "additionalProperties", "patternProperties", "propertyNames",
    "unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas", "not", "if", "then", "else",
    "oneOf", "anyOf", "discriminator", "contentEncoding", "contentMediaType", "contentSchema",
)  # fmt: skip

_SENTENCES = {
    (Direction.REQUEST, Change.NARROWED): Rule(
        BREAKS, "{facet} went from {old} to {new}: values that were accepted are refused."
    ),
    (Direction.REQUEST, Change.WIDENED): Rule(KEEPS, "{facet} went from {old} to {new}: more is accepted."),
    (Direction.RESPONSE, Change.NARROWED): Rule(KEEPS, "{facet} went from {old} to {new}: answers vary less."),
    (Direction.RESPONSE, Change.WIDENED): Rule(
        BREAKS, "{facet} went from {old} to {new}: answers hold values that clients do not know."
    ),
    (Direction.REQUEST, Change.CHANGED): Rule(
        BREAKS, "{facet} went from {old} to {new}: values that were accepted may be refused."
    ),
    (Direction.RESPONSE, Change.CHANGED): Rule(
        BREAKS, "{facet} went from {old} to {new}: answers may hold values that clients do not know."
    ),
}

# Generated clients give each value of an enum a name, so in answers a value may not go, either.
_EXCEPTIONS = {
    "response-enum-narrowed": Rule(
        BREAKS, "enum went from {old} to {new}: generated clients name the values that are gone."
    )
}

RULES = (
    _RULES
    | {f"{direction}-{facet}-{change}": rule for (direction, change), rule in _SENTENCES.items() for facet in FACETS}
    | _EXCEPTIONS
)

SHOWN = 200


def difference(rule: str, location: str, **words: object) -> Difference:
    """Make a difference by its rule.

    Raises:
        KeyError: the table has no such rule.
    """
    kind = RULES[rule]
    texts = {name: _short(str(word)) for name, word in words.items()}
    return Difference(location, rule, kind.sentence.format(**texts), kind.breaking)


def facet_difference(
    facet: str, change: Change, direction: Direction, location: str, *, old: object, new: object
) -> Difference:
    """Make a difference in what is allowed of a single value."""
    return difference(f"{direction}-{facet}-{change}", location, facet=facet, old=old, new=new)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
