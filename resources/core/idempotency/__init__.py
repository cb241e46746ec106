"""Answers, stored by the `Idempotency-Key` of their requests, so that a request that is repeated is done once."""
