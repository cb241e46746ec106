"""Holds every answer that the tests see against the published contract, openapi/schema.yaml."""

from tests.contract.checks import Contract, ContractError
from tests.contract.committed import live, published
from tests.contract.exchange import Exchange

__all__ = ["Contract", "ContractError", "Exchange", "live", "published"]
