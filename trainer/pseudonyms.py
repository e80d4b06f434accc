"""Pseudonyms: an episode under invented names, so that names must be copied and cannot be known by heart.

The world holds some hundred countries and some thousand cities and companies. A small policy learns how their names go
on, and then errs on those that were held out. Under pseudonyms an episode keeps its tools, dates and numbers, but every
name and code in it is, wherever it occurs, another that was drawn at random and that nothing bears. A demonstration is
retold that way; a rollout is played that way, its calls revealed to the real tools and its reward earned from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from string import ascii_uppercase, digits
from typing import Any

from envs.messages import Observation, ToolCall, Turn
from envs.tasks.task import Task
from policies.agent import Agent
from toolservers.result import ToolResult

NAME = re.compile(r"(?!yes$|no$).*[^\W\d_A-Z].*", re.DOTALL)  # spelled with small letters, and no answer word
CODE = re.compile(r"(?=.*[A-Z].*[A-Z])[A-Z0-9]{3,}([.-][A-Z0-9]+)*")
WORDS = (1, 1, 2, 2, 2, 3, 4)
JOINTS = (" ", " ", " ", " ", "-", "/", ", ", " & ", " of ", "_")
ONSETS = (*"bcdfghjklmnprstvwyz", "br", "ch", "gr", "kl", "pr", "sh", "st", "th", "tr", "ll", "nn")
VOWELS = (*"aaeeiioouáéöü", "ai", "ea", "ou")


class Pseudonyms:
    """The invented names of one episode: the same name is replaced by the same pseudonym throughout."""

    def __init__(self, task: Task, rng: Random) -> None:
        self._rng = rng
        self._names: dict[str, str] = {}
        self._bearers: dict[str, str] = {}
        literals = [value for call in task.proof.calls for value in call.arguments.values() if isinstance(value, str)]
        self._kept = {literal for literal in literals if literal not in task.question}  # said in other words
        for literal in literals:
            self._rename(literal)

    def observation(self, observation: Observation) -> Observation:
        """What the policy is to read instead."""
        return replace(observation, question=_substitute(observation.question, self._names),
                       results=tuple(ToolResult(_mapped(result.output, self._rename), result.error, result.message)
                                     for result in observation.results))

    def turn(self, turn: Turn) -> Turn:
        """What a policy that knows the names would have written under pseudonyms."""
        return _retold(turn, self._names)

    def reveal(self, turn: Turn) -> Turn:
        """What a policy that knows the pseudonyms means by its turn: the inverse of `turn`."""
        return _retold(turn, self._bearers)

    def _rename(self, value: str) -> str:
        if value in self._kept or not (NAME.fullmatch(value) or CODE.fullmatch(value)):
            return value
        if value not in self._names:
            self._names[value] = self._unborne(value)
            self._bearers[self._names[value]] = value
        return self._names[value]

    def _unborne(self, value: str) -> str:
        """A pseudonym that nothing has yet: for a code, another of its form."""
        while True:
            found = self._code(value) if CODE.fullmatch(value) else self._invent()
            if found not in self._bearers:
                return found

    def _code(self, value: str) -> str:
        letters = (self._rng.choice(ascii_uppercase if sign.isalpha() else digits) if sign.isalnum() else sign
                   for sign in value)
        return "".join(letters)

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


class Incognito:
    """An agent that plays under pseudonyms: it reads them, and what it writes is revealed to the environment."""

    def __init__(self, agent: Agent, pseudonyms: Pseudonyms) -> None:
        self._agent = agent
        self._pseudonyms = pseudonyms

    async def act(self, observation: Observation) -> Turn | None:
        turn = await self._agent.act(self._pseudonyms.observation(observation))
        return None if turn is None else self._pseudonyms.reveal(turn)


def _retold(turn: Turn, names: Mapping[str, str]) -> Turn:
    calls = tuple(ToolCall(call.name, _mapped(call.arguments, lambda value: names.get(value, value)))
                  for call in turn.calls)
    return replace(turn, calls=calls, answer=None if turn.answer is None else _substitute(turn.answer, names))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """JSON data with every text changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    return [_mapped(item, change) for item in value] if isinstance(value, list) else value


def _substitute(text: str, names: Mapping[str, str]) -> str:
    """Every name in a text replaced, longer ones first: "New York" is not a new "York"."""
    pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True))
    return re.sub(pattern, lambda found: names[found[0]], text) if names else text
