"""A request as limits see it: who sent it, what was decided about it, and what it counts for in the end.

The short cut and Django's middleware both count through it, so that a request that goes both ways is counted once.
"""

from dataclasses import dataclass

from api.core.limits import admission, work
from api.core.limits.rates import Admission
from resources.core.actor import ANONYMOUS, Actor
from serializers.core.problems import Refusal

VISIT = "headwater.visit"
"""Where in an environ stands the visit that was counted before Django had the request."""


@dataclass(slots=True)
class Visit:
    """What is known of a request: where it came from, what was decided, and whether that was the last word."""

    address: str
    decision: Admission | None = None
    is_final: bool = True
    actor: Actor = ANONYMOUS

    def count(self, cost: int = 1) -> Admission | None:
        """Count requests, or what counts for as many, for the person who asks, or for the address."""
        if self.actor.id is None:
            return admission.of_address(self.address, cost)
        return admission.of_actor(self.actor, cost)

    def begin(self, actor: Actor) -> bool:
        """Take who asks, and count their request; say whether it may be answered."""
        self.actor = actor
        if actor.id is not None:
            work.recognize()
        self.decision, self.is_final = self.count(), True
        return self.decision is None or self.decision.allowed

    def identify(self, actor: Actor) -> None:
        """Take who asks, and count their request.

        Raises:
            Refusal: it came too soon.
        """
        self.begin(actor)
        self.conclude(self.decision)

    def conclude(self, decision: Admission | None) -> None:
        """Take the last word.

        Raises:
            Refusal: it came too soon.
        """
        self.decision, self.is_final = decision, True
        if decision is not None and not decision.allowed:
            raise Refusal(admission.refusal(decision))

    def end(self, size: int) -> None:
        """Count what the answer was worth beyond the one request: its bytes, and the work for it."""
        if cost := work.further(size):
            self.decision = self.count(cost)
