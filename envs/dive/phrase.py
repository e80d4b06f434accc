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
TITLE = re.compile(r"\bthe (?:(?!of |the |in )[\w-]+ ){0,3}(?:bank|BIC|city|code|company|country|currency|domain|"
                   r"exchange|IBAN|index|industry|ISIN|key|prices|series|stock|ticker|zone) $")
"""What a phrase puts before a name ("the exchange {exchange}"), and a nested phrase brings along itself."""
BEFORE = re.compile(r"(^|\b(after|and|as|at|before|between|border|by|cover|for|from|hold|in|is|of|on|over|paying|"
                    r"receiving|than|that|to|use|where|whether|which|with) )$")
AFTER = re.compile(r"(,|$|\s(after|against|and|as|at|before|between|by|compounded|due|expiring|expressed|for|from|has|"
                   r"have|in|is|makes|maturing|of|on|over|repays|rounded|runs|takes|than|to|was|were|when|where|with)\b)")
"""A nested phrase reads well only between these words: not in "a {window}-day mean" or "in {year} prices"."""
TANGLED = re.compile(r" (from|to|and|over|between|maturing) ")
"""Words of a nested phrase that the rest of the outer phrase could be taken to continue."""
WORDS = {
    "mic": "exchange", "bic": "BIC", "isin": "ISIN", "cik": "CIK", "iban": "IBAN", "ticker": "stock", "date": "day",
    "timezone": "time zone", "cpi_item": "item", "index": "stock index", "series": "market series",
}
Say = Callable[[Call, str], str | None]
"""Overrides how one argument is said; None leaves it as it is."""


class ClumsyError(ValueError):
    """These values cannot be nested in a phrase that a person would understand."""


def entity_word(entity: str) -> str:
    """What people call a thing of this type: "country", "time zone", "day"."""
    return WORDS.get(entity, entity.replace("_", " "))


def field_of(tool: Tool, ref: Ref) -> OutputField:
    """The output field that a reference points to."""
    return tool.fields[str(ref.path[0])]


class Phrases:
    """Names values of an evidence."""

    def __init__(self, evidence: Evidence, tools: Mapping[str, Tool], say: Say | None = None) -> None:
        self._steps, self._tools, self._say = evidence.steps, tools, say

    def of(self, ref: Ref) -> str:
        """The noun phrase of an output field. Raises ClumsyError if there is none that reads well."""
        call = self._steps[ref.call].call
        tool = self._tools[call.tool]
        noun = field_of(tool, ref).noun
        if noun is None:
            raise ClumsyError(f"{tool.name}.{ref.path[0]} has no noun phrase")
        return self._fill(noun.phrase, tool, call)

    def _fill(self, phrase: str, tool: Tool, call: Call) -> str:
        def optional(match: re.Match[str]) -> str:
            return match[1] if all(self._differs(tool, call, name) for name in SLOT.findall(match[1])) else ""

        said, pieces = "", SLOT.split(OPTIONAL.sub(optional, phrase))
        for place in range(1, len(pieces), 2):
            said = self._join(said + pieces[place - 1], pieces[place], "".join(pieces[place + 1:place + 2]), tool, call)
        return said + pieces[-1]

    def _join(self, before: str, name: str, after: str, tool: Tool, call: Call) -> str:
        """The phrase up to and with the slot `name`."""
        said = self._slot(name, tool, call)
        if not said.startswith(("the ", "that ")):
            return before + said
        if titled := TITLE.search(before):
            return before[:titled.start()] + said
        if not BEFORE.search(before) or not AFTER.match(after) or (after and TANGLED.search(said)):
            raise ClumsyError(f"{said!r} does not fit between {before!r} and {after!r}")
        return before + said

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
