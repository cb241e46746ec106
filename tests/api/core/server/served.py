"""The site's ASGI application: composed as `api/asgi.py` composes the API's, without what belongs to the API alone."""

from functools import partial

import django
from django.conf import settings

django.setup(set_prefix=False)

from api.core.server import by_type  # noqa: E402
from api.core.server.databases import reachable  # noqa: E402
from api.core.server.handler import Handler  # noqa: E402
from api.core.server.http import Bridge  # noqa: E402
from api.core.server.lifespan import Lifespan  # noqa: E402
from api.core.server.streams import Streams  # noqa: E402
from api.core.server.threads import Threads  # noqa: E402
from api.core.server.websocket import WebSockets  # noqa: E402

threads = Threads(settings.THREADS)
handler, streams = Handler(), Streams(threads)
http = Bridge(threads, handler, streams)
lifespan = Lifespan([threads.running, partial(reachable, threads), http.serving])

application = by_type({"lifespan": lifespan, "http": http, "websocket": WebSockets(threads, handler, streams)})
