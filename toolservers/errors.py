"""What can go wrong in a tool call, as a closed set of kinds that agents, environments and metrics share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import StrEnum


class ErrorKind(StrEnum):
    UNKNOWN_TOOL = "unknown_tool"
    """No tool of this name is on offer."""
    INVALID_ARGUMENTS = "invalid_arguments"
    """An argument is missing, unexpected, of the wrong type or out of range."""
    UNKNOWN_ENTITY = "unknown_entity"
    """The argument is well formed, but the world holds nothing by that name."""
    EXECUTION = "execution"
    """The computation itself has no answer for these arguments."""
    TIMEOUT = "timeout"
    """The call ran past its time limit."""
    TRANSPORT = "transport"
    """The server died, hung up or returned something that is not MCP."""


class ToolError(Exception):
    """A failure with a message for the agent: it names the parameter and says what to do instead."""

    def __init__(self, message: str, kind: ErrorKind = ErrorKind.EXECUTION) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def unknown_entity(parameter: str, value: str, known: Iterable[str] = ()) -> ToolError:
    """The error for a look-up that found nothing, with the nearest known names."""
    near = difflib.get_close_matches(value[:64], list(known), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return ToolError(f"{parameter}: nothing known as {value[:64]!r}{hint}", ErrorKind.UNKNOWN_ENTITY)
