"""Noun phrases: how a question names a value without showing it, by nesting what the tools say about their outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from envs.dive.evidence import Evidence
from envs.tasks.expression import Ref, references
from envs.tasks.proof import Argument, Call
from toolservers.tool import OutputField, Parameter, Tool

SLOT = re.compile(r"\{(\w+)\}")
OPTIONAL = re.compile(r"\[([^\]]*)\]")
TITLE = re.compile(r"\bthe (?:(?!of |the |in )[\w-]+ ){0,3}(?:bank|BIC|city|code|company|country|currency|domain|"
                   r"exchange|IBAN|index|industry|ISIN|key|prices|series|stock|ticker|zone) $")
"""What a phrase puts before a name ("the exchange {exchange}"), and a nested phrase brings along itself."""
BEFORE = re.compile(r"(^|\b(after|and|are|as|at|before|between|border|by|cover|for|from|hold|in|is|loses|of|on|over|"
                    r"paying|receiving|rounding|subtracting|than|that|to|use|where|whether|which|with) )$")
AFTER = re.compile(r"(,|$|\s(a year|after|against|and|as|at|before|between|by|compounded|due|expiring|expressed|for|"
                   r"from|has|have|in|is|makes|maturing|of|on|over|repays|rounded|runs|takes|than|that|to|traded|was|were|when|"
                   r"where|with)\b)")
"""A nested phrase reads well only between these words: not in "a {window}-day mean" or "in {year} prices"."""
TANGLED = re.compile(r" (from|to|and|over|between|maturing) ")
"""Words of a nested phrase that the rest of the outer phrase could be taken to continue."""
SIZE = re.compile(r"\ban? (?:[\w-]+ ){1,4}(?=of $)")
"""What a phrase puts before a figure: "at a rate of 5%", but "at a rate equal to the inflation of 2020"."""
ARTICLE = re.compile(r"(United (States|Kingdom|Arab Emirates)|U\.S\..*|Netherlands|Philippines|Bahamas|Gambia|Maldives|"
                     r"Seychelles|Comoros|Vatican|(Democratic )?Republic of .*|.*(Islands?|Republic|Territor(y|ies)))$")
"""Countries that take an article inside a sentence."""
SYMBOLS = {"%": "%", "km²": " km²", "km": " km", "kg": " kg", "°C": " °C"}
"""How the unit of a parameter is written behind a literal, unless the phrase says it in words."""
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


def plural(word: str) -> str:
    """More than one of them: "countries", "days", "market series"."""
    if word.endswith("index"):
        return word.removesuffix("ex") + "ices"
    if word.endswith("series"):
        return word
    return word.removesuffix("y") + "ies" if word.endswith("y") and not word.endswith("day") else word + "s"


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
        said = self._say(call, name) if self._say else None
        argument = call.arguments.get(name, tool.parameters[name].default)
        if said is None and not isinstance(argument, Ref | tuple):
            return before + literal(argument, tool.parameters[name], before + after)
        tangled = said is None and TANGLED
        said = said or self._described(argument)
        if titled := TITLE.search(before):
            return before[:titled.start()] + said
        joined = " and " in said and after.startswith(" and ")  # "between A and B and C"
        unclear = joined or bool(after and tangled and tangled.search(said))
        if unclear or not BEFORE.search(before) or not AFTER.match(after):
            raise ClumsyError(f"{said!r} does not fit between {before!r} and {after!r}")
        return (before.removesuffix("of ") + "equal to " if SIZE.search(before) else before) + said

    def _differs(self, tool: Tool, call: Call, name: str) -> bool:
        parameter = tool.parameters[name]
        return name in call.arguments and (parameter.required or call.arguments[name] != parameter.default)

    def _described(self, argument: Argument) -> str:
        return listed([self.of(ref) for ref in references(argument)])


def literal(value: Any, parameter: Parameter, around: str) -> str:
    """A literal argument within a sentence: with its unit, an article or quotation marks where it needs them."""
    said = written(value)
    if parameter.entity == "country" and ARTICLE.match(said):
        return f"the {said}"
    if parameter.entity == "cpi_item":  # "Distilled spirits, excluding whiskey, at home"
        return f'"{said}"'
    symbol = SYMBOLS.get(parameter.unit, "")
    return said + symbol if isinstance(value, int | float) and not (symbol == "%" and "percent" in around) else said


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
    """"A, B and C"; with semicolons if an item holds a comma of its own."""
    if any("," in item for item in items) and len(items) > 1:
        return "; ".join((*items[:-1], f"{last} {items[-1]}"))
    return f" {last} ".join(filter(None, (", ".join(items[:-1]), items[-1])))
