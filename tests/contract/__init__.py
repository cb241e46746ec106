"""Holds every answer that the tests see against the published contract, openapi/schema.yaml."""

from tests.contract.checks import Contract, ContractError
from tests.contract.committed import connect, published
from tests.contract.exchange import Exchange

__all__ = ["Contract", "ContractError", "Exchange", "connect", "published"]
