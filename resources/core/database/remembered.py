"""What was found out about rows a while ago, such as whether somebody has few: out of date, it costs time at most."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass, field

REMEMBERED_FOR = 60.0
"""Seconds for which an answer is good."""
REMEMBERED = 16_384
"""Answers that are remembered. Beyond that the older half goes."""


@dataclass(frozen=True, slots=True)
class Remembered[Answer]:
    """Answers to questions, each for a minute. Threads may share it."""

    answers: dict[Hashable, tuple[float, Answer]] = field(default_factory=dict)

    def get(self, question: Hashable) -> Answer | None:
        """Return the answer to a question; None where it is not remembered."""
        answer = self.answers.get(question)
        return None if answer is None or time.monotonic() > answer[0] else answer[1]

    def keep(self, question: Hashable, answer: Answer) -> None:
        """Remember an answer."""
        self.answers.pop(question, None)  # so that the order is that of their age
        self.answers[question] = time.monotonic() + REMEMBERED_FOR, answer
        if len(self.answers) > REMEMBERED:
            for old in list(self.answers)[: REMEMBERED // 2]:  # a copy, made in one step: others may add to them
                self.answers.pop(old, None)
