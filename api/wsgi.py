"""The WSGI application: the same API for servers that know no ASGI, without what needs a connection for long."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
gc.disable()  # until `warm_up`
django.setup(set_prefix=False)

from api.core.server.background import beside, every  # noqa: E402
from api.core.server.heap import SECONDS_BETWEEN_TRIMS, trim  # noqa: E402
from api.core.server.triggers import check_at_import  # noqa: E402
from api.core.server.warmup import warm_up  # noqa: E402
from api.core.short_cut.handler import QuickHandler  # noqa: E402
from resources.core.api_keys.last_use import LAST_USES, SECONDS_BETWEEN_WRITES  # noqa: E402
from resources.core.database.sqlite.background_folding import SECONDS_BETWEEN_STEPS, fold_step  # noqa: E402
from resources.core.database.sqlite.statistics import SECONDS_BETWEEN_LOOKS, renew  # noqa: E402
from resources.core.journal.feed import FEED  # noqa: E402
from resources.core.journal.retention import SECONDS_BETWEEN_PRUNES, prune  # noqa: E402

check_at_import()
application = QuickHandler()
every(SECONDS_BETWEEN_WRITES, LAST_USES.write)
every(SECONDS_BETWEEN_TRIMS, trim)
every(SECONDS_BETWEEN_LOOKS, renew)
every(SECONDS_BETWEEN_STEPS, fold_step)
every(SECONDS_BETWEEN_PRUNES, prune)
warm_up()
beside(FEED.run, "headwater-journal")
