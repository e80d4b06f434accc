"""Pseudonyms: a demonstration retold with invented names, so that names must be copied and cannot be known by heart.

The world holds some hundred countries and some thousand cities and companies. A small policy learns how their names go
on, and then errs on those that were held out. A retold demonstration keeps its tools, dates, numbers and codes, but
every name in it is, wherever it occurs, another that was drawn at random and that nothing bears.
"""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import Any

from envs.messages import Observation, ToolCall, Turn
from envs.tasks.task import Task
from toolservers.result import ToolResult

NAME = re.compile(r"(?!yes$|no$).*[^\W\d_A-Z].*", re.DOTALL)  # spelled with small letters, and no answer word
WORDS = (1, 1, 2, 2, 2, 3, 4)
JOINTS = (" ", " ", " ", " ", "-", "/", ", ", " & ", " of ", "_")
ONSETS = (*"bcdfghjklmnprstvwyz", "br", "ch", "gr", "kl", "pr", "sh", "st", "th", "tr", "ll", "nn")
VOWELS = (*"aaeeiioouáéöü", "ai", "ea", "ou")


class Pseudonyms:
    """The invented names of one demonstration: the same name is replaced by the same pseudonym throughout."""

    def __init__(self, task: Task, rng: Random) -> None:
        self._rng = rng
        self._names: dict[str, str] = {}
        literals = [value for call in task.proof.calls for value in call.arguments.values() if isinstance(value, str)]
        self._kept = {literal for literal in literals if literal not in task.question}  # said in other words
        for literal in literals:
            self._rename(literal)

    def observation(self, observation: Observation) -> Observation:
        """What the policy is to read instead."""
        return replace(observation, question=self._text(observation.question),
                       results=tuple(ToolResult(self._value(result.output), result.error, result.message)
                                     for result in observation.results))

    def turn(self, turn: Turn) -> Turn:
        """What the policy is to write instead."""
        calls = tuple(ToolCall(call.name, self._value(call.arguments)) for call in turn.calls)
        return replace(turn, calls=calls, answer=None if turn.answer is None else self._text(turn.answer))

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._rename(value)
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        return [self._value(item) for item in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        """Longer names first: "New York" is not a new "York"."""
        known = sorted(self._names, key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in known)
        return re.sub(pattern, lambda found: self._names[found[0]], text) if known else text

    def _rename(self, value: str) -> str:
        if value in self._kept or not NAME.fullmatch(value):
            return value
        if value not in self._names:
            self._names[value] = self._invent()
        return self._names[value]

    def _invent(self) -> str:
        name = self._word()
        for _ in range(self._rng.choice(WORDS) - 1):
            name += self._rng.choice(JOINTS) + self._word()
        return name

    def _word(self) -> str:
        syllables = range(self._rng.randint(1, 4))
        word = "".join(self._rng.choice(ONSETS) + self._rng.choice(VOWELS) for _ in syllables)
        word += self._rng.choice(("", "n", "s", "r", "rg", "l"))
        return word.capitalize() if self._rng.random() < 0.85 else word
