"""Django's cache, where allauth counts its own limits and keeps used codes: in Valkey, if there is one."""


def caches(url: str) -> dict[str, dict[str, object]]:
    """Return Django's setting CACHES for a Valkey, or for none."""
    if not url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    from api.core.limits.valkey import PATIENCE

    options = {
        "serializer": "api.core.settings.shared_cache.JsonSerializer",
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "retry": Retry(NoBackoff(), 0),
    }
    backend = "api.core.settings.shared_cache.SharedCache"
    return {"default": {"BACKEND": backend, "LOCATION": url, "KEY_PREFIX": "headwater:cache", "OPTIONS": options}}
