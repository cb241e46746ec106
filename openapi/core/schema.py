"""How each operation is described; see `Operation`."""

from drf_spectacular.openapi import AutoSchema


class Operation(AutoSchema):  # type: ignore[no-untyped-call]
    """One operation of the contract."""
