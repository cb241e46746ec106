"""What is wrong with the parameters of one request: gathered, and refused together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from api.core.query.suggestions import MOST_SUGGESTIONS, unknown
from serializers.core.problems import Fault, refuse

MOST_FAULTS = 100
"""How many things are said to be wrong. A query string has room for thousands of names."""


@dataclass
class Faults:
    """The faults of a request's parameters, in the order in which they were met.

    Attributes:
        parameters: of the request, in the order in which they were written.
        every: the faults so far.
    """

    parameters: Mapping[str, object]
    every: list[Fault] = field(default_factory=list)

    def add(self, parameter: str, code: str, detail: str) -> None:
        """Note one thing wrong.

        Raises:
            Refusal: it is one of so many that no more is read.
        """
        self.every.append(Fault(code, detail, parameter=parameter))
        if len(self.every) == MOST_FAULTS:
            self.refuse()

    def unknown(self, what: str, name: str, names: Callable[[], Iterable[str]]) -> str:
        """Say that a name is unknown; the first few times, suggest the nearest one that is known.

        A name takes a twentieth of a millisecond to compare with all that are known.
        """
        return unknown(what, name, names() if len(self.every) < MOST_SUGGESTIONS else ())

    def refuse(self) -> None:
        """Refuse the request if anything was wrong, in the order in which its parameters were written.

        Raises:
            Refusal: `invalid-parameters`, with every fault.
        """
        if not self.every:
            return
        places = {name: place for place, name in enumerate(self.parameters)}
        faults = sorted(self.every, key=lambda fault: places[str(fault.parameter)])
        detail = faults[0].detail
        if len(faults) == MOST_FAULTS:
            detail = f"{MOST_FAULTS} faults were found; no more were looked for."
        elif len(faults) > 1:
            detail = f"{len(faults)} parameters are not valid."
        raise refuse("invalid-parameters", detail, faults)
