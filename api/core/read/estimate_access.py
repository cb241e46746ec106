"""Whether the database's statistics may be told: they speak of all rows of a table, also of those one may not read."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Model

from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.search import column_of
from api.core.read.pipeline import Pipeline
from resources.core.database.related import LOOKUP_SEPARATOR, relation
from resources.core.policy import ALL


def is_open(pipeline: Pipeline) -> bool:
    """Whether the actor may read every row that the conditions ask about; not where code of one's own chooses rows."""
    filters = [pipeline.grammar.filters[name] for name in pipeline.shape.filters()]
    if pipeline.resource.custom_code is not None or not all(isinstance(each, LookupFilter) for each in filters):
        return False
    if pipeline.resource.allowed("read", pipeline.actor) is not ALL:
        return False
    paths = [str(each.field_name) for each in filters]
    if pipeline.words:
        paths += [column_of(pipeline.grammar.model, field)[0] for field in pipeline.grammar.search]
    crossed = {model for path in paths for model in models_along(pipeline.grammar.model, path)}
    return all(pipeline.readable.narrower(model) is None for model in crossed)


def models_along(model: type[Model], path: str) -> Iterator[type[Model]]:
    """Yield the models that a path of relations leads through."""
    for name in path.split(LOOKUP_SEPARATOR):
        field = relation(model, name)
        if field is None:
            return
        model = field.related_model
        yield model
