"""The WSGI application: the same API for servers that know no ASGI, without what needs a connection for long."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
gc.disable()  # until `warm_up`
django.setup(set_prefix=False)

from api.core.server.housekeeping import keep_house  # noqa: E402
from api.core.server.triggers import check_at_import  # noqa: E402
from api.core.server.warmup import warm_up  # noqa: E402
from api.core.short_cut.handler import QuickHandler  # noqa: E402

check_at_import()
application = QuickHandler()
warm_up()
keep_house()
