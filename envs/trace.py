"""A trace as text: what a person reads who watches an episode."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from envs.messages import Observation, Turn

MAX_RESULT_CHARS = 2_000


def render(trace: Iterable[Turn | Observation]) -> str:
    """One block a message: the question, `>` before what the policy says, `<` before what it gets."""
    return "\n".join(line for message in trace for line in lines(message))


def lines(message: Turn | Observation) -> list[str]:
    """The lines of one message."""
    if isinstance(message, Turn):
        return _turn(message)
    if message.results:
        return [f"< {shorten(result.text)}" for result in message.results]
    return [f"? {message.question}", f"  ({len(message.tools)} tools)"] if message.question else []


def _turn(turn: Turn) -> list[str]:
    calls = [f"> {call.name} {written(call.arguments)}" for call in turn.calls]
    answer = [] if turn.answer is None else [f"= {shorten(turn.answer)}"]
    return [*calls, *answer, *([f"! {turn.malformed}"] if turn.malformed else [])]


def written(arguments: Mapping[str, Any]) -> str:
    """Arguments as JSON, or as Python writes them if they are not JSON data."""
    try:
        return shorten(json.dumps(arguments, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return shorten(repr(arguments))


def shorten(text: str) -> str:
    """`text`, cut where it is longer than a screen."""
    return text if len(text) <= MAX_RESULT_CHARS else f"{text[:MAX_RESULT_CHARS]}… ({len(text)} characters)"
