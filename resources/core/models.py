"""The core's tables, where Django looks for them."""

from resources.core.apikeys import ApiKey

__all__ = ["ApiKey"]
