"""What a body is read into: values by the model's names, and the serializers that hold them."""

from collections.abc import Mapping

from serializers.core.kinds import RowsSerializer, Serializer

type Values = Mapping[str, object]
"""What was validated, by `source`: each value is of the type that its column, or a field of somebody's own, makes."""
type Writer = Serializer | RowsSerializer
"""Reads a body and saves what it says: one row, or a list of them."""
