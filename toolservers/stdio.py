"""The stdio transport: an MCP server in a child process, JSON-RPC lines over its pipes.

Requests share the pipes and are told apart by id. One task reads, for as long as the process lives. The child leads
a process group of its own, which is killed whole on close; our own server also dies if this process does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence

import orjson

from toolservers import episode
from toolservers.connection import DEFAULT_TIMEOUT
from toolservers.errors import ErrorKind, ToolError
from toolservers.rpc import MAX_REPLY_BYTES, Message, RpcConnection, garbage, parse_message

STARTUP = 300.0  # seconds; a first start builds the world
PATIENCE = 2.0  # seconds between hanging up, SIGTERM and SIGKILL
STDERR_LINES = 5  # kept for the error message
METHOD_NOT_FOUND = -32601


class StdioConnection(RpcConnection):
    """A `Connection` to a server that this process started."""

    def __init__(self, process: Process, timeout: float = DEFAULT_TIMEOUT, key: bytes | None = None) -> None:
        super().__init__(timeout, key)
        assert process.stdin and process.stdout and process.stderr
        self._process = process
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._pending: dict[int, asyncio.Future[Message]] = {}
        self._last_words: deque[str] = deque(maxlen=STDERR_LINES)
        self._end = ""  # why no call can be made any more
        self._closing: asyncio.Task[None] | None = None
        self._listener = asyncio.create_task(self._listen())
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls, command: Sequence[str], timeout: float = DEFAULT_TIMEOUT, startup: float = STARTUP,
    ) -> StdioConnection:
        """Starts `command`. Raises `ToolError` if it cannot be run or lists no tools within `startup` seconds."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=MAX_REPLY_BYTES, start_new_session=True)
        except OSError as error:
            raise ToolError(f"cannot start {command[0]}: {error}", ErrorKind.TRANSPORT) from error
        connection = cls(process, timeout, episode.shared_key())
        try:
            await connection.open(startup)
        except BaseException:
            await connection.aclose()
            raise
        return connection

    @classmethod
    async def serve(cls, domain: str, world: str | None = None, timeout: float = DEFAULT_TIMEOUT) -> StdioConnection:
        """Starts this project's server of one domain."""
        command = [sys.executable, "-m", "toolservers.server", domain, "--timeout", str(timeout)]
        return await cls.connect(command + (["--world", world] if world else []), timeout)

    def __str__(self) -> str:
        return f"server process {self.pid}"

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._process.pid

    async def _exchange(self, request: Message) -> Message:
        if self._end:
            raise ToolError(self._end, ErrorKind.TRANSPORT)
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending[request["id"]] = reply
        try:
            await self._notify(request)
            return await reply
        except asyncio.CancelledError:  # by the caller or by the time-out: the server may stop working on it
            self._write({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": request["id"]}})
            raise
        finally:
            del self._pending[request["id"]]

    async def _notify(self, notification: Message) -> None:
        self._write(notification)
        with contextlib.suppress(ConnectionError):  # the reader sees the end too, and knows more about it
            await self._stdin.drain()

    def _write(self, message: Message) -> None:
        if not self._stdin.is_closing():
            self._stdin.write(orjson.dumps(message) + b"\n")

    async def _read(self) -> None:
        """Hands each reply to the call that waits for it, until the process ends or stops speaking MCP."""
        try:
            while line := await self._stdout.readline():
                self._deliver(parse_message(line))
            self._finish(await self._obituary())
        except ToolError as error:
            self._finish(error.message)
        except ValueError:  # from readline
            self._finish(garbage(f"a line of over {MAX_REPLY_BYTES} bytes").message)

    def _deliver(self, message: Message) -> None:
        if "method" in message:
            if "id" in message:  # a request of the handshake era; this client offers nothing
                error = {"code": METHOD_NOT_FOUND, "message": "Method not found"}
                self._write({"jsonrpc": "2.0", "id": message["id"], "error": error})
            return
        reply = self._pending.get(message.get("id", 0))
        if reply and not reply.done():  # else it comes too late
            reply.set_result(message)

    def _finish(self, end: str) -> None:
        self._end = self._end or end
        for reply in self._pending.values():
            if not reply.done():
                reply.set_exception(ToolError(self._end, ErrorKind.TRANSPORT))
        self._stdin.close()

    async def _obituary(self) -> str:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
                await asyncio.wait([self._listener])
        words = "".join(f"; {line}" for line in self._last_words)
        return f"the server ended with status {self._process.returncode}{words}"[:1000]

    async def _listen(self) -> None:
        """Keeps the last lines of stderr; unread, a full pipe would stop the server."""
        while chunk := await self._stderr.read(65536):
            self._last_words.extend(chunk.decode(errors="replace").splitlines())

    async def aclose(self) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._finish("the connection is closed")
        for farewell in (None, signal.SIGTERM, signal.SIGKILL):
            if farewell:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, farewell)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), PATIENCE)
                break
        self._reader.cancel()
        self._listener.cancel()
        await asyncio.gather(self._reader, self._listener, return_exceptions=True)
