"""The ASGI application: a handler for each protocol."""

import gc
import os
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
gc.disable()  # until `warm_up`
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from api.core.diagnostics.probes import Probes  # noqa: E402
from api.core.server import by_type  # noqa: E402
from api.core.server.background import at_the_end  # noqa: E402
from api.core.server.databases import reachable  # noqa: E402
from api.core.server.housekeeping import keep_house  # noqa: E402
from api.core.server.http import Bridge  # noqa: E402
from api.core.server.lifespan import Lifespan  # noqa: E402
from api.core.server.streams import Streams  # noqa: E402
from api.core.server.threads import Threads  # noqa: E402
from api.core.server.triggers import journaled  # noqa: E402
from api.core.server.warmup import warm_up  # noqa: E402
from api.core.server.websocket import WebSockets  # noqa: E402
from api.core.short_cut.handler import QuickHandler  # noqa: E402
from resources.core.api_keys.last_use import LAST_USES  # noqa: E402

threads = Threads(settings.THREADS, settings.THREADS_AT_ONCE)
handler = QuickHandler(resting=True)
streams = Streams(threads)
http = Bridge(threads, handler, streams)
last_uses = partial(at_the_end, threads, LAST_USES.write)
lifespan = Lifespan(
    [threads.running, partial(reachable, threads), partial(journaled, threads), last_uses, http.serving]
)

application = by_type(
    {"lifespan": lifespan, "http": Probes(http, handler), "websocket": WebSockets(threads, handler, streams)}
)
warm_up()
keep_house()
