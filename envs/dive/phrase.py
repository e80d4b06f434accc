"""Noun phrases: how a question names a value without showing it, by nesting what the tools say about their outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from envs.dive.evidence import Evidence
from envs.tasks.expression import Ref
from envs.tasks.proof import Argument, Call
from toolservers.tool import OutputField, Parameter, Tool

SLOT = re.compile(r"\{(\w+)\}")
OPTIONAL = re.compile(r"\[([^\]]*)\]")
WORDS = {
    "mic": "market", "bic": "BIC", "isin": "ISIN", "cik": "CIK", "iban": "IBAN", "ticker": "stock", "date": "day",
    "timezone": "time zone", "cpi_item": "item",
}
Say = Callable[[Call, str], str | None]
"""Overrides how one argument is said; None leaves it as it is."""


def entity_word(entity: str) -> str:
    """What people call a thing of this type: "country", "time zone", "day"."""
    return WORDS.get(entity, entity.replace("_", " "))


def field_of(tool: Tool, ref: Ref) -> OutputField:
    return tool.fields[str(ref.path[0])]


class Phrases:
    """Names values of an evidence."""

    def __init__(self, evidence: Evidence, tools: Mapping[str, Tool], say: Say | None = None) -> None:
        self._steps, self._tools, self._say = evidence.steps, tools, say

    def of(self, ref: Ref) -> str:
        """The noun phrase of an output field. Raises KeyError if its tool gives it no noun."""
        call = self._steps[ref.call].call
        tool = self._tools[call.tool]
        noun = field_of(tool, ref).noun
        if noun is None:
            raise KeyError(f"{tool.name}.{ref.path[0]} has no noun phrase")
        return self._fill(noun.phrase, tool, call)

    def _fill(self, phrase: str, tool: Tool, call: Call) -> str:
        def optional(match: re.Match[str]) -> str:
            return match[1] if all(self._differs(tool, call, name) for name in SLOT.findall(match[1])) else ""

        return SLOT.sub(lambda match: self._slot(match[1], tool, call), OPTIONAL.sub(optional, phrase))

    def _differs(self, tool: Tool, call: Call, name: str) -> bool:
        parameter = tool.parameters[name]
        return name in call.arguments and (parameter.required or call.arguments[name] != parameter.default)

    def _slot(self, name: str, tool: Tool, call: Call) -> str:
        said = self._say(call, name) if self._say else None
        parameter = tool.parameters[name]
        return said or self._argument(call.arguments.get(name, parameter.default), parameter)

    def _argument(self, argument: Argument, parameter: Parameter) -> str:
        if isinstance(argument, Ref):
            return self.of(argument)
        if isinstance(argument, tuple):
            return listed([self.of(ref) for ref in argument])
        return written(argument)


def written(value: Any) -> str:
    """A literal as people write it: no trailing zeros, lists in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, list | tuple):
        return listed([written(item) for item in value])
    return str(value)


def listed(items: list[str], last: str = "and") -> str:
    """"A, B and C"."""
    return f" {last} ".join(filter(None, (", ".join(items[:-1]), items[-1])))
