"""The former address of `absolute`, for domains that were written for it."""

from api.core.http.links import absolute

__all__ = ["absolute"]
