"""The outcome of one tool call, the same object and the same text behind every transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from toolservers.errors import ErrorKind, ToolError


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Either the tool's output (a JSON object) or a typed failure."""

    output: dict[str, Any] | None
    error: ErrorKind | None = None
    message: str = ""

    @classmethod
    def failure(cls, error: ToolError) -> ToolResult:
        return cls(None, error.kind, error.message)

    @property
    def ok(self) -> bool:
        return self.error is None

    @property
    def text(self) -> str:
        """Compact JSON, keys in declared order: what an agent reads and what every transport carries."""
        body = self.output if self.ok else {"error": str(self.error), "message": self.message}
        return orjson.dumps(body).decode()

    @classmethod
    def parse(cls, text: str, is_error: bool) -> ToolResult:
        """The result behind `text`. Raises `ToolError` (transport) if `text` was not written by `ToolResult.text`."""
        try:
            body = orjson.loads(text)
            if not is_error:
                return cls(dict(body))
            return cls(None, ErrorKind(body["error"]), str(body["message"]))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise ToolError(f"the server returned garbage: {text[:200]!r}", ErrorKind.TRANSPORT) from error
