"""The renderer: the one place where messages become tokens and sampled tokens become messages.

Text is tokenized once. Each method gives the ids of *one* message, and a trajectory is their concatenation, so the
context of a turn always extends the context of the turn before it.

The compact dialect, for models trained from scratch:

    <|tools|>fx_rate(currency,on)rate
    country_capital(country)capital<|user|>What is the capital of Japan?<|assistant|>
    <|call|>country_capital(country="Japan")<|end|>
    <|result|>{"capital":"Tokyo"}<|assistant|>
    <|answer|>Tokyo<|end|>

A turn holds one or more calls, which run in parallel, or one answer. Values are JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from envs.messages import Observation, ToolCall, Turn
from policies.tokenizer import CompactTokenizer, Mark
from toolservers.connection import ToolSpec

MAX_RESULT_CHARS = 600
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DECODER = json.JSONDecoder()


class Renderer(Protocol):
    """Messages to ids and back, for one family of models."""

    stop: frozenset[int]
    """Ids that end an assistant turn."""

    def prompt(self, observation: Observation) -> list[int]:
        """The tools and the question, up to where the assistant begins."""

    def results(self, observation: Observation) -> list[int]:
        """The tool results of a turn, up to where the assistant goes on."""

    def turn(self, turn: Turn) -> list[int]:
        """An assistant turn with its end: what an ideal policy would have sampled."""

    def parse(self, ids: Sequence[int]) -> Turn:
        """The turn behind sampled ids; never raises: what cannot be read is a `malformed` turn that says why."""


class DialectError(ValueError):
    """A call that is not written in the compact dialect."""


class CompactRenderer:
    """The compact dialect over a `CompactTokenizer`."""

    def __init__(self, tokenizer: CompactTokenizer) -> None:
        self.tokenizer = tokenizer
        self.stop = frozenset({tokenizer[Mark.END]})

    def prompt(self, observation: Observation) -> list[int]:
        tools = "\n".join(signature(tool) for tool in observation.tools)
        return [*self._segment(Mark.TOOLS, tools), *self._segment(Mark.USER, observation.question),
                self.tokenizer[Mark.ASSISTANT]]

    def results(self, observation: Observation) -> list[int]:
        segments = (self._segment(Mark.RESULT, result.text[:MAX_RESULT_CHARS]) for result in observation.results)
        return [*(token for segment in segments for token in segment), self.tokenizer[Mark.ASSISTANT]]

    def turn(self, turn: Turn) -> list[int]:
        if turn.answer is not None:
            body = self._segment(Mark.ANSWER, turn.answer)
        else:
            body = [token for call in turn.calls for token in self._segment(Mark.CALL, write_call(call))]
        return [*body, self.tokenizer[Mark.END]]

    def parse(self, ids: Sequence[int]) -> Turn:
        if not ids or ids[-1] not in self.stop:
            return Turn(malformed="the turn does not end")
        segments = self._split(ids[:-1])
        if len(segments) == 1 and segments[0][0] == Mark.ANSWER:
            return Turn(answer=segments[0][1])
        if not segments or any(mark != Mark.CALL for mark, _ in segments):
            return Turn(malformed="a turn is one or more calls, or one answer")
        try:
            return Turn(calls=tuple(read_call(text) for _, text in segments))
        except DialectError as error:
            return Turn(malformed=str(error))

    def _segment(self, mark: Mark, text: str) -> list[int]:
        return [self.tokenizer[mark], *self.tokenizer.encode(text)]

    def _split(self, ids: Sequence[int]) -> list[tuple[Mark | None, str]]:
        """(mark, text) for each mark in `ids`; text before the first mark comes with None."""
        marks = {self.tokenizer[mark]: mark for mark in Mark}
        starts = [i for i, token in enumerate(ids) if token in marks]
        if not starts or starts[0] > 0:
            return [(None, self.tokenizer.decode(ids))]
        ends = [*starts[1:], len(ids)]
        return [(marks[ids[a]], self.tokenizer.decode(ids[a + 1:b])) for a, b in zip(starts, ends, strict=True)]


def signature(tool: ToolSpec) -> str:
    """`name(required parameters)output fields`, in declared order."""
    outputs = ",".join((tool.output_schema or {}).get("properties", {}))
    return f"{tool.name}({','.join(tool.input_schema.get('required', ()))}){outputs}"


def write_call(call: ToolCall) -> str:
    """`name(parameter=JSON,...)`."""
    arguments = (f"{name}={orjson.dumps(value).decode()}" for name, value in call.arguments.items())
    return f"{call.name}({','.join(arguments)})"


def read_call(text: str) -> ToolCall:
    """The inverse of `write_call`. Raises DialectError that quotes what could not be read."""
    name = _NAME.match(text)
    if name is None or text[name.end():name.end() + 1] != "(":
        raise DialectError(f"not a call: {text[:60]!r}")
    arguments: dict[str, Any] = {}
    at = name.end() + 1
    while text[at:] != ")":
        key, value, at = _read_argument(text, at)
        if key in arguments:
            raise DialectError(f"{key} is given twice")
        arguments[key] = value
    return ToolCall(name.group(), arguments)


def _read_argument(text: str, at: int) -> tuple[str, Any, int]:
    key = _NAME.match(text, at)
    if key is None or text[key.end():key.end() + 1] != "=":
        raise DialectError(f"expected parameter=value or ) at {text[at:at + 40]!r}")
    try:
        value, end = _DECODER.raw_decode(text, key.end() + 1)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DialectError(f"{key.group()}: not a JSON value: {text[key.end() + 1:][:40]!r}") from error
    if text[end:end + 1] == "," and text[end + 1:end + 2] != ")":
        return key.group(), value, end + 1
    if text[end:] != ")":
        raise DialectError(f"expected , or ) at {text[end:end + 40]!r}")
    return key.group(), value, end
