"""Lets a viewset declare something else for the length of a test: what is declared is read once, as a value."""

from typing import Any

import pytest

from api.core.resource.registry import REGISTRY
from api.core.views import resource_view as views


def redeclare(monkeypatch: pytest.MonkeyPatch, viewset: Any, **attributes: Any) -> None:
    """Change what a viewset declares, and the resource that stands for its model."""
    for name, value in attributes.items():
        monkeypatch.setattr(viewset, name, value)
    declared = views._type_of.__wrapped__(viewset, viewset.address, viewset.routes_name)
    monkeypatch.setattr(viewset, "resource_type", classmethod(lambda cls: declared))
    monkeypatch.setitem(REGISTRY.by_model, declared.model, declared)
