"""Toy servers as processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOY_SERVER = [sys.executable, str(Path(__file__).with_name("toy_server.py"))]


@dataclass
class ServerProcess:
    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def http_server(timeout: float = 10.0, **environment: str) -> Iterator[ServerProcess]:
    """A toy HTTP server. Its socket listens before it runs, so whoever connects early waits instead of failing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = subprocess.Popen([*TOY_SERVER, str(timeout), str(listening.fileno())],
                                   pass_fds=[listening.fileno()], env={**os.environ, **environment})
        port = listening.getsockname()[1]
    try:
        yield ServerProcess(f"http://127.0.0.1:{port}/mcp", process)
    finally:
        process.kill()
        process.wait()
