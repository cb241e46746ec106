"""The core's tables, where Django looks for them."""

from resources.core.api_keys.models import ApiKey

__all__ = ["ApiKey"]
