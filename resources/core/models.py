"""The core's tables, where Django looks for them."""

from resources.core.api_keys.models import ApiKey
from resources.core.idempotency.models import StoredAnswer
from resources.core.journal.models import Change, Journal, OpenTransaction, Position, SequencerPass
from resources.core.tickets import Ticket

__all__ = ["ApiKey", "Change", "Journal", "OpenTransaction", "Position", "SequencerPass", "StoredAnswer", "Ticket"]
