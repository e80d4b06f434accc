"""A server-sent event stream, parsed as its bytes arrive (WHATWG HTML, section 9.2: only `data` matters to MCP)."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a trailing "\r" may be half of a "\r\n": wait for the next byte


class EventStream:
    """Turns chunks of bytes, cut anywhere, into the `data` of each complete event."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The data of every event that `chunk` completes."""
        *lines, self._rest = LINE_END.split(self._rest + chunk)
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data = []
