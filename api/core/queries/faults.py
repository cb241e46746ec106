"""What is wrong with the parameters of one request: gathered, and refused together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from serializers.core.problems import Fault, refuse


@dataclass
class Faults:
    """The faults of a request's parameters, in the order in which they were met."""

    every: list[Fault] = field(default_factory=list)

    def add(self, parameter: str, code: str, detail: str) -> None:
        """Note one thing wrong."""
        self.every.append(Fault(code, detail, parameter=parameter))

    def refuse(self, parameters: Iterable[str]) -> None:
        """Refuse the request if anything was wrong, in the order in which its parameters were written.

        Raises:
            Refusal: `invalid-parameters`, with every fault.
        """
        if self.every:
            written = list(parameters)
            faults = sorted(self.every, key=lambda fault: written.index(str(fault.parameter)))
            detail = faults[0].detail if len(faults) == 1 else f"{len(faults)} parameters are not valid."
            raise refuse("invalid-parameters", detail, faults)
