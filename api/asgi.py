"""The ASGI application: a handler for each protocol."""

import os
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from api.core.operations.background import at_the_end, every  # noqa: E402
from api.core.operations.probes import Probes  # noqa: E402
from api.core.operations.settling import settle  # noqa: E402
from api.core.protocols import by_type  # noqa: E402
from api.core.protocols.databases import reachable  # noqa: E402
from api.core.protocols.http import Bridge  # noqa: E402
from api.core.protocols.lifespan import Lifespan  # noqa: E402
from api.core.protocols.threads import Threads  # noqa: E402
from api.core.protocols.websocket import refuse  # noqa: E402
from api.core.shortcut.handler import QuickHandler  # noqa: E402
from resources.core.lastuse import LAST_USES, SECONDS_BETWEEN_WRITES  # noqa: E402

threads = Threads(settings.THREADS)
handler = QuickHandler(resting=True)
http = Bridge(threads, handler)
written = partial(at_the_end, threads, LAST_USES.write)
lifespan = Lifespan([threads.running, partial(reachable, threads), written, http.serving])
every(SECONDS_BETWEEN_WRITES, LAST_USES.write)

application = by_type({"lifespan": lifespan, "http": Probes(http, handler), "websocket": refuse})
settle()
