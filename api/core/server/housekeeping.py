"""What every serving process does beside requests, under ASGI and WSGI alike."""

from api.core.server.background import beside, every
from api.core.server.heap import SECONDS_BETWEEN_TRIMS, trim
from resources.core.api_keys.last_use import LAST_USES, SECONDS_BETWEEN_WRITES
from resources.core.database.sqlite import background_folding, statistics
from resources.core.idempotency import answers
from resources.core.journal import retention
from resources.core.journal.feed import FEED


def keep_house() -> None:
    """Begin with all of it, in threads that end with the process."""
    every(SECONDS_BETWEEN_WRITES, LAST_USES.write)
    every(SECONDS_BETWEEN_TRIMS, trim)
    every(statistics.SECONDS_BETWEEN_LOOKS, statistics.renew)
    every(background_folding.SECONDS_BETWEEN_STEPS, background_folding.fold_step)
    every(answers.SECONDS_BETWEEN_STEPS, answers.forget)
    every(retention.SECONDS_BETWEEN_LOOKS, retention.prune, at_the_end=False)
    beside(FEED.run, "headwater-journal")
